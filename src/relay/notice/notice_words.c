/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_words.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text_time.h"
#include "catalog/cause_paper.h"
#include "catalog/words.h"
#include "explain/explain.h"
#include "mail/mailbox.h"
#include "relay/copies.h"
#include "relay/login_told.h"
#include "relay/notice/notice_text.h"
#include "relay/own_route.h"

enum { COLUMNS = 72 };

struct words {
	const struct notice_about *x;
	struct arena *a;
	struct paper paper;
	bool *told; /* of each mark */
	char id[STORE_ID_TEXT];
};

static const struct store_rcpt *rcpt_of(const struct words *w, size_t i)
{
	return &w->x->m->rcpts[w->x->marks[i]->rcpt];
}

static const char *z(struct words *w, struct str s)
{
	return arena_str(w->a, s).p;
}

static const char *time_words(struct words *w, int64_t ms)
{
	char text[TEXT_MAIL_DATE_BYTES];
	return arena_strdup(w->a, text_mail_date(ms / 1000, text));
}

/* word: of all, "all", or "any" behind a "not". */
static const char *how_many(struct words *w, const char *word)
{
	size_t n = w->x->n, all = w->x->m->nrcpts;
	if (n == 1 && all == 1)
		return z(w, rcpt_of(w, 0)->address);
	if (n == all)
		return arena_printf(w->a, "%s of its %zu recipients", word, all);
	return arena_printf(w->a, "%zu of its %zu recipients", n, all);
}

/* What came behind the dots of those that are in doubt. */
static const char *answer(const struct words *w)
{
	unsigned code = 0;
	for (size_t i = 0; i < w->x->n && !code; i++)
		if (w->x->marks[i]->state != STORE_REFUSED)
			code = w->x->marks[i]->code;
	return copies_answer(code);
}

/* Some did not get it, of others nobody knows. */
static const char *failed_in_part(struct words *w, size_t unsure)
{
	return arena_printf(w->a,
			    "Your message did not reach %zu of its %zu recipients, and whether it reached "
			    "%zu more is not certain: it may have arrived there, as it says below.",
			    w->x->n - unsure, w->x->m->nrcpts, unsure);
}

static const char *failed(struct words *w)
{
	size_t unsure = 0;
	for (size_t i = 0; i < w->x->n; i++)
		unsure += notice_copies(w->x, i) > 0;
	if (unsure && unsure == w->x->n)
		return arena_printf(w->a,
				    "Your message may have reached %s, or not: all of it went out, and %s "
				    "came. Ask whether it arrived before you send it again.",
				    how_many(w, "all"), answer(w));
	return unsure ? failed_in_part(w, unsure)
		      : arena_printf(w->a, "Your message did not reach %s.", how_many(w, "any"));
}

/* The text is one for all of them: who cannot get it of one, cannot of the others. */
static const char *delayed(struct words *w)
{
	int64_t until = rcpt_of(w, 0)->expires_ms;
	for (size_t i = 0; i < w->x->n; i++)
		if (notice_is_own_copy(w->x->marks[i]))
			return arena_printf(
				w->a,
				"Your message has not reached %s, and most likely will not: it was "
				"damaged on the relay's disk. Send it again.",
				how_many(w, "any"));
	return arena_printf(w->a,
			    "Your message has not yet reached %s. Do not send it again: it is kept, and "
			    "tried until %s.",
			    how_many(w, "any"), until == STORE_NEVER ? "it succeeds" : time_words(w, until));
}

static const char *outcome(struct words *w)
{
	switch (w->x->kind) {
	case NOTICE_DELAYED:
		return delayed(w);
	case NOTICE_DOUBT:
		return arena_printf(
			w->a,
			"Your message may have reached %s already, or not: all of it went out, and %s came. "
			"So that nobody gets two, it is not sent again by itself. Ask whether it "
			"arrived; "
			"if it did not, who runs the relay sends it again: postrider queue retry %s",
			how_many(w, "all"), answer(w), store_id_text(w->x->m->id, w->id));
	case NOTICE_RELAYED:
		return arena_printf(w->a,
				    "Your message was handed over for %s. The server that took it does not "
				    "report what comes of it: this is no proof that it arrived.",
				    how_many(w, "all"));
	default:
		return failed(w);
	}
}

static void about(struct words *w)
{
	const struct store_message *m = w->x->m;
	struct paper_lead lead = { "Subject:", 10, PAPER_PLAIN };
	char id[STORE_ID_TEXT];
	paper_space(&w->paper);
	if (m->subject.len)
		paper_item(&w->paper, 2, lead, z(w, m->subject));
	lead.text = "Taken:";
	paper_item(&w->paper, 2, lead,
		   arena_printf(w->a, "%s by %s as %s", time_words(w, m->arrived_ms), w->x->hostname,
				store_id_text(m->id, id)));
}

static bool same_cause(const struct words *w, size_t i, size_t k)
{
	const struct store_mark *a = w->x->marks[i], *b = w->x->marks[k];
	if (!notice_copies(w->x, i) != !notice_copies(w->x, k))
		return false;
	if (a->finding.len)
		return a->state == b->state && str_equal(a->finding, b->finding);
	return !b->finding.len && a->state == b->state && str_equal(a->reply, b->reply);
}

/* "you@example.com" and beneath it who said what. */
static void one_recipient(struct words *w, size_t i)
{
	const struct store_mark *k = w->x->marks[i];
	const char *said = notice_reply(w->a, k);
	const char *server = notice_server(w->a, k);
	paper_text(&w->paper, 2, PAPER_PLAIN, z(w, rcpt_of(w, i)->address));
	bool ended = notice_is_given_up(k);
	unsigned copies = notice_copies(w->x, i);
	if (copies)
		paper_text(&w->paper, 6, PAPER_PLAIN,
			   arena_printf(w->a, "All of it went out, and %s came: %s.", copies_answer(k->code),
					copies_words(w->a, copies)));
	if (ended)
		paper_text(&w->paper, 6, PAPER_PLAIN,
			   arena_printf(w->a, "An administrator ended it: " STR_FMT, STR_ARG(k->why)));
	if (!*said || (ended && !k->reply.len) || notice_is_own_copy(k))
		return; /* the cause says it better */
	paper_text(&w->paper, 6, PAPER_PLAIN,
		   !*server ? "Because:" : arena_printf(w->a, "%s said%s:", server, ended ? " last" : ""));
	paper_text(&w->paper, 6, PAPER_PLAIN, said);
}

static size_t recipients(struct words *w, size_t first)
{
	size_t shown = 0, left = 0;
	for (size_t i = first; i < w->x->n; i++) {
		if (w->told[i] || !same_cause(w, first, i))
			continue;
		w->told[i] = true;
		if (shown++ < NOTICE_WORDS_RCPTS)
			one_recipient(w, i);
		else
			left++;
	}
	if (left)
		paper_text(&w->paper, 2, PAPER_PLAIN,
			   arena_printf(w->a, "and %zu more; the second part of this report has them all",
					left));
	return shown;
}

static const char *expired(struct words *w, size_t i)
{
	int64_t minutes = (w->x->marks[i]->at_ms - w->x->m->arrived_ms + 30000) / 60000;
	int64_t hours = (minutes + 30) / 60;
	bool days = hours >= 48, few = minutes < 120;
	int64_t n = few ? minutes : days ? (hours + 12) / 24 : hours;
	if (notice_is_own_copy(w->x->marks[i]))
		return "The relay tried to read it until its time was over, and has given it up.";
	if (w->x->marks[i]->tries < 2)
		return arena_printf(w->a, "It waited here until its time was over, and is given up.");
	return arena_printf(w->a, "It was tried again and again for %lld %s, and is given up.",
			    n ? (long long)n : 1LL,
			    few    ? n > 1 ? "minutes" : "minute"
			    : days ? "days"
				   : "hours");
}

/* The cause the relay itself went by; else what the catalogue makes of the reply. */
static bool cause_of_mark(struct words *w, size_t i, struct cause *out)
{
	const struct store_mark *k = w->x->marks[i];
	const struct explain_hint hint = { .host = k->host.len ? z(w, k->host) : NULL,
					   .recipient = z(w, rcpt_of(w, i)->address),
					   .sender = z(w, w->x->m->reverse_path),
					   .author = mailbox_author(w->a, w->x->m->from),
					   .user = login_told_user(w->a, k->why),
					   .code = k->code };
	const char *said = notice_reply(w->a, k);
	struct explanation *x = arena_alloc(w->a, sizeof(*x));
	explain_text(w->a, str_of(*said ? said : "no reply"), &hint, x);
	const struct finding_entry *known = finding_entry_find(z(w, k->finding));
	const struct cause_fill fill = { notice_fill, notice_fill_command, x };
	const struct finding_entry *e = known ? known : x->meanings[0].entry;
	if (k->state == STORE_EXPIRED)
		e = cause_outlasted(e);
	x->meanings[0].entry = e; /* whose domain a place stands for goes by the finding */
	*out = cause_of(w->a, e, x->meanings[0].confidence, &fill);
	if (k->code)
		cause_guessed(w->a, out);
	return known || k->reply.len; /* an operator's reason needs no explanation */
}

/* What is to be done, as things stand.  The mark's lane is where it would go next. */
static void settle(struct words *w, size_t first, struct cause *c)
{
	const struct store_mark *k = w->x->marks[first];
	const bool sent = notice_copies(w->x, first) > 0;
	const struct own_route_case route = { .lane = rcpt_of(w, first)->lane,
					      .host = k->host,
					      .state = k->state,
					      .code = k->code,
					      .sent = sent };
	own_route_settle(w->a, &route, c);
	if (sent)
		cause_ended_in_doubt(w->a, c);
	else if (w->x->kind == NOTICE_FAILED)
		cause_given_up(w->a, c);
	else
		cause_under_way(w->a, c);
}

static void block(struct words *w, size_t first)
{
	const struct store_mark *k = w->x->marks[first];
	struct cause c;
	bool failed = w->x->kind == NOTICE_FAILED || w->x->kind == NOTICE_DELAYED;
	bool known = failed && cause_of_mark(w, first, &c);
	paper_space(&w->paper);
	if (known)
		paper_text(&w->paper, 0, PAPER_PLAIN,
			   k->code && words_is_guess(c.confidence)
				   ? arena_printf(w->a, "Perhaps: %s", c.title)
				   : c.title);
	recipients(w, first);
	if (k->state == STORE_EXPIRED && k->tries && !notice_is_given_up(k)) {
		paper_space(&w->paper);
		paper_text(&w->paper, 2, PAPER_PLAIN, expired(w, first));
	}
	if (!known)
		return;
	settle(w, first, &c);
	cause_paper_why(&w->paper, &c);
	cause_paper_to_do(&w->paper, &c);
}

const char *notice_words(const struct notice_about *x, struct arena *a)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		mem_out();
	struct words w = { x, a, paper_of(f, COLUMNS, false, false), arena_alloc(a, x->n * sizeof(bool)),
			   "" };
	paper_text(&w.paper, 0, PAPER_PLAIN, outcome(&w));
	about(&w);
	for (size_t i = 0; i < x->n; i++)
		if (!w.told[i])
			block(&w, i);
	paper_space(&w.paper);
	paper_text(&w.paper, 0, PAPER_PLAIN,
		   arena_printf(a, "%sThis report was made by the mail relay at %s.",
				x->kind == NOTICE_FAILED ? "Nothing more is tried for these recipients. "
							 : "",
				x->hostname));
	fclose(f);
	const char *out = arena_dup(a, text, size);
	free(text);
	return out;
}

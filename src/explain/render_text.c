/* SPDX-License-Identifier: Apache-2.0 */
/* The answer on a terminal: what it means first, then why, what to do, what it rests on. */
#include <stdint.h>
#include <string.h>

#include "catalog/cause_paper.h"
#include "explain/render_inner.h"
#include "explain/render_text.h"

enum {
	LINE_MAX = 160, /* columns of a line of --lines that is quoted */
	NAMES_MAX = 10, /* recipients listed under one cause; --verbose lists all */
	WHO_ROOM = 13
};

static void foot(struct explain_renderer *r, struct arena *a, const struct cause *c)
{
	paper_space(&r->paper);
	paper_text(&r->paper, 0, PAPER_DIM,
		   arena_printf(a, "Finding %s, class %s", c->entry->id, c->entry->class));
}

/* Which of several answers this is. */
static void which(struct explain_renderer *r, const struct answer *a)
{
	if (r->answers && !r->show.brief)
		paper_space(&r->paper);
	if (r->show.many && !r->show.brief && *a->name) {
		paper_text(&r->paper, 0, PAPER_BOLD, a->name);
	}
}

static void also(struct explain_renderer *r, const struct answer *a)
{
	struct paper_lead bullet = { "-", 2, PAPER_PLAIN };
	if (a->n < 2)
		return;
	cause_paper_section(&r->paper, "Also said in this text");
	for (size_t i = 1; i < a->n; i++)
		paper_item(&r->paper, 2, bullet,
			   arena_printf(a->arena, "%s: %s", a->items[i].cause.title,
					explain_text_clipped(a->arena,
							     explain_proof(a->arena, &a->items[i].x), 200)));
}

static void text_answer(struct explain_renderer *r, const struct answer *a)
{
	const struct answer_item *item = &a->items[0];
	explain_text_headline(&r->paper, answer_word(&item->x), item->cause.title);
	explain_text_cause(r, a->arena, &item->x, &item->cause);
	also(r, a);
	foot(r, a->arena, &item->cause);
}

static void original(struct explain_renderer *r, const struct answer *a)
{
	struct explain_row rows[EXPLAIN_ROWS_MAX];
	size_t n = explain_original(a->arena, a->mail, rows);
	for (size_t i = 0; i < n; i++)
		paper_item(&r->paper, 2, (struct paper_lead){ rows[i].lead, 12, PAPER_DIM },
			   explain_text_clipped(a->arena, rows[i].text, 300));
}

static void recipient_line(struct explain_renderer *r, struct arena *a, const struct dsn_recipient *x)
{
	bool bad = x->action == DSN_FAILED || x->action == DSN_ACTION_UNKNOWN;
	enum paper_style style = bad ? PAPER_BAD : x->action == DSN_DELAYED ? PAPER_ODD : PAPER_GOOD;
	struct paper_lead lead = { explain_action_words(x->action), WHO_ROOM, style };
	const char *line = *x->address ? x->address : "(the report does not say whom)";
	if (*x->original && strcmp(x->original, x->address) != 0)
		line = arena_printf(a, "%s (written to %s)", line, x->original);
	if (*x->status)
		line = arena_printf(a, "%s  %s", line, x->status);
	if (x->action == DSN_DELAYED && *x->will_retry_until)
		line = arena_printf(a, "%s, tried until %s", line, x->will_retry_until);
	paper_item(&r->paper, 2, lead, line);
}

static void recipients(struct explain_renderer *r, struct arena *a, const struct dsn_recipient *const *who,
		       size_t n)
{
	size_t most = r->show.verbose ? n : NAMES_MAX;
	for (size_t i = 0; i < n && i < most; i++)
		recipient_line(r, a, who[i]);
	if (n > most)
		paper_text(&r->paper, 2, PAPER_DIM,
			   arena_printf(a, "and %zu more; --verbose or --json lists all", n - most));
}

static void taken(struct explain_renderer *r, const struct answer *a)
{
	const struct dsn_recipient **who = arena_alloc(a->arena, (a->mail->n + 1) * sizeof(*who));
	size_t n = 0;
	for (size_t i = 0; i < a->mail->n; i++)
		if (!a->item_of || a->item_of[i] == a->n)
			who[n++] = &a->mail->v[i];
	if (!n)
		return;
	cause_paper_section(&r->paper, "Taken");
	recipients(r, a->arena, who, n);
}

static void mail_item(struct explain_renderer *r, const struct answer *a, const struct answer_item *item)
{
	paper_space(&r->paper);
	if (item->nwho)
		recipients(r, a->arena, item->who, item->nwho);
	paper_item(&r->paper, 2, (struct paper_lead){ a->n > 1 ? "because" : "cause", WHO_ROOM, PAPER_DIM },
		   item->cause.title);
	explain_text_cause(r, a->arena, &item->x, &item->cause);
	foot(r, a->arena, &item->cause);
}

static void bounce(struct explain_renderer *r, const struct answer *a)
{
	explain_text_headline(&r->paper, explain_mail_word(a), explain_bounce_sentence(a->arena, a->mail));
	original(r, a);
	for (size_t i = 0; i < a->n; i++)
		mail_item(r, a, &a->items[i]);
	taken(r, a);
}

/* What it is itself in one sentence; the room is for what it quotes. */
static void cover(struct explain_renderer *r, const struct answer *a)
{
	const struct cause *c = &a->items[0].cause;
	explain_text_headline(&r->paper, ANSWER_WELL, c->title);
	paper_text(&r->paper, 2, PAPER_PLAIN, c->why);
	foot(r, a->arena, c);
	cause_paper_section(&r->paper, "The quoted bounce");
	bounce(r, a->quoted);
}

static void no_bounce(struct explain_renderer *r, const struct answer *a)
{
	const struct answer_item *item = &a->items[0];
	explain_text_headline(&r->paper, ANSWER_WELL, item->cause.title);
	original(r, a);
	explain_text_cause(r, a->arena, &item->x, &item->cause);
	if (a->mail->kind == DSN_REPORT)
		taken(r, a);
	foot(r, a->arena, &item->cause);
}

/* --lines: the line, and in two lines what it means. */
static void short_answer(struct explain_renderer *r, const struct answer *a)
{
	const struct answer_item *item = &a->items[0];
	const struct finding_fix *fix = cause_fix(&item->cause, 0);
	paper_clip(&r->paper, 0, LINE_MAX, a->input);
	struct paper_lead lead = { explain_word(answer_word(&item->x)), 12,
				   explain_text_style(answer_word(&item->x)) };
	paper_item(&r->paper, 2, lead,
		   arena_printf(a->arena, "%s. %s", item->cause.title,
				cause_sure(a->arena, item->cause.confidence)));
	if (fix && item->x.refusal)
		paper_item(&r->paper, 2, (struct paper_lead){ "", 12, PAPER_PLAIN },
			   arena_printf(a->arena, "%s: %s", words_actor(fix->actor), fix->text));
}

static void brief(struct explain_renderer *r, const struct answer *a)
{
	struct paper wide = r->paper;
	const char *name = r->show.many && *a->name ? arena_printf(a->arena, "%s: ", a->name) : "";
	for (size_t i = 0; i < (a->mail ? a->n : 1); i++) {
		const struct answer_item *item = &a->items[i];
		const char *whom = item->nwho == 1  ? arena_printf(a->arena, "%s: ", item->who[0]->address)
				   : item->nwho > 1 ? arena_printf(a->arena, "%zu recipients: ", item->nwho)
						    : "";
		paper_clip(&wide, 0, UINT32_MAX,
			   arena_printf(a->arena, "%s%s%s (%s)", name, whom, item->cause.title,
					explain_who(&item->x, item->cause.actor)));
	}
	if (a->quoted)
		brief(r, a->quoted);
}

static void answer(struct explain_renderer *r, const struct answer *a)
{
	which(r, a);
	if (r->show.brief)
		brief(r, a);
	else if (r->show.lines && !r->show.verbose)
		short_answer(r, a);
	else if (!a->mail)
		text_answer(r, a);
	else if (a->quoted)
		cover(r, a);
	else if (explain_mail_word(a) == ANSWER_WELL)
		no_bounce(r, a);
	else
		bounce(r, a);
}

static void end(struct explain_renderer *r)
{
	(void)r;
}

const struct explain_form explain_form_text = { answer, explain_text_event, explain_text_log, end };

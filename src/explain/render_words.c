/* SPDX-License-Identifier: Apache-2.0 */
/* The words all renderers use. */

#include "explain/render_inner.h"

static const struct {
	const char *word, *class;
} words[ANSWER_WORDS] = {
	[ANSWER_WELL] = { "NO FAILURE", "word ok" },      [ANSWER_REFUSED] = { "REFUSED", "word failing" },
	[ANSWER_DELAYED] = { "PUT OFF", "word warning" }, [ANSWER_FAILED] = { "FAILED", "word failing" },
	[ANSWER_UNKNOWN] = { "UNKNOWN", "word unknown" },
};

const char *explain_word(enum answer_word w)
{
	return words[w].word;
}

const char *explain_word_class(enum answer_word w)
{
	return words[w].class;
}

static const struct {
	const char *retry, *words, *after_5xx; /* after a 5xx no mail server tries again (RFC 5321, 4.2.1) */
} tries[] = {
	{ "wait",
	  "Wait: a try some minutes or hours later usually passes by itself. Mail servers try again on their "
	  "own.",
	  "Send it again some minutes or hours later; that usually passes. The server refused for good (a "
	  "reply "
	  "of 5xx), so no mail server tries again on its own." },
	{ "later",
	  "Try again later, with growing pauses, as mail servers do on their own; if it does not pass, "
	  "somebody "
	  "has to act.",
	  "Send it again later; if it does not pass, somebody has to act. The server refused for good (a "
	  "reply of "
	  "5xx), so no mail server tries again on its own." },
};

const char *explain_retry_words(const struct explanation *x)
{
	if (!x->refusal)
		return "Nothing has to be tried again.";
	if (x->given_up && !z_eq(x->retry, "never"))
		return "Not by itself: the queue that had it has given it up. Send it again later; if it "
		       "does "
		       "not pass, somebody has to act.";
	if (x->not_taken && !z_eq(x->retry, "never"))
		return "Not by itself: it was not taken, and nothing keeps it. Send it again later; if it "
		       "does "
		       "not pass, somebody has to act.";
	for (size_t i = 0; i < ARRAY_LEN(tries); i++)
		if (z_eq(x->retry, tries[i].retry))
			return x->code / 100 == 5 ? tries[i].after_5xx : tries[i].words;
	return "Useless until something is changed: the same again will be refused again.";
}

static const char *const actors[ACTOR_COUNT] = {
	[ACTOR_USER] = "you",
	[ACTOR_IT_PROVIDER] = "your IT provider",
	[ACTOR_MAIL_ADMIN] = "the mail server's administrator",
	[ACTOR_RECIPIENT] = "the recipient",
	[ACTOR_NOBODY] = "nobody: wait",
};

const char *explain_actor(enum finding_actor a)
{
	return actors[a];
}

const char *explain_who(const struct explanation *x, enum finding_actor now)
{
	return !x->refusal && now == ACTOR_NOBODY ? "nobody" : actors[now];
}

const char *explain_proof(struct arena *a, const struct explanation *x)
{
	(void)a;
	return *x->text ? x->text : x->input;
}

const char *explain_said_by(struct arena *a, const struct explanation *x)
{
	struct strlist parts = { 0 };
	enum step step;
	const char *who = *x->provider_title ? x->provider_title : x->host;
	if (*x->step && step_of(x->step, &step))
		strlist_add(&parts, a, arena_printf(a, "at the step \"%s\"", words_step(step)));
	if (*x->provider_title && *x->host)
		who = arena_printf(a, "%s (%s)", x->provider_title, x->host);
	if (*who)
		strlist_add(&parts, a, arena_printf(a, "by %s", who));
	return parts.n ? arena_printf(a, "said %s", strlist_join(&parts, a, ", ")) : "";
}

const char *explain_action_words(enum dsn_action a)
{
	static const char *const names[DSN_ACTIONS] = {
		[DSN_ACTION_UNKNOWN] = "not told", [DSN_FAILED] = "failed",
		[DSN_DELAYED] = "delayed",         [DSN_DELIVERED] = "arrived",
		[DSN_RELAYED] = "handed over",     [DSN_EXPANDED] = "passed on",
	};
	return names[a];
}

static size_t row(struct explain_row *out, size_t n, const char *lead, const char *text)
{
	if (text && *text)
		out[n++] = (struct explain_row){ lead, text };
	return n;
}

size_t explain_original(struct arena *a, const struct dsn *d, struct explain_row out[EXPLAIN_ROWS_MAX])
{
	const struct dsn_original *o = &d->original;
	size_t n = 0;
	(void)a;
	n = row(out, n, "Subject", o->subject);
	n = row(out, n, "From", o->from);
	n = row(out, n, "To", o->to);
	n = row(out, n, "Date", *o->date ? o->date : d->arrival);
	n = row(out, n, "Message-ID", o->message_id);
	return row(out, n, d->kind == DSN_REPORT ? "Told by" : "Sent by", d->reporter);
}

static size_t count(const struct dsn *d, enum dsn_action action)
{
	size_t n = 0;
	for (size_t i = 0; i < d->n; i++)
		n += d->v[i].action == action;
	return n;
}

static void add_count(struct strlist *l, struct arena *a, size_t n, const char *what)
{
	if (n)
		strlist_add(l, a, arena_printf(a, "%zu %s", n, what));
}

static const char *one_recipient(struct arena *a, const struct dsn_recipient *r)
{
	const char *whom = *r->address ? arena_printf(a, "The mail to %s", r->address) : "The mail";
	if (r->action == DSN_DELAYED)
		return arena_printf(a, "%s is late; the server that wrote this goes on trying.", whom);
	if (r->action == DSN_FAILED || r->action == DSN_ACTION_UNKNOWN)
		return arena_printf(a, "%s was not delivered.", whom);
	return arena_printf(a, "%s was taken.", whom);
}

const char *explain_bounce_sentence(struct arena *a, const struct dsn *d)
{
	struct strlist l = { 0 };
	size_t failed = count(d, DSN_FAILED) + count(d, DSN_ACTION_UNKNOWN);
	size_t taken = count(d, DSN_DELIVERED) + count(d, DSN_RELAYED) + count(d, DSN_EXPANDED);
	if (!d->n)
		return "A mail was not delivered; the report does not say to whom.";
	if (d->n == 1)
		return one_recipient(a, &d->v[0]);
	add_count(&l, a, failed, "did not get the mail");
	add_count(&l, a, count(d, DSN_DELAYED), "will get it late or never: the server goes on trying");
	add_count(&l, a, taken, "taken");
	return arena_printf(a, "Of %zu recipients%s: %s.", d->n,
			    d->more ? " (and more that are not read)" : "", strlist_join(&l, a, ", "));
}

enum answer_word explain_mail_word(const struct answer *a)
{
	const struct dsn *d = a->mail;
	if (d->kind != DSN_REPORT || !a->items[0].x.refusal)
		return ANSWER_WELL;
	if (count(d, DSN_DELAYED) && !count(d, DSN_FAILED) && !count(d, DSN_ACTION_UNKNOWN))
		return ANSWER_DELAYED;
	return ANSWER_FAILED;
}

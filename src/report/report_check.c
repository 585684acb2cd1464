/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a check, or of a search for a server, from its evidence. */
#include <string.h>

#include "base/buf.h"
#include "check/discovery.h"
#include "check/discovery_words.h"
#include "check/render_words.h"
#include "report/report_inner.h"

struct case_of_check {
	struct making m;
	const struct evidence *ev;
	const struct verdict *v;
	const struct finding *root; /* NULL: nothing is wrong */
	const struct fact *target;  /* NULL none */
	const struct fact *main;    /* the deciding session; NULL none */
};

static int64_t at_ms(const struct case_of_check *c, long t_ms)
{
	return c->ev->started_s * 1000 + t_ms;
}

/* ---- facts */

static void fact(struct case_of_check *c, const char *name, const char *text)
{
	making_line(&c->m, &c->m.r->facts, name, text);
}

static void facts_of_target(struct case_of_check *c)
{
	const struct fact_target *t = &c->target->target;
	struct arena *a = c->m.r->arena;
	fact(c, "Asked", t->input);
	fact(c, "Server", t->host);
	fact(c, "Port", t->port ? arena_printf(a, "%ld", t->port) : "");
	fact(c, "Encryption", t->security);
	fact(c, "Provider", render_provider(c->v, true));
	fact(c, "Login name", t->user);
	fact(c, "Sender", t->from);
	fact(c, "Recipients", strlist_join(&t->to, a, ", "));
	fact(c, "Sending address", t->sending_ip);
	fact(c, "Introduces itself as", t->ehlo_name);
}

static void facts_of_case(struct case_of_check *c)
{
	struct arena *a = c->m.r->arena;
	const struct fact *connect =
		c->main ? evidence_in(c->ev, FACT_CONNECT, c->main->session, NULL) : NULL;
	fact(c, "Checked",
	     arena_printf(a, "%s, in %ld ms", making_time(&c->m, at_ms(c, 0)), c->ev->elapsed_ms));
	if (c->target)
		facts_of_target(c);
	if (connect)
		fact(c, "Connection",
		     arena_printf(a, "%s to %s port %ld", connect->connect.local_address,
				  connect->connect.address, connect->connect.port));
	if (c->root)
		fact(c, "Finding",
		     arena_printf(a, "%s (class %s)", c->root->entry->id, c->root->entry->class));
}

/* ---- what it rests on */

static void proof(struct case_of_check *c)
{
	for (size_t i = 0; c->root && i < c->root->nfacts; i++)
		making_line(&c->m, &c->m.r->proof, arena_printf(c->m.r->arena, "#%u", c->root->facts[i]->n),
			    render_fact(c->v, c->root->facts[i]));
}

static bool is_same_answer(const struct fact_dns *x, const struct fact_dns *y)
{
	bool same = !strcmp(x->name, y->name) && !strcmp(x->type, y->type) && !strcmp(x->status, y->status) &&
		    !strcmp(x->resolver, y->resolver) && x->answers.n == y->answers.n;
	for (size_t i = 0; same && i < x->answers.n; i++)
		same = !strcmp(x->answers.v[i], y->answers.v[i]);
	return same;
}

/* Asked for several purposes, told once. */
static bool is_told(const struct case_of_check *c, const struct fact *f)
{
	for (const struct fact *x = NULL; (x = evidence_next(c->ev, FACT_DNS, x)) && x != f;)
		if (is_same_answer(&x->dns, &f->dns))
			return true;
	return false;
}

static void dns_as_it_was(struct case_of_check *c)
{
	struct arena *a = c->m.r->arena;
	for (const struct fact *f = NULL; (f = evidence_next(c->ev, FACT_DNS, f));) {
		const struct fact_dns *d = &f->dns;
		if (is_told(c, f))
			continue;
		making_line(&c->m, &c->m.r->dns, arena_printf(a, "%s %s", d->name, d->type),
			    arena_printf(a, "%s%s%s (%s, %s%s)", d->status, d->answers.n ? ": " : "",
					 strlist_join(&d->answers, a, ", "),
					 making_time(&c->m, at_ms(c, f->t_ms)), d->resolver,
					 d->secure ? ", proved by DNSSEC" : ""));
	}
}

static void experiments(struct case_of_check *c)
{
	for (const struct fact *f = NULL; (f = evidence_next(c->ev, FACT_EXPERIMENT, f));) {
		const char *text = render_experiment(c->v, f);
		if (text)
			making_say(&c->m, &c->m.r->tried, text);
	}
}

static void transcript(struct case_of_check *c)
{
	CLEANUP(buf_clear) struct buf b = { .max = REPORT_TRANSCRIPT_MAX };
	bool whole = true;
	for (size_t i = 0; whole && i < c->ev->nlines; i++) {
		const struct transcript_line *l = &c->ev->lines[i];
		whole = buf_addf(&b, "%6ld ms %u %c %s\n", l->t_ms, l->session, l->dir, l->text);
	}
	struct str s = buf_str(&b);
	const char *text = redact_str(&c->m.redactor, s);
	c->m.r->transcript = whole ? text : arena_printf(c->m.r->arena, "%s... and more\n", text);
}

/* ---- what to ask */

/* The reply the finding rests on; else the last of the deciding session. */
static const struct fact *telling_reply(const struct case_of_check *c)
{
	const struct fact *last = NULL;
	for (size_t i = 0; c->root && i < c->root->nfacts; i++)
		if (c->root->facts[i]->kind == FACT_REPLY)
			return c->root->facts[i];
	for (const struct fact *f = NULL;
	     c->main && (f = evidence_in(c->ev, FACT_REPLY, c->main->session, f));)
		if (f->reply.code >= 400)
			last = f;
	return last;
}

/* "... [08DD05 2026-01-01T...]" or "... - gsmtp": what servers put behind their answers. */
static const char *id_in(struct arena *a, const char *reply)
{
	const char *open = strrchr(reply, '['), *close = open ? strchr(open, ']') : NULL;
	return close ? arena_dup(a, open + 1, (size_t)(close - open) - 1) : "";
}

static void question(struct case_of_check *c)
{
	const struct fact *reply = telling_reply(c);
	struct arena *a = c->m.r->arena;
	if (!reply || reply->reply.code < 400 || !c->target)
		return;
	const struct fact_target *t = &c->target->target;
	bool login = !strcmp(reply->reply.step, "auth") || !strcmp(reply->reply.step, "oauth");
	const struct question_case q = {
		.provider = render_provider(c->v, false),
		.host = t->host,
		.sender = login || !*t->from ? t->user : t->from,
		.recipient = *reply->reply.recipient ? reply->reply.recipient
			     : t->to.n               ? t->to.v[0]
						     : "",
		.message_id = "",
		.remote_id = id_in(a, reply->reply.text),
		.reply = arena_printf(a, "%ld %s", reply->reply.code, reply->reply.text),
		.from_ms = at_ms(c, 0),
		.to_ms = at_ms(c, c->ev->elapsed_ms),
		.login = login,
	};
	question_ask(&c->m, &q);
}

/* ---- the two kinds */

static void tell_check(struct case_of_check *c)
{
	struct report *r = c->m.r;
	struct arena *a = r->arena;
	r->about = redact(&c->m.redactor, render_target(c->v));
	r->word = render_word(c->v->word);
	r->class = verdict_word_name(c->v->word);
	r->summary = redact(&c->m.redactor, c->v->summary);
	if (c->root) {
		const struct cause cause = render_cause(c->v, c->root);
		making_cause(&c->m, &cause);
	}
	checklist_of_verdict(&c->m, c->v);
	question(c);
	letter_write(&c->m, arena_printf(a, "We checked %s at %s (UTC). The result: %s%s%s", r->about,
					 making_time(&c->m, at_ms(c, 0)), r->summary, r->cause ? " " : "",
					 r->cause ? r->cause->why : ""));
}

static void tell_search(struct case_of_check *c)
{
	struct report *r = c->m.r;
	struct arena *a = r->arena;
	CLEANUP(discovery_free) struct discovery *d = discovery_of(c->ev);
	r->about = redact(&c->m.redactor, arena_printf(a, "the server for %s", d->address));
	r->word = discovery_word(d);
	r->class = d->found ? "ok" : "failing";
	r->summary = redact(&c->m.redactor, d->summary);
	for (size_t i = 0; i < d->n; i++)
		making_say(&c->m, &r->tried,
			   arena_printf(a, "%s (%s): %s: %s", discovery_server(a, d->v[i].candidate),
					d->v[i].candidate->why, outcome_word(d->v[i].outcome),
					d->v[i].attempt->says));
	for (size_t i = 0; i < d->notes.n; i++)
		making_line(&c->m, &r->facts, "To know", d->notes.v[i]);
	checklist_of_search(&c->m, d);
	letter_write(&c->m,
		     arena_printf(a, "We looked for the server that %s sends through, at %s (UTC). %s.",
				  d->address, making_time(&c->m, at_ms(c, 0)), d->summary));
}

static const struct fact *deciding_session(const struct evidence *ev)
{
	const struct fact *f = evidence_session(ev, "main");
	return f ? f : evidence_next(ev, FACT_SESSION, NULL);
}

struct report *report_evidence(const struct evidence *ev, const struct report_options *o)
{
	CLEANUP(verdict_free) struct verdict *v = verdict_of(ev);
	struct case_of_check c = { .ev = ev, .v = v, .root = render_root(v) };
	making_begin(&c.m, o);
	c.target = evidence_next(ev, FACT_TARGET, NULL);
	c.main = deciding_session(ev);
	if (c.target)
		redact_know(&c.m.redactor, c.target->target.user);
	bool search = evidence_next(ev, FACT_CANDIDATE, NULL) != NULL;
	if (search)
		c.root = NULL;
	facts_of_case(&c);
	if (search)
		tell_search(&c);
	else
		tell_check(&c);
	proof(&c);
	dns_as_it_was(&c);
	experiments(&c);
	transcript(&c);
	return c.m.r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/text_time.h"
#include "batch/result_inner.h"

enum {
	FOUND_AFTER_MS = 600000, /* trails are found some hundredths of a second after a mail was taken */
	HELD_ROWS = 256,         /* looked up as of one moment */
};

struct place { /* of a line in the journal */
	uint64_t row;
	long offset;
};

struct making {
	struct journal *j;
	struct store *store;
	unsigned run; /* the last one */
	struct place *v;
	size_t n, room;
};

const char *result_state_name(enum store_state s)
{
	return s == STORE_NO_STATE ? "not-handed-over" : store_state_name(s);
}

const char *result_state(const struct result *r)
{
	return r->gone ? "unknown" : result_state_name(r->state);
}

/* ---- which lines count ---- */

static bool find_last_run(void *ctx, const struct journal_line *l, long offset)
{
	struct making *m = ctx;
	(void)offset;
	m->run = l->run > m->run ? l->run : m->run;
	return true;
}

/* What was not taken is told by the last run only: it tries all of them again. */
static bool keep_place(void *ctx, const struct journal_line *l, long offset)
{
	struct making *m = ctx;
	if (!l->id.len && l->run != m->run)
		return true;
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 1024;
		m->v = mem_grow(m->v, m->room, sizeof(*m->v));
	}
	m->v[m->n++] = (struct place){ l->row, offset };
	return true;
}

static int by_row(const void *ap, const void *bp)
{
	const struct place *a = ap, *b = bp;
	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* ---- one recipient ---- */

static const char *reply_of(struct arena *a, unsigned code, struct str reply)
{
	char digits[16];
	snprintf(digits, sizeof(digits), "%03u", code);
	const char *text = text_printable(a, reply);
	return !code || !strncmp(text, digits, 3) ? text : arena_printf(a, "%s %s", digits, text);
}

/* When all of it had gone out, and to whom: what to look for in the provider's trace. */
static void take_doubt(struct arena *a, const struct store_trail *t, uint32_t rcpt, struct result *r)
{
	const struct store_event *dot = NULL;
	char at[TEXT_TIME_BYTES];
	for (size_t i = 0; i < t->nevents; i++)
		if (t->events[i].rcpt == rcpt && t->events[i].dot)
			dot = &t->events[i];
	if (dot) {
		r->host = text_printable(a, dot->host);
		r->at_ms = dot->at_ms;
	}
	r->finding = "";
	r->why = arena_printf(a, "id %s, went out %s", r->id, text_time(r->at_ms / 1000, at));
	r->todo = arena_printf(
		a,
		"Ask the recipient, or look in the message trace of the provider%s%s for Message-ID "
		"%s at %s. Did it not arrive, postrider queue retry %s sends it again%s",
		*r->host ? " behind " : "", r->host, text_printable(a, t->message.message_id), at, r->id,
		r->asks ? arena_printf(a, "; did it, postrider queue cancel %s ends it.", r->id)
			: " at once.");
}

/* The last event with an answer is the proof; the state is the recipient's own. */
static const struct store_event *proof_of(const struct store_trail *t, uint32_t rcpt)
{
	const struct store_event *last = NULL;
	for (size_t i = 0; i < t->nevents; i++) {
		const struct store_event *v = &t->events[i];
		if (v->rcpt == rcpt && (v->code || v->reply.len || v->why.len || v->host.len))
			last = v;
	}
	return last;
}

static void take_proof(struct arena *a, const struct store_event *v, struct result *r, struct str *why)
{
	if (!v)
		return;
	r->code = v->code;
	r->reply = reply_of(a, v->code, v->reply);
	r->host = text_printable(a, v->host);
	r->remote_id = text_printable(a, v->remote_id);
	r->finding = text_printable(a, v->finding);
	r->at_ms = v->at_ms;
	*why = v->why;
}

static void take_trail(struct arena *a, const struct store_trail *t, struct result *r, struct str *why)
{
	for (size_t i = 0; i < t->message.nrcpts; i++) {
		const struct store_rcpt *c = &t->message.rcpts[i];
		if (!str_ieq(c->address, r->recipient))
			continue;
		r->state = c->state;
		r->code = 0;
		r->reply = "";
		r->asks =
			store_state_live(c->state) && c->next_ms == STORE_NEVER && c->state != STORE_SENDING;
		r->next_ms = store_state_live(c->state) && c->next_ms != STORE_NEVER ? c->next_ms : 0;
		r->finding = text_printable(a, c->finding);
		take_proof(a, proof_of(t, (uint32_t)i), r, why);
		if (c->state == STORE_IN_DOUBT)
			take_doubt(a, t, (uint32_t)i, r);
		return;
	}
}

/* ---- all of it ---- */

static void take_line(struct arena *a, const struct journal_line *l, struct result *r, struct str *why)
{
	*r = (struct result){ .row = l->row,
			      .recipient = arena_str(a, l->recipient).p,
			      .state = l->id.len ? STORE_QUEUED : STORE_NO_STATE,
			      .code = l->code,
			      .reply = l->code ? text_printable(a, l->words) : "",
			      .finding = "",
			      .todo = "",
			      .why = "",
			      .host = "",
			      .remote_id = "",
			      .id = arena_str(a, l->id).p,
			      .key = arena_str(a, l->key).p,
			      .at_ms = l->at_ms };
	*why = l->code ? STR_LIT("") : arena_str(a, l->words);
	if (l->id.len && l->code >= 400) /* this one of its recipients was not let in */
		r->state = STORE_NO_STATE;
	const char *listed = r->state == STORE_NO_STATE ? strstr(r->reply, SUPPRESSED_WORDS) : NULL;
	if (listed) {
		r->state = STORE_SUPPRESSED;
		*why = str_of(listed);
	}
}

/* False with *e: the store cannot be read. */
static bool make(struct making *m, struct arena *a, const struct journal_line *l, struct result *r,
		 struct err *e)
{
	struct str why;
	struct store_id id;
	struct store_trail t;
	take_line(a, l, r, &why);
	if (m->store && r->state == STORE_QUEUED && store_id_read(l->id, &id)) {
		int found = store_trail(m->store, id, a, &t, e);
		if (found < 0)
			return false;
		r->gone = !found && l->at_ms < (int64_t)time(NULL) * 1000 - FOUND_AFTER_MS;
		if (found)
			take_trail(a, &t, r, &why);
	}
	result_explain(a, r);
	if (!*r->why)
		r->why = text_printable(a, why);
	r->words = r->gone ? "the relay took it; what became of it then is not kept any more"
		   : !m->store && r->state == STORE_QUEUED
			   ? "the relay took it; this user may not read what became of it"
			   : result_words(a, r, why);
	return true;
}

/* ---- all of them ---- */

size_t results_live(const struct results_summary *s)
{
	size_t n = 0;
	for (unsigned i = 0; i < STORE_STATES; i++)
		n += store_state_live((enum store_state)i) ? s->count[i] : 0;
	return n;
}

static void count(struct results_summary *s, const struct result *r)
{
	size_t moving = results_live(s) - s->asks;
	s->n++;
	if (r->gone) {
		s->gone++;
		return;
	}
	size_t k = s->count[r->state]++;
	s->asks += r->asks;
	if (store_state_live(r->state) && !r->asks && (!moving || r->next_ms < s->next_ms))
		s->next_ms = r->next_ms;
	if (k >= RESULTS_EXAMPLES || !result_has_failed(r))
		return;
	struct results_example *x = &s->examples[r->state][k];
	snprintf(x->recipient, sizeof(x->recipient), "%s", *r->recipient ? r->recipient : "a row");
	snprintf(x->why, sizeof(x->why), "%s", r->why);
	if (!*r->recipient)
		snprintf(x->recipient, sizeof(x->recipient), "row %llu", (unsigned long long)r->row);
}

static bool tell_one(struct making *m, size_t i, const struct results_user *u, struct results_summary *out,
		     struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct journal_line l;
	struct result r;
	if (!journal_at(m->j, m->v[i].offset, &l, e) || !make(m, a, &l, &r, e))
		return false;
	count(out, &r);
	if (u && u->each)
		u->each(u->ctx, &r);
	return true;
}

static bool tell(struct making *m, const struct results_user *u, struct results_summary *out, struct err *e)
{
	bool told = true, hold = m->store && !(u && u->waits);
	for (size_t i = 0; i < m->n && told;) {
		size_t end = m->n - i < HELD_ROWS ? m->n : i + HELD_ROWS;
		if (hold)
			store_hold(m->store);
		while (i < end && told)
			told = tell_one(m, i++, u, out, e);
		if (hold)
			store_let_go(m->store);
	}
	return told;
}

bool results_make(struct journal *j, struct store *s, const struct results_user *u,
		  struct results_summary *out, struct err *e)
{
	struct making m = { .j = j, .store = s };
	*out = (struct results_summary){ 0 };
	bool made = journal_each(j, find_last_run, &m, e) && journal_each(j, keep_place, &m, e);
	if (made) {
		qsort(m.v, m.n, sizeof(*m.v), by_row);
		made = tell(&m, u, out, e);
	}
	free(m.v);
	return made;
}

bool results_wait(const struct results_summary *s, int64_t until_ms)
{
	return results_live(s) > s->asks && s->next_ms < until_ms;
}

bool results_well(const struct results_summary *s)
{
	size_t good = s->count[STORE_HANDED_OVER] + s->count[STORE_CONFIRMED] + s->count[STORE_QUEUED] +
		      s->count[STORE_SENDING];
	return good + s->gone == s->n;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a period: what failed or waits, by cause, most frequent first. */
#include <string.h>

#include "catalog/fill.h"
#include "catalog/words.h"
#include "report/report_inner.h"

/* In the order of how bad they are. */
static const enum store_state told[] = { STORE_REFUSED,    STORE_BOUNCED,  STORE_EXPIRED,
					 STORE_SUPPRESSED, STORE_IN_DOUBT, STORE_DELAYED };

struct counting {
	struct making m;
	struct report_cause *v;
	size_t n, total, left_out, looked;
};

static const struct finding_entry *entry_of(struct arena *a, struct str id)
{
	return id.len ? finding_entry_find(arena_dup(a, id.p, id.len)) : NULL;
}

static struct report_cause *cause_of_hit(struct counting *c, const struct store_hit *h)
{
	struct arena *a = c->m.r->arena;
	const char *state = store_state_name(h->state);
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(h->finding, c->v[i].id) && !strcmp(state, c->v[i].state))
			return &c->v[i];
	if (c->n == REPORT_CAUSES_MAX)
		return NULL;
	const struct finding_entry *f = entry_of(a, h->finding);
	const struct finding_fix *x = f ? words_fix(f, 0) : NULL;
	c->v[c->n] = (struct report_cause){ .state = state,
					    .title = f ? fill_defaults(a, f->title) : "no cause was recorded",
					    .id = arena_dup(a, h->finding.p, h->finding.len),
					    .actor = f ? words_actor(f->actor) : "",
					    .fix = x ? fill_defaults(a, x->text) : "",
					    .first_ms = h->changed_ms,
					    .last_ms = h->changed_ms };
	return &c->v[c->n++];
}

/* ", mx.example.com: 550 No such user"; "" no server said anything. */
static const char *said_by(struct arena *a, const struct store_hit *h)
{
	const char *code = h->code ? arena_printf(a, "%u ", h->code) : "";
	const char *host = h->host.len ? arena_printf(a, ", " STR_FMT, STR_ARG(h->host)) : "";
	return h->reply.len ? arena_printf(a, "%s: %s" STR_FMT, host, code, STR_ARG(h->reply)) : host;
}

/* A report's sender is empty, so that none is made of it in its turn (RFC 5321, 4.5.5). */
static const char *example(struct counting *c, const struct store_hit *h)
{
	struct arena *a = c->m.r->arena;
	const char *from = h->reverse_path.len ? arena_printf(a, STR_FMT, STR_ARG(h->reverse_path))
					       : "a report (without a sender)";
	const char *id =
		h->remote_id.len ? arena_printf(a, " (id there " STR_FMT ")", STR_ARG(h->remote_id)) : "";
	return arena_printf(a, "%s to " STR_FMT " at %s%s%s", from, STR_ARG(h->recipient),
			    making_time(&c->m, h->changed_ms), said_by(a, h), id);
}

static void count(struct counting *c, const struct store_hit *h)
{
	struct report_cause *x = cause_of_hit(c, h);
	c->total++;
	if (!x) {
		c->left_out++;
		return;
	}
	x->n++;
	x->first_ms = h->changed_ms < x->first_ms ? h->changed_ms : x->first_ms;
	x->last_ms = h->changed_ms > x->last_ms ? h->changed_ms : x->last_ms;
	if (x->examples.n < REPORT_EXAMPLES_MAX)
		making_say(&c->m, &x->examples, example(c, h));
}

static bool read_state(struct counting *c, struct store *s, struct store_query q, struct err *e)
{
	struct store_hits page = { 0 };
	do {
		CLEANUP(arena_free) struct arena *a = arena_new();
		if (!store_find(s, &q, a, &page, e))
			return false;
		for (size_t i = 0; i < page.n; i++)
			count(c, &page.v[i]);
		c->looked += page.n;
		q.cursor =
			page.cursor ? arena_str(c->m.r->arena, str_of(page.cursor)) : (struct str){ "", 0 };
	} while (q.cursor.len && c->looked < REPORT_ROWS_MAX);
	return true;
}

static void sort(struct counting *c)
{
	for (size_t i = 1; i < c->n; i++) {
		struct report_cause x = c->v[i];
		size_t at = i;
		for (; at && c->v[at - 1].n < x.n; at--)
			c->v[at] = c->v[at - 1];
		c->v[at] = x;
	}
}

static void tell_facts(struct counting *c)
{
	struct report *r = c->m.r;
	if (c->left_out)
		making_line(&c->m, &r->facts, "Further causes",
			    arena_printf(r->arena, "%zu recipients", c->left_out));
	if (c->looked >= REPORT_ROWS_MAX)
		making_line(&c->m, &r->facts, "Not all was looked at",
			    arena_printf(r->arena, "%zu recipients were; take a shorter period", c->looked));
	for (size_t i = 0; i < c->n; i++)
		making_line(&c->m, &r->facts, c->v[i].state,
			    arena_printf(r->arena, "%zu: %s", c->v[i].n, c->v[i].title));
}

static void tell_letter(struct counting *c, const char *from, const char *to)
{
	struct arena *a = c->m.r->arena;
	const struct report_cause *most = &c->v[0];
	const char *example =
		most->examples.n ? arena_printf(a, "For example: %s.", most->examples.v[0]) : "";
	letter_write(&c->m, arena_printf(a, "From %s to %s (UTC), %s. Most often (%zu of %zu): %s. %s", from,
					 to, c->m.r->summary, most->n, c->total, most->title, example));
}

static void tell(struct counting *c, int64_t since_ms, int64_t until_ms)
{
	struct report *r = c->m.r;
	struct arena *a = r->arena;
	const char *from = making_time(&c->m, since_ms), *to = making_time(&c->m, until_ms);
	r->about = arena_printf(a, "mail taken from %s to %s", from, to);
	r->word = c->total ? "FAILURES" : "NONE FAILED";
	r->class = c->total ? "failing" : "ok";
	r->summary =
		c->total ? arena_printf(a,
					"%zu recipients did not get their mail, or not yet, for %zu%s causes",
					c->total, c->n, c->left_out ? " or more" : "")
			 : "nothing was refused, bounced, put off or left in doubt";
	r->causes = c->v;
	r->ncauses = c->n;
	tell_facts(c);
	if (c->n)
		tell_letter(c, from, to);
}

struct report *report_period(struct store *s, int64_t since_ms, int64_t until_ms,
			     const struct report_options *o, struct err *e)
{
	struct counting c = { 0 };
	making_begin(&c.m, o);
	c.v = arena_alloc(c.m.r->arena, REPORT_CAUSES_MAX * sizeof(*c.v));
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		struct store_query q = {
			.state = told[i], .since_ms = since_ms, .until_ms = until_ms, .limit = STORE_FIND_MAX
		};
		if (!read_state(&c, s, q, e)) {
			report_free(&c.m.r);
			return NULL;
		}
	}
	sort(&c);
	tell(&c, since_ms, until_ms);
	return c.m.r;
}

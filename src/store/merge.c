/* SPDX-License-Identifier: Apache-2.0 */
/* A question for several states: one for all live ones and one for each that has ended, each by its own
 * index; and one for each form of an address.  Merged newest first: a recipient answers two of them only when
 * his state changed between them, and then the later answer counts.
 *
 * They share one cursor, the place in that order up to which all have been read: where one question stopped
 * early, nothing beyond its place is told yet. */
#include "store/merge.h"

#include <string.h>

#include "base/hex.h"
#include "store/query.h"
#include "store/store_ops.h"

struct part {
	struct store_hits hits;
	size_t at;
	struct store_cursor stop; /* where it goes on, if it has more */
};

enum { FORMS = 1 + STORE_FORMS_MAX, PARTS_MAX = STORE_STATES * FORMS * FORMS };

struct merge {
	struct part parts[PARTS_MAX];
	size_t n;
};

static bool ask(struct merge *m, struct store *s, const struct store_query *q, unsigned states,
		struct arena *a, struct err *e)
{
	struct store_query one = *q;
	struct part *p = &m->parts[m->n++];
	one.states = states;
	return s->ops->find(s, &one, a, &p->hits, e) &&
	       (!p->hits.cursor || store_cursor_read(str_of(p->hits.cursor), &p->stop, e));
}

static bool are_several(unsigned states)
{
	return states && !query_only_state(states) && states & ~STORE_LIVE_STATES;
}

static bool ask_states(struct merge *m, struct store *s, const struct store_query *q, struct arena *a,
		       struct err *e)
{
	unsigned live = q->states & STORE_LIVE_STATES;
	if (!are_several(q->states))
		return ask(m, s, q, q->states, a, e);
	if (live && !ask(m, s, q, live, a, e))
		return false;
	for (int state = STORE_HANDED_OVER; state < STORE_STATES; state++)
		if (q->states >> state & 1 && !ask(m, s, q, 1u << state, a, e))
			return false;
	return true;
}

/* 0: as the question has it; "" there is none. */
static struct str form(struct str own, const struct str *others, size_t i)
{
	return i ? others[i - 1] : own;
}

static bool ask_all(struct merge *m, struct store *s, const struct store_query *q, struct arena *a,
		    struct err *e)
{
	for (size_t to = 0; to < FORMS; to++)
		for (size_t from = 0; from < FORMS; from++) {
			struct store_query one = *q;
			one.recipient = form(q->recipient, q->recipient_forms, to);
			one.sender = form(q->sender, q->sender_forms, from);
			bool given = (!to || one.recipient.len) && (!from || one.sender.len);
			if (given && !ask_states(m, s, &one, a, e))
				return false;
		}
	return true;
}

/* Whether a place comes before another in the order of the answers. */
static bool is_before(struct store_cursor a, struct store_cursor b)
{
	return a.seq != b.seq ? a.seq > b.seq : a.rcpt < b.rcpt;
}

static struct store_cursor place_of(const struct store_hit *h)
{
	return (struct store_cursor){ h->id.seq, h->rcpt };
}

/* The part whose next hit comes first; NULL: none has any. */
static struct part *first_of(struct merge *m)
{
	struct part *best = NULL;
	for (struct part *p = m->parts; p < m->parts + m->n; p++)
		if (p->at < p->hits.n &&
		    (!best || is_before(place_of(&p->hits.v[p->at]), place_of(&best->hits.v[best->at]))))
			best = p;
	return best;
}

/* Its next hit, or that of a part asked later for the same recipient. */
static struct store_hit take(struct merge *m, struct part *p)
{
	struct store_hit h = p->hits.v[p->at++];
	for (struct part *q = p + 1; q < m->parts + m->n; q++)
		if (q->at < q->hits.n && q->hits.v[q->at].id.seq == h.id.seq &&
		    q->hits.v[q->at].rcpt == h.rcpt)
			h = q->hits.v[q->at++];
	return h;
}

/* The first place that a part has not looked at; false: all have come to their end. */
static bool fence_of(const struct merge *m, struct store_cursor *fence)
{
	bool any = false;
	for (const struct part *p = m->parts; p < m->parts + m->n; p++)
		if (p->hits.cursor && (!any || is_before(p->stop, *fence))) {
			*fence = p->stop;
			any = true;
		}
	return any;
}

bool merge_needed(const struct store_query *q)
{
	return are_several(q->states) || q->recipient_forms[0].len || q->sender_forms[0].len;
}

bool merge_find(struct store *s, const struct store_query *q, struct arena *a, struct store_hits *out,
		struct err *e)
{
	struct merge m = { .n = 0 };
	struct store_cursor fence = { 0 };
	struct part *p;
	size_t limit = q->limit ? q->limit : STORE_FIND_USUAL;
	limit = limit < STORE_FIND_MAX ? limit : STORE_FIND_MAX;
	*out = (struct store_hits){ arena_alloc(a, limit * sizeof(*out->v)), 0, NULL };
	if (!ask_all(&m, s, q, a, e))
		return false;
	bool fenced = fence_of(&m, &fence);
	while (out->n < limit && (p = first_of(&m)) &&
	       (!fenced || is_before(place_of(&p->hits.v[p->at]), fence)))
		out->v[out->n++] = take(&m, p);
	if (first_of(&m) && out->n == limit) {
		fence = place_of(&out->v[out->n - 1]);
		fence.rcpt++;
		fenced = true;
	}
	out->cursor = fenced ? store_cursor_write(fence, a) : NULL;
	return true;
}

/* ---- "SEQ.RCPT" in hexadecimal ---- */

const char *store_cursor_write(struct store_cursor c, struct arena *a)
{
	return arena_printf(a, "%llx.%x", (unsigned long long)c.seq, c.rcpt);
}

/* HEXDIGs, at most `digits`, and no more of the text: what strtoull takes besides is no cursor. */
static bool read_hex(struct str text, size_t digits, unsigned long long *n)
{
	*n = 0;
	for (size_t i = 0; i < text.len; i++) {
		int v = hex_value(text.p[i]);
		if (v < 0)
			return false;
		*n = *n << 4 | (unsigned)v;
	}
	return text.len && text.len <= digits;
}

bool store_cursor_read(struct str text, struct store_cursor *c, struct err *e)
{
	unsigned long long seq, n;
	const char *dot = text.len ? memchr(text.p, '.', text.len) : NULL;
	size_t at = dot ? (size_t)(dot - text.p) : 0;
	if (!dot || !read_hex(str_cut(text, 0, at), 16, &seq) ||
	    !read_hex(str_cut(text, at + 1, text.len), 8, &n)) {
		ERR_FILL(e, ERR_USAGE, 0, "go on from", STR_FMT, STR_ARG(str_cut(text, 0, 64)));
		return err_detail(e, "this is no cursor: give that of the answer before as it was");
	}
	*c = (struct store_cursor){ seq, (uint32_t)n };
	return true;
}

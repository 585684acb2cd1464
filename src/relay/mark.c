/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/mark.h"

#include "relay/keep.h"
#include "relay/steer.h"

/* One call on its way through the store; freed with its outcome. */
struct marking {
	struct relay_ticket ticket; /* first */
	struct relay *relay;
	const struct store_message *message;
	struct store_mark *marks; /* ours, in arena */
	size_t n;
	struct pending pending;
	void (*done)(void *ctx, const struct store_done *d);
	void *ctx;
	struct arena *arena;
};

/* Kept with the change: after a crash the trail says whom the sender was to hear it from.  Nothing is told to
 * a domain of our own (relay/notice/notice_kind.h). */
static bool is_owed(const struct relay_settings *s, const struct store_message *m, const struct store_mark *k)
{
	if (k->note || k->rcpt >= m->nrcpts || relay_is_local(s, m->reverse_path))
		return false;
	bool asked = m->rcpts[k->rcpt].notify & STORE_NOTIFY_SUCCESS;
	return (k->state == STORE_HANDED_OVER && asked && !k->dsn) ||
	       (k->state == STORE_BOUNCED && k->returned);
}

/* Log and notices tell of them after the caller has gone on. */
static struct store_mark *own(struct relay *r, const struct store_message *m, struct arena *a,
			      const struct store_mark *marks, size_t n)
{
	struct store_mark *v = arena_alloc(a, n * sizeof(*v));
	int64_t at_ms = moment_of(&r->moments, marks[0].id, marks[0].at_ms ? marks[0].at_ms : relay_now_ms());
	for (size_t i = 0; i < n; i++) {
		v[i] = marks[i];
		v[i].at_ms = at_ms;
		v[i].owed = is_owed(r->settings, m, &v[i]);
		if (!v[i].config.len)
			v[i].config = str_of(r->settings->hash);
		keep_mark(a, &v[i]);
	}
	return v;
}

static void count(struct relay_counts *c, const struct store_mark *m)
{
	c->handed_over += m->state == STORE_HANDED_OVER && !m->note;
	c->delayed += m->state == STORE_DELAYED;
	c->failed += m->state == STORE_REFUSED || m->state == STORE_EXPIRED;
	c->expired += m->state == STORE_EXPIRED && !steer_wrote(m->why); /* else a person gave it up */
	c->bounced += m->state == STORE_BOUNCED;
}

static void on_marked(struct relay_ticket *t, const struct store_done *d)
{
	struct marking *x = (struct marking *)t;
	struct relay *r = x->relay;
	pending_take(&r->pending, &x->pending);
	if (d->verdict == STORE_DONE) {
		for (size_t i = 0; i < x->n; i++)
			count(&r->counts, &x->marks[i]);
		if (r->log)
			relay_log_marks(r->log, x->message, x->marks, x->n);
		r->marked(r, x->message, x->marks, x->n);
	}
	struct arena *a = x->arena; /* x is in it */
	x->done(x->ctx, d);
	arena_free(&a);
}

void relay_mark(struct relay *r, const struct store_message *m, const struct store_mark *marks, size_t n,
		void (*done)(void *ctx, const struct store_done *d), void *ctx)
{
	struct arena *a = arena_new();
	struct marking *x = arena_alloc(a, sizeof(*x));
	struct store_done failed = { .verdict = STORE_FAILED };
	struct store_mark *v = own(r, m, a, marks, n);
	*x = (struct marking){ { on_marked, NULL }, r, m, v, n, { .marks = v, .n = n }, done, ctx, a };
	pending_put(&r->pending, &x->pending);
	if (store_mark(r->store, x->marks, n, x, &failed.err))
		return;
	pending_take(&r->pending, &x->pending);
	arena_free(&a);
	done(ctx, &failed);
}

/* Outlives its fiber when that is ended from outside. */
struct waiting {
	bool over, orphan;
	struct store_done done;
};

static void on_waited(void *ctx, const struct store_done *d)
{
	struct waiting *w = ctx;
	if (w->orphan) {
		mem_free(&w);
		return;
	}
	w->over = true;
	w->done = *d;
}

static bool is_over(void *ctx)
{
	return ((struct waiting *)ctx)->over;
}

enum store_verdict relay_mark_wait(struct relay *r, const struct store_message *m,
				   const struct store_mark *marks, size_t n, struct err *e)
{
	struct waiting *w = mem_alloc(sizeof(*w));
	relay_mark(r, m, marks, n, on_waited, w);
	if (!net_loop_wait(r->loop, is_over, w, UINT64_MAX)) {
		w->orphan = true;
		ERR_FILL(e, ERR_SYS, 0, "wait for the store", "%zu marks: the relay is ending", n);
		return STORE_FAILED;
	}
	enum store_verdict verdict = w->done.verdict;
	if (e && e->kind == ERR_NONE && verdict == STORE_FAILED)
		*e = w->done.err;
	mem_free(&w);
	return verdict;
}

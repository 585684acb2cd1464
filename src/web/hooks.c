/* SPDX-License-Identifier: Apache-2.0 */
#include "web/hooks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "net/hook.h"
#include "relay/relay_inner.h"
#include "relay/delivery/tokens.h"
#include "web/hook_lines.h"
#include "web/spool.h"

enum { STAND_MS = 2000, STAND_IDLE_MS = 30000, LOST_MS = 30000, CHANGES_MAX = 1000000 };

struct hook {
	struct hooks *all;
	struct hook *next;
	struct arena *arena;
	const char *name, *url, *secret_file, *ca_file, *resolver;
	unsigned states; /* a bit each; 0: all */
	/* under the lock */
	struct buf fresh;
	bool ending, over, missed; /* missed: a line had no room in fresh */
	atomic_ullong waiting, delivered, failed;
	/* the fiber's */
	struct spool *spool;
	uint64_t try_ms, pause_ms, stand_ms;
	struct store_place lately; /* of the store, STAND_MS ago or longer */
	uint64_t found_ms;         /* when what is lost is looked for in the store */
	bool lost;                 /* lines that were heard are not in the spool: the place stands still */
	bool told, behind;         /* told: that it does not answer; behind: lines since the last stand */
};

struct hooks {
	struct runner *runner;
	struct relay *relay;
	char *data;
	pthread_mutex_t lock; /* guards the list, and fresh, ending, over and missed of each */
	pthread_cond_t ended;
	struct hook *list;
	atomic_size_t n; /* that are not ending */
};

/* ---- from the loop ---- */

static bool wants(const struct hook *k, struct str line)
{
	static const char key[] = "\"state\":\""; /* within a text its quotes would be escaped */
	const char *at = memmem(line.p, line.len, key, sizeof(key) - 1);
	if (!k->states || !at)
		return at;
	at += sizeof(key) - 1;
	const char *end = memchr(at, '"', line.len - (size_t)(at - line.p));
	return end && (k->states >> store_state_of((struct str){ at, (size_t)(end - at) }) & 1);
}

bool hooks_any(const struct hooks *h)
{
	return atomic_load_explicit(&h->n, memory_order_relaxed);
}

/* What has no room is found in the store later. */
static void hear(struct hook *k, struct str line)
{
	if (buf_waiting(&k->fresh) + line.len >= HOOKS_FRESH_MAX) {
		k->missed = true;
		return;
	}
	buf_add(&k->fresh, line.p, line.len);
	buf_add(&k->fresh, "\n", 1);
}

void hooks_change(struct hooks *h, struct str line)
{
	bool any = false;
	pthread_mutex_lock(&h->lock);
	for (struct hook *k = h->list; k; k = k->next)
		if (!k->ending && wants(k, line)) {
			hear(k, line);
			any = true;
		}
	pthread_mutex_unlock(&h->lock);
	if (any)
		net_loop_wake(runner_loop(h->runner));
}

/* ---- trouble ---- */

static void tell(struct hook *k, const struct err *e)
{
	relay_tell(k->all->relay, e); /* any thread */
}

/* ---- what was missed ---- */

struct missed {
	struct arena *arena;
	struct missed_change {
		struct store_id id;
		const struct store_mark *mark;
	} * v;
	size_t n, room;
};

static bool note_missed(void *user, struct store_id id, const struct store_mark *mark)
{
	struct missed *m = user;
	struct store_mark *own = NULL;
	if (m->n == m->room) {
		m->room = m->room ? m->room * 2 : 64;
		m->v = mem_grow(m->v, m->room, sizeof(*m->v));
	}
	if (mark) {
		own = arena_alloc(m->arena, sizeof(*own));
		*own = *mark;
		struct str *const texts[] = { &own->lane,      &own->host,   &own->address,
					      &own->tls,       &own->reply,  &own->finding,
					      &own->remote_id, &own->config, &own->why };
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			*texts[i] = arena_str(m->arena, *texts[i]);
	}
	m->v[m->n++] = (struct missed_change){ id, own };
	return m->n < CHANGES_MAX;
}

static void add_line(struct hook *k, struct buf *line, struct buf *out)
{
	if (wants(k, buf_str(line)))
		buf_add(out, buf_str(line).p, buf_waiting(line));
	buf_take(line, buf_waiting(line));
}

/* As the log would have said it. */
static void tell_missed(struct hook *k, const struct missed_change *x, struct buf *out)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf line = { 0 };
	struct store_trail t;
	struct err none = { 0 };
	if (store_trail(k->all->relay->store, x->id, a, &t, &none) <= 0)
		return; /* dropped by age */
	if (x->mark) {
		relay_log_mark_line(&line, &t.message, x->mark);
		add_line(k, &line, out);
		return;
	}
	for (size_t i = 0; i < t.message.nrcpts; i++) {
		t.message.rcpts[i].state = STORE_QUEUED; /* as it came; what became of it comes after */
		relay_log_taken_line(&line, &t.message, x->id, i);
		add_line(k, &line, out);
	}
}

/* A crash came between the store's disk and ours, or ours was full. */
static bool catch_up(struct hook *k, struct err *e)
{
	CLEANUP(buf_clear) struct buf lines = { 0 };
	struct missed m = { .arena = arena_new() };
	bool ok = store_changes(k->all->relay->store, spool_place(k->spool), note_missed, &m, e);
	for (size_t i = 0; i < m.n; i++)
		tell_missed(k, &m.v[i], &lines);
	ok = ok && (!buf_waiting(&lines) || spool_add(k->spool, buf_str(&lines), e));
	arena_free(&m.arena);
	free(m.v);
	return ok;
}

/* ---- the fiber ---- */

static uint64_t now_ms(const struct hook *k)
{
	return net_loop_now_ms(runner_loop(k->all->runner));
}

/* Until then what was lost is left alone, and what comes stays in memory. */
static bool is_lost(const struct hook *k)
{
	return k->lost && now_ms(k) < k->found_ms;
}

static bool has_work(void *ctx)
{
	struct hook *k = ctx;
	pthread_mutex_lock(&k->all->lock);
	bool work = k->ending || (!is_lost(k) && (k->lost || k->missed || buf_waiting(&k->fresh)));
	pthread_mutex_unlock(&k->all->lock);
	return work || (spool_waiting(k->spool) && now_ms(k) >= k->try_ms);
}

static struct buf take_fresh(struct hook *k, bool *missed)
{
	pthread_mutex_lock(&k->all->lock);
	struct buf fresh = k->fresh;
	*missed = k->missed;
	k->fresh = (struct buf){ 0 };
	k->missed = false;
	pthread_mutex_unlock(&k->all->lock);
	return fresh;
}

/* The store has them by then. */
static void lose(struct hook *k)
{
	k->lost = true;
	k->found_ms = now_ms(k) + LOST_MS;
}

/* Lines that the disk does not take are found in the store later; those beyond SPOOL_BYTES_MAX are not told.
 */
static void flush(struct hook *k)
{
	struct err e = { 0 };
	bool missed;
	if (is_lost(k))
		return;
	CLEANUP(buf_clear) struct buf fresh = take_fresh(k, &missed);
	k->behind |= k->lost || buf_waiting(&fresh);
	bool kept = (!k->lost || catch_up(k, &e)) &&
		    (!buf_waiting(&fresh) || spool_add(k->spool, buf_str(&fresh), &e));
	k->lost = false;
	if (missed || (!kept && e.kind != ERR_LIMIT))
		lose(k);
	if (!kept)
		tell(k, &e);
}

/* Where nothing came the place moves on all the same, so that a start does not tell old things again. */
static uint64_t stand_due_ms(const struct hook *k)
{
	return k->stand_ms + (k->behind ? STAND_MS : STAND_IDLE_MS);
}

/* What was on the store's disk STAND_MS ago has been heard and is in the spool. */
static void stand(struct hook *k)
{
	struct err e = { 0 };
	if (now_ms(k) < stand_due_ms(k))
		return;
	if (k->lost) { /* it must find them */
		k->stand_ms = now_ms(k);
		return;
	}
	if (!spool_stand(k->spool, k->lately, &e))
		tell(k, &e);
	k->lately = store_place(k->all->relay->store);
	k->stand_ms = now_ms(k);
	k->behind = false;
}

static bool post(struct hook *k, const char *json, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_wipe) struct buf secret = { 0 };
	struct net_loop *l = runner_loop(k->all->runner);
	const struct dns_options d = { .resolver = k->resolver };
	CLEANUP(dns_free) struct dns *dns = dns_new(l, &d, e);
	struct hook_post p = { .url = k->url,
			       .event = "state",
			       .delivery = arena_printf(a, "%s-%llu", k->name,
							(unsigned long long)spool_number(k->spool)),
			       .json = json,
			       .ca_file = k->ca_file,
			       .now_s = relay_now_ms() / 1000 };
	long status;
	if (!dns || (*k->secret_file && !secret_read(k->secret_file, &secret, e)))
		return false;
	if (*k->secret_file)
		p.secret = str_cut(buf_str(&secret), 0, buf_waiting(&secret) - 1); /* without its NUL */
	return hook_send(l, dns, &p, &status, e);
}

static void pause(struct hook *k, struct err *e)
{
	atomic_fetch_add(&k->failed, 1);
	err_detail(e, "it is tried again; nothing is lost");
	if (!k->told)
		tell(k, e);
	k->told = true;
	k->try_ms = now_ms(k) + k->pause_ms;
	k->pause_ms = k->pause_ms * 2 < HOOKS_PAUSE_MOST_MS ? k->pause_ms * 2 : HOOKS_PAUSE_MOST_MS;
}

static void tell_broken(struct hook *k, size_t n)
{
	struct err e = { 0 };
	ERR_FILL(&e, ERR_LIMIT, 0, "post", "%zu broken lines to the webhook %s", n, k->name);
	err_detail(&e, "they are no JSON and are left out; the others are posted");
	tell(k, &e);
}

static bool post_lines(struct hook *k, struct str lines, struct err *e)
{
	CLEANUP(buf_clear) struct buf json = { 0 };
	size_t broken;
	size_t n = hook_lines_document(lines, &json, &broken);
	buf_add(&json, "", 1);
	if (n && !post(k, buf_str(&json).p, e))
		return false;
	if (broken)
		tell_broken(k, broken);
	return true;
}

static void deliver(struct hook *k)
{
	CLEANUP(buf_clear) struct buf lines = { 0 };
	struct err e = { 0 };
	if (!spool_waiting(k->spool) || now_ms(k) < k->try_ms)
		return;
	size_t n = spool_read(k->spool, HOOKS_EVENTS, &lines);
	if (!n || !post_lines(k, buf_str(&lines), &e) ||
	    !spool_delivered(k->spool, buf_waiting(&lines), &e)) {
		pause(k, &e);
		return;
	}
	atomic_fetch_add(&k->delivered, n);
	k->told = false;
	k->pause_ms = HOOKS_PAUSE_FIRST_MS;
	k->try_ms = 0;
}

static bool is_ending(struct hook *k)
{
	pthread_mutex_lock(&k->all->lock);
	bool ending = k->ending;
	pthread_mutex_unlock(&k->all->lock);
	return ending || net_loop_interrupted(runner_loop(k->all->runner));
}

static uint64_t due_ms(const struct hook *k)
{
	uint64_t due = stand_due_ms(k);
	due = k->lost && k->found_ms < due ? k->found_ms : due;
	return spool_waiting(k->spool) && k->try_ms < due ? k->try_ms : due;
}

static bool begin(struct hook *k, struct err *e)
{
	bool fresh;
	if (!spool_open(k->all->data, k->name, &k->spool, &fresh, e))
		return false;
	k->lately = store_place(k->all->relay->store);
	k->pause_ms = HOOKS_PAUSE_FIRST_MS;
	k->stand_ms = now_ms(k);
	if (fresh) /* it hears what comes from now on */
		return spool_stand(k->spool, k->lately, e);
	if (!catch_up(k, e)) /* told; it goes on with what it has */
		lose(k);
	return true;
}

static void end(struct hook *k)
{
	struct hooks *all = k->all;
	spool_close(&k->spool);
	pthread_mutex_lock(&all->lock);
	k->over = true; /* from here on it may be freed */
	pthread_cond_broadcast(&all->ended);
	pthread_mutex_unlock(&all->lock);
	net_loop_wake(runner_loop(all->runner));
}

/* One of that name, which a reload replaced, still holds its files. */
static bool is_free(void *ctx)
{
	struct hook *k = ctx;
	bool taken = false;
	pthread_mutex_lock(&k->all->lock);
	for (struct hook *o = k->all->list; o; o = o->next)
		taken = taken || (o != k && o->ending && !o->over && !strcmp(o->name, k->name));
	pthread_mutex_unlock(&k->all->lock);
	return !taken;
}

static void work(void *ctx)
{
	struct hook *k = ctx;
	struct net_loop *l = runner_loop(k->all->runner);
	struct err e = { 0 };
	bool open = net_loop_wait(l, is_free, k, UINT64_MAX) && begin(k, &e);
	if (e.kind)
		tell(k, &e);
	while (open && !is_ending(k)) {
		(void)net_loop_wait(l, has_work, k, due_ms(k));
		flush(k);
		stand(k);
		deliver(k);
		atomic_store(&k->waiting, spool_waiting(k->spool));
	}
	if (open)
		flush(k);
	end(k);
}

static void start(void *ctx)
{
	struct hook *k = ctx;
	net_fiber_start(runner_loop(k->all->runner), work, k);
}

/* ---- life ---- */

struct hooks *hooks_new(struct runner *r, struct relay *relay)
{
	struct hooks *h = mem_alloc(sizeof(*h));
	h->runner = r;
	h->relay = relay;
	h->data = mem_strdup(relay->settings->data);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->ended, NULL);
	return h;
}

static void hook_free(struct hook *k)
{
	struct arena *a = k->arena; /* k is in it */
	buf_clear(&k->fresh);
	arena_free(&a);
}

static struct hook *hook_new(struct hooks *h, const struct relay_settings *s, const struct relay_webhook *w)
{
	struct arena *a = arena_new();
	struct hook *k = arena_alloc(a, sizeof(*k));
	k->all = h;
	k->arena = a;
	k->name = arena_strdup(a, w->name);
	k->url = arena_strdup(a, w->url);
	k->secret_file = arena_strdup(a, w->secret_file);
	k->states = w->states;
	k->ca_file = *s->ca_file ? arena_strdup(a, s->ca_file) : NULL;
	k->resolver = *s->resolver ? arena_strdup(a, s->resolver) : NULL;
	return k;
}

static bool is_same(const struct hook *k, const struct relay_webhook *w)
{
	return !strcmp(k->name, w->name) && !strcmp(k->url, w->url) &&
	       !strcmp(k->secret_file, w->secret_file) && k->states == w->states;
}

static const struct relay_webhook *wanted(const struct relay_settings *s, const struct hook *k)
{
	for (size_t i = 0; i < s->nwebhooks; i++)
		if (is_same(k, &s->webhooks[i]))
			return &s->webhooks[i];
	return NULL;
}

/* Under the lock. */
static void clear_over(struct hooks *h)
{
	for (struct hook **at = &h->list; *at;) {
		struct hook *k = *at;
		if (k->over) {
			*at = k->next;
			hook_free(k);
		} else {
			at = &k->next;
		}
	}
}

static bool runs(const struct hooks *h, const struct relay_webhook *w)
{
	for (const struct hook *k = h->list; k; k = k->next)
		if (!k->ending && is_same(k, w))
			return true;
	return false;
}

void hooks_set(struct hooks *h, const struct relay_settings *s)
{
	pthread_mutex_lock(&h->lock);
	clear_over(h);
	for (struct hook *k = h->list; k; k = k->next)
		k->ending = k->ending || !wanted(s, k);
	for (size_t i = 0; i < s->nwebhooks; i++) {
		if (runs(h, &s->webhooks[i]))
			continue;
		struct hook *k = hook_new(h, s, &s->webhooks[i]);
		k->next = h->list;
		h->list = k;
		runner_post(h->runner, start, k);
	}
	atomic_store(&h->n, s->nwebhooks);
	pthread_mutex_unlock(&h->lock);
	net_loop_wake(runner_loop(h->runner));
}

static bool all_over(const struct hooks *h)
{
	for (const struct hook *k = h->list; k; k = k->next)
		if (!k->over)
			return false;
	return true;
}

static void interrupt(void *ctx)
{
	struct hook *k = ctx;
	net_fiber_interrupt(runner_loop(k->all->runner), k);
}

void hooks_stop(struct hooks *h)
{
	pthread_mutex_lock(&h->lock);
	for (struct hook *k = h->list; k; k = k->next) {
		k->ending = true;
		runner_post(h->runner, interrupt, k); /* it may wait for an answer */
	}
	net_loop_wake(runner_loop(h->runner));
	while (!all_over(h))
		pthread_cond_wait(&h->ended, &h->lock);
	pthread_mutex_unlock(&h->lock);
}

void hooks_free(struct hooks **hp)
{
	struct hooks *h = *hp;
	if (!h)
		return;
	for (struct hook *k = h->list, *next; k; k = next) {
		next = k->next;
		hook_free(k);
	}
	pthread_cond_destroy(&h->ended);
	pthread_mutex_destroy(&h->lock);
	free(h->data);
	mem_free(hp);
}

void hooks_each(struct hooks *h, void (*fn)(void *ctx, const struct hook_figures *f), void *ctx)
{
	pthread_mutex_lock(&h->lock);
	for (struct hook *k = h->list; k; k = k->next) {
		const struct hook_figures f = { k->name, atomic_load(&k->waiting), atomic_load(&k->delivered),
						atomic_load(&k->failed) };
		if (!k->ending)
			fn(ctx, &f);
	}
	pthread_mutex_unlock(&h->lock);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A webhook's fiber: what was heard goes to its spool, what is in the spool to the address, in order. */
#include <string.h>

#include "net/hook.h"
#include "relay/secret_file.h"
#include "web/hook_lines.h"
#include "web/hooks_inner.h"

enum { STAND_MS = 2000, STAND_IDLE_MS = 30000, LOST_MS = 30000 };

static void tell(struct hook *k, const struct err *e)
{
	relay_tell(k->all->relay, e); /* any thread */
}

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
	bool found = k->lost && hook_catch_up(k, &e);
	bool kept = (found || !k->lost) && (!buf_waiting(&fresh) || hook_keep(k, buf_str(&fresh), &e));
	k->behind |= k->lost || buf_waiting(&fresh);
	k->stand_ms = found ? now_ms(k) : k->stand_ms; /* what is known now is heard until then */
	k->lost = false;
	if ((missed && !found) || (!kept && e.kind != ERR_LIMIT))
		lose(k);
	if (!kept)
		tell(k, &e);
}

/* Where nothing came the place moves on all the same, so that a start does not tell old things again. */
static uint64_t stand_due_ms(const struct hook *k)
{
	return k->stand_ms + (k->behind ? STAND_MS : STAND_IDLE_MS);
}

static void look(struct hook *k)
{
	k->lately_end = spool_end(k->spool);
	k->lately = store_place(k->all->relay->store);
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
	if (!spool_stand(k->spool, k->lately, k->lately_end, &e))
		tell(k, &e);
	seen_clear(&k->known);
	look(k);
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
	look(k);
	k->pause_ms = HOOKS_PAUSE_FIRST_MS;
	k->stand_ms = now_ms(k);
	k->lost = !fresh; /* else it hears what comes from now on */
	return k->lost || spool_stand(k->spool, k->lately, k->lately_end, e);
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
		atomic_store(&k->waiting, spool_waiting(k->spool)); /* who hangs is seen meanwhile */
		deliver(k);
		atomic_store(&k->waiting, spool_waiting(k->spool));
	}
	if (open)
		flush(k);
	seen_clear(&k->known);
	end(k);
}

void hook_start(void *ctx)
{
	struct hook *k = ctx;
	net_fiber_start(runner_loop(k->all->runner), work, k);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "web/hooks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "web/hook_lines.h"
#include "web/hooks_inner.h"

/* ---- from the loop ---- */

bool hooks_any(const struct hooks *h)
{
	return atomic_load_explicit(&h->n, memory_order_relaxed);
}

/* What has no room is found in the store later, and what comes after it: each change stands in its order. */
static void hear(struct hook *k, struct str line)
{
	if (k->missed || buf_waiting(&k->fresh) + line.len >= HOOKS_FRESH_MAX) {
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
		if (!k->ending && hook_line_wanted(line, k->states)) {
			hear(k, line);
			any = true;
		}
	pthread_mutex_unlock(&h->lock);
	if (any)
		net_loop_wake(runner_loop(h->runner));
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
		runner_post(h->runner, hook_start, k);
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
		const struct hook_figures f = { k->name, atomic_load(&k->waiting) + buf_waiting(&k->fresh),
						atomic_load(&k->delivered), atomic_load(&k->failed) };
		if (!k->ending)
			fn(ctx, &f);
	}
	pthread_mutex_unlock(&h->lock);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/guests.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

struct guest {
	struct guest *next;
	struct ipaddr address;
	unsigned connections, failures;
	uint64_t since_ms; /* of the first failure counted */
	uint64_t until_ms; /* barred; 0 not */
};

struct guests {
	struct guest *buckets[BUCKETS];
	size_t n;
};

struct guests *guests_new(void)
{
	return mem_alloc(sizeof(struct guests));
}

void guests_free(struct guests **gp)
{
	struct guests *g = *gp;
	if (!g)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct guest *x = g->buckets[i], *next; x; x = next) {
			next = x->next;
			free(x);
		}
	mem_free(gp);
}

static struct ipaddr group(const struct ipaddr *a)
{
	struct ipaddr x = ipaddr_unmapped(*a);
	if (x.family == 6)
		memset(x.bytes + GUEST_V6_BITS / 8, 0, sizeof(x.bytes) - GUEST_V6_BITS / 8);
	return x;
}

/* FNV-1a: a guest who makes many share a bucket has as many addresses. */
static size_t bucket_of(const struct ipaddr *a)
{
	uint32_t h = 2166136261U;
	for (size_t i = 0; i < sizeof(a->bytes); i++)
		h = (h ^ a->bytes[i]) * 16777619U;
	return (h ^ h >> 16) % BUCKETS;
}

static struct guest *find(const struct guests *g, const struct ipaddr *a)
{
	struct ipaddr key = group(a);
	for (struct guest *x = g->buckets[bucket_of(&key)]; x; x = x->next)
		if (ipaddr_eq(&x->address, &key))
			return x;
	return NULL;
}

static struct guest *find_or_add(struct guests *g, const struct ipaddr *a)
{
	struct guest *x = find(g, a);
	if (x)
		return x;
	struct ipaddr key = group(a);
	size_t i = bucket_of(&key);
	x = mem_alloc(sizeof(*x));
	*x = (struct guest){ .next = g->buckets[i], .address = key };
	g->buckets[i] = x;
	g->n++;
	return x;
}

static bool is_forgotten(const struct guest *x, uint64_t now_ms)
{
	if (x->connections || x->until_ms > now_ms)
		return false;
	return !x->failures || x->since_ms + GUEST_WINDOW_MS <= now_ms;
}

unsigned guests_enter(struct guests *g, const struct ipaddr *a)
{
	return ++find_or_add(g, a)->connections; /* as many as there are connections: bounded by those */
}

void guests_leave(struct guests *g, const struct ipaddr *a, uint64_t now_ms)
{
	struct ipaddr key = group(a);
	struct guest **at = &g->buckets[bucket_of(&key)];
	while (*at && !ipaddr_eq(&(*at)->address, &key))
		at = &(*at)->next;
	struct guest *x = *at;
	if (!x)
		return;
	x->connections -= x->connections > 0;
	if (!is_forgotten(x, now_ms))
		return;
	*at = x->next;
	free(x);
	g->n--;
}

void guests_failed(struct guests *g, const struct ipaddr *a, uint64_t now_ms)
{
	struct guest *x = g->n < GUESTS_MAX ? find_or_add(g, a) : find(g, a);
	if (!x)
		return;
	if (!x->failures || x->since_ms + GUEST_WINDOW_MS <= now_ms) {
		x->since_ms = now_ms;
		x->failures = 0;
	}
	if (++x->failures >= GUEST_FAILURES_MAX) {
		x->until_ms = now_ms + GUEST_BARRED_MS;
		x->failures = 0;
	}
}

void guests_trusted(struct guests *g, const struct ipaddr *a)
{
	struct guest *x = find(g, a);
	if (x)
		x->failures = 0;
}

uint64_t guests_barred_ms(const struct guests *g, const struct ipaddr *a, uint64_t now_ms)
{
	const struct guest *x = find(g, a);
	return x && x->until_ms > now_ms ? x->until_ms - now_ms : 0;
}

void guests_tidy(struct guests *g, uint64_t now_ms)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct guest **at = &g->buckets[i]; *at;) {
			struct guest *x = *at;
			if (!is_forgotten(x, now_ms)) {
				at = &x->next;
				continue;
			}
			*at = x->next;
			free(x);
			g->n--;
		}
}

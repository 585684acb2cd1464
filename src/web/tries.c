/* SPDX-License-Identifier: Apache-2.0 */
#include "web/tries.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "mail/ipaddr.h"
#include "store/siphash.h"

enum { BUCKETS = 4096, TIDY_MS = 60000, V6_BITS = 64 };
enum { PLACE, PERSON_HERE, PERSON };

static const uint64_t trusted_ms = 30ULL * 86400 * 1000; /* a place where somebody logged in */

struct count {
	struct count *next;
	uint64_t key;
	unsigned failures, pending;
	uint64_t since_ms;   /* of the first failure counted */
	uint64_t until_ms;   /* barred; 0 not */
	uint64_t trusted_ms; /* until then; 0 not */
};

struct tries {
	pthread_mutex_t lock; /* guards all */
	struct sip_key key;
	struct count *buckets[BUCKETS];
	size_t n;
	uint64_t tidied_ms;
};

struct tries *tries_new(void)
{
	struct tries *t = mem_alloc(sizeof(*t));
	pthread_mutex_init(&t->lock, NULL);
	if (getrandom(&t->key, sizeof(t->key), 0) != (ssize_t)sizeof(t->key))
		abort(); /* no secret could be made either */
	return t;
}

void tries_free(struct tries **tp)
{
	struct tries *t = *tp;
	if (!t)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct count *x = t->buckets[i], *next; x; x = next) {
			next = x->next;
			free(x);
		}
	pthread_mutex_destroy(&t->lock);
	mem_free(tp);
}

/* ---- who ---- */

static void add_place(struct sip *s, const char *place)
{
	struct ipaddr a = { 0 };
	if (!ipaddr_read(str_of(place), &a))
		return; /* all that have none are one */
	a = ipaddr_unmapped(a);
	sip_add(s, (struct str){ (const char *)a.bytes, a.family == 6 ? V6_BITS / 8 : 4 });
}

static uint64_t key_of(const struct tries *t, char kind, const char *place, const char *person)
{
	struct sip s;
	sip_begin(&s, t->key);
	sip_add(&s, (struct str){ &kind, 1 });
	if (place)
		add_place(&s, place);
	if (person)
		sip_add(&s, str_of(person));
	return sip_end(&s, NULL);
}

/* ---- what is known of them ---- */

static struct count *find(const struct tries *t, uint64_t key)
{
	struct count *x = t->buckets[key % BUCKETS];
	while (x && x->key != key)
		x = x->next;
	return x;
}

static struct count *find_or_add(struct tries *t, uint64_t key)
{
	struct count *x = find(t, key);
	if (x)
		return x;
	x = mem_alloc(sizeof(*x));
	*x = (struct count){ .next = t->buckets[key % BUCKETS], .key = key };
	t->buckets[key % BUCKETS] = x;
	t->n++;
	return x;
}

static void age(struct count *x, uint64_t now_ms)
{
	if (x->until_ms <= now_ms)
		x->until_ms = 0;
	if (x->trusted_ms <= now_ms)
		x->trusted_ms = 0;
	if (x->since_ms + TRIES_WINDOW_MS <= now_ms)
		x->failures = 0;
}

static void tidy(struct tries *t, uint64_t now_ms)
{
	if (t->tidied_ms && now_ms - t->tidied_ms < TIDY_MS)
		return;
	t->tidied_ms = now_ms;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct count **at = &t->buckets[i]; *at;) {
			struct count *x = *at;
			age(x, now_ms);
			if (x->failures || x->pending || x->until_ms || x->trusted_ms) {
				at = &x->next;
				continue;
			}
			*at = x->next;
			free(x);
			t->n--;
		}
}

/* ---- a try ---- */

static uint64_t wait_of(const struct count *x, unsigned most, uint64_t now_ms)
{
	if (x->until_ms)
		return x->until_ms - now_ms;
	return x->failures + x->pending >= most ? TRIES_BUSY_MS : 0;
}

static uint64_t begin(struct tries *t, const struct tries_ticket *k, uint64_t now_ms)
{
	struct count *x[ARRAY_LEN(k->keys)];
	tidy(t, now_ms);
	if (t->n + ARRAY_LEN(x) > TRIES_KNOWN_MAX && !find(t, k->keys[PERSON_HERE]))
		return TRIES_BUSY_MS;
	for (size_t i = 0; i < ARRAY_LEN(x); i++) {
		x[i] = find_or_add(t, k->keys[i]);
		age(x[i], now_ms);
	}
	uint64_t wait = wait_of(x[PLACE], TRIES_PLACE_MAX, now_ms);
	if (!wait && !x[PERSON_HERE]->trusted_ms)
		wait = wait_of(x[PERSON], TRIES_PERSON_MAX, now_ms);
	for (size_t i = 0; !wait && i < ARRAY_LEN(x); i++)
		x[i]->pending++;
	return wait;
}

uint64_t tries_begin(struct tries *t, const char *place, const char *person, uint64_t now_ms,
		     struct tries_ticket *out)
{
	*out = (struct tries_ticket){ { key_of(t, 'a', place, NULL), key_of(t, 'b', place, person),
					key_of(t, 'c', NULL, person) } };
	pthread_mutex_lock(&t->lock);
	uint64_t wait = begin(t, out, now_ms);
	pthread_mutex_unlock(&t->lock);
	return wait;
}

static void fail(struct count *x, unsigned most, uint64_t now_ms)
{
	if (!x->failures++)
		x->since_ms = now_ms;
	if (!most || x->failures < most)
		return;
	x->until_ms = now_ms + TRIES_BARRED_MS;
	x->failures = 0;
}

/* Mistakes counted before x began anew are none of its. */
static void forgive(struct count *x, const struct count *here)
{
	if (here->since_ms >= x->since_ms)
		x->failures -= here->failures < x->failures ? here->failures : x->failures;
}

static bool end(struct count *const x[3], enum tries_end how, uint64_t now_ms)
{
	if (how == TRIES_WRONG) {
		fail(x[PLACE], TRIES_PLACE_MAX, now_ms);
		fail(x[PERSON_HERE], 0, now_ms);
		fail(x[PERSON], TRIES_PERSON_MAX, now_ms);
	}
	if (how != TRIES_RIGHT)
		return true;
	if (x[PLACE]->until_ms || (x[PERSON]->until_ms && !x[PERSON_HERE]->trusted_ms))
		return false;
	forgive(x[PLACE], x[PERSON_HERE]);
	forgive(x[PERSON], x[PERSON_HERE]);
	x[PERSON_HERE]->failures = 0;
	x[PERSON_HERE]->trusted_ms = now_ms + trusted_ms;
	return true;
}

bool tries_end(struct tries *t, const struct tries_ticket *k, enum tries_end how, uint64_t now_ms)
{
	struct count *x[ARRAY_LEN(k->keys)];
	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < ARRAY_LEN(x); i++) {
		x[i] = find(t, k->keys[i]); /* it is pending: it is there */
		age(x[i], now_ms);
		x[i]->pending--;
	}
	bool fine = end(x, how, now_ms);
	pthread_mutex_unlock(&t->lock);
	return fine;
}

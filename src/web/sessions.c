/* SPDX-License-Identifier: Apache-2.0 */
#include "web/sessions.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "smtp/scram.h"

enum { SECRET_RAW = 32 };

struct session {
	struct scram_key hash; /* of the secret */
	struct session_view view;
	int64_t begun_ms, seen_ms;
};

struct sessions {
	pthread_mutex_t lock;
	struct session *v;
	size_t n, room;
};

/* A name with __Host- is taken by browsers only with Secure, from this very host, for all paths. */
const char *sessions_cookie(bool secure)
{
	return secure ? "__Host-postrider" : "postrider";
}

/* FNV-1a */
uint64_t sessions_stamp(const char *password_hash)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (const char *p = password_hash; *p; p++)
		h = (h ^ (unsigned char)*p) * 0x100000001b3u;
	return h;
}

struct sessions *sessions_new(void)
{
	struct sessions *s = mem_alloc(sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void sessions_free(struct sessions **sp)
{
	struct sessions *s = *sp;
	if (!s)
		return;
	pthread_mutex_destroy(&s->lock);
	free(s->v);
	mem_free(sp);
}

/* 32 random bytes as text. */
static bool secret_new(char out[SESSION_SECRET_BYTES])
{
	unsigned char raw[SECRET_RAW];
	if (getrandom(raw, sizeof(raw), 0) != SECRET_RAW)
		return false;
	for (size_t i = 0; i < SECRET_RAW; i++)
		snprintf(out + 2 * i, 3, "%02x", raw[i]);
	mem_wipe(raw, sizeof(raw));
	return true;
}

bool secret_same(const char *a, const char *b)
{
	struct scram_key x, y;
	return scram_hash(str_of(a), &x) && scram_hash(str_of(b), &y) && scram_same(&x, &y);
}

static bool is_over(const struct session *x, int64_t now_ms)
{
	return now_ms - x->seen_ms > SESSION_IDLE_MS || now_ms - x->begun_ms > SESSION_MS;
}

static void drop(struct sessions *s, size_t i)
{
	s->v[i] = s->v[--s->n];
}

/* A place for one more: those that are over go first, then the longest idle. */
static struct session *place(struct sessions *s, int64_t now_ms)
{
	size_t oldest = 0;
	for (size_t i = s->n; i-- > 0;)
		if (is_over(&s->v[i], now_ms))
			drop(s, i);
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].seen_ms < s->v[oldest].seen_ms)
			oldest = i;
	if (s->n == SESSIONS_MAX)
		return &s->v[oldest];
	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->v = mem_grow(s->v, s->room, sizeof(*s->v));
	}
	return &s->v[s->n++];
}

bool sessions_begin(struct sessions *s, const char *name, uint64_t stamp, int64_t now_ms,
		    char secret[SESSION_SECRET_BYTES])
{
	struct session x = { .view.stamp = stamp, .begun_ms = now_ms, .seen_ms = now_ms };
	if (strlen(name) >= SESSION_NAME_BYTES || !secret_new(secret) || !secret_new(x.view.csrf) ||
	    !scram_hash(str_of(secret), &x.hash))
		return false;
	snprintf(x.view.name, sizeof(x.view.name), "%s", name);
	pthread_mutex_lock(&s->lock);
	*place(s, now_ms) = x;
	pthread_mutex_unlock(&s->lock);
	return true;
}

/* Under the lock; s->n: none. */
static size_t look_up(const struct sessions *s, const char *secret)
{
	struct scram_key k;
	if (!scram_hash(str_of(secret), &k))
		return s->n;
	for (size_t i = 0; i < s->n; i++)
		if (scram_same(&s->v[i].hash, &k))
			return i;
	return s->n;
}

bool sessions_find(struct sessions *s, const char *secret, int64_t now_ms, struct session_view *out)
{
	pthread_mutex_lock(&s->lock);
	size_t i = look_up(s, secret);
	bool found = i < s->n && !is_over(&s->v[i], now_ms);
	if (found) {
		s->v[i].seen_ms = now_ms;
		*out = s->v[i].view;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

void sessions_end(struct sessions *s, const char *secret)
{
	pthread_mutex_lock(&s->lock);
	size_t i = look_up(s, secret);
	if (i < s->n)
		drop(s, i);
	pthread_mutex_unlock(&s->lock);
}

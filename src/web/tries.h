/* SPDX-License-Identifier: Apache-2.0 */
/* web/tries.h - passwords tried at the page: how often from a place, and for a person.
 *
 * A try is counted when it begins, so that many at once are no way around the limit.  Who logs in is
 * forgiven the mistakes made with that name at that place, nobody else's.  Any thread.  IPv6 places
 * count by their /64. */
#ifndef WEB_TRIES_H
#define WEB_TRIES_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TRIES_PLACE_MAX = 10,   /* wrong ones of a place in TRIES_WINDOW_MS; then it is barred */
	TRIES_PERSON_MAX = 100, /* for one name, from everywhere; places where it logged in go on */
	TRIES_WINDOW_MS = 10 * 60000,
	TRIES_BARRED_MS = 15 * 60000,
	TRIES_BUSY_MS = 5000,   /* as many as may be wrong are being compared */
	TRIES_KNOWN_MAX = 60000 /* counters; past that none is tried */
};

struct tries;

enum tries_end { TRIES_WRONG, TRIES_RIGHT, TRIES_UNTRIED };

struct tries_ticket { /* hashes of the place, of the name there, of the name */
	uint64_t keys[3];
};

struct tries *tries_new(void);
void tries_free(struct tries **t); /* NULL is fine */

/* 0: go on, and tries_end() once; else so many ms are to be waited. */
uint64_t tries_begin(struct tries *t, const char *place, const char *person, uint64_t now_ms,
		     struct tries_ticket *out);
/* False: it was right, and is barred all the same. */
bool tries_end(struct tries *t, const struct tries_ticket *x, enum tries_end how, uint64_t now_ms);

#endif

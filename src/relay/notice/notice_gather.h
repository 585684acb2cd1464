/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_gather.h - changes that wait for others of their message, to be told in one report.
 *
 * Pure: the time is given.  Nothing of this is on disk but the changes themselves: what a crash keeps from
 * being told is found in the trails, less what the names of the reports there are tell (notice_span.h).
 * Memory is bounded: where too much waits, what began first is told. */
#ifndef RELAY_NOTICE_GATHER_H
#define RELAY_NOTICE_GATHER_H

#include "relay/notice/notice_rule.h"

enum {
	NOTICE_GATHER_MS = 60000,     /* the longest that a change waits for others */
	NOTICE_LOOK_MS = 100,         /* after a change: is any other still to come? */
	NOTICE_LOOK_RCPTS = 10,       /* a millisecond later for so many recipients: each is looked at */
	NOTICE_GATHERS_MAX = 256,     /* messages */
	NOTICE_GATHER_RCPTS = 200000, /* of all these messages */
};

/* The changes of one kind. */
struct notice_group {
	const struct store_mark **v;
	size_t n, room;
};

/* Of one message. */
struct notice_gather {
	struct notice_gather *next;
	struct arena *arena;          /* owns all of this */
	struct store_message message; /* with those recipients that have a change */
	unsigned char *notify;        /* of each recipient; enum store_notify */
	struct notice_group groups[NOTICE_KINDS];
	int64_t since_ms, newest_ms; /* times of the earliest change and of the latest */
	uint64_t until_ms, look_ms;  /* of the loop's clock; look: UINT64_MAX none */
};

/* Begins without any change; m is copied. */
struct notice_gather *notice_gather_new(const struct store_message *m, uint64_t now_ms) MUST_USE;
void notice_gather_free(struct notice_gather **g);
/* k is of the message g was begun with, m; both are copied. */
void notice_gather_add(struct notice_gather *g, const struct store_message *m, enum notice_kind kind,
		       const struct store_mark *k);
/* As what those are told that wait: 1u << kind, or-ed. */
unsigned notice_gather_kinds(const struct notice_gather *g);
/* It has ended: that it is late or in doubt is not told any more. */
void notice_gather_withdraw(struct notice_gather *g, uint32_t rcpt);
/* The earliest change first. */
void notice_group_sort(struct notice_group *g);

struct notice_gathers { /* the one that began first is first */
	struct notice_gather *first;
	size_t n, rcpts;
};

struct notice_gather *notice_gathers_find(const struct notice_gathers *l, struct store_id id); /* or NULL */
void notice_gathers_put(struct notice_gathers *l, struct notice_gather *g);
void notice_gathers_take(struct notice_gathers *l, struct notice_gather *g); /* out of the list */
/* There is no room for one more of so many recipients. */
bool notice_gathers_full(const struct notice_gathers *l, size_t rcpts);
/* Something happened to the message: it is to be looked at soon. */
void notice_gather_stir(struct notice_gather *g, uint64_t now_ms);
/* When the next is to be looked at or told; UINT64_MAX: none. */
uint64_t notice_gathers_next(const struct notice_gathers *l);
/* Time of the earliest change that waits; INT64_MAX: none. */
int64_t notice_gathers_since(const struct notice_gathers *l);

#endif

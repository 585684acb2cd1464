/* SPDX-License-Identifier: Apache-2.0 */
/* The notices of a relay against a store in a folder of its own, for tests: begin and end are set-up and
 * teardown.  What the running relay has besides stands in notice_place.c, and notes. */
#ifndef TESTS_UNIT_NOTICE_PLACE_H
#define TESTS_UNIT_NOTICE_PLACE_H

#include "tests/unit/unit.h"

#include "relay/notice/notice.h"
#include "relay/notice/notice_recover.h"

#define NOW  INT64_C(1795000000000)
#define HOUR INT64_C(3600000)

enum { NOTICE_RCPTS = 3 };

extern int64_t clock_ms;        /* of the wall */
extern uint64_t loop_behind_ms; /* the loop's clock shows so much less than it is */
extern char woken[100];         /* the lane woken last */
extern unsigned taken, troubles, trails_read, held;
extern struct store_rcpt rcpts[NOTICE_RCPTS];

struct place {
	char path[64];
	struct relay relay;
	struct relay_settings settings;
	struct store_message m;
};

int begin(void **state);
int end(void **state);

/* A message and its marks, as the relay has them. */
struct store_message message(void);
struct store_mark mark(uint32_t rcpt, enum store_state s, unsigned code, const char *reply,
		       const char *finding);

void take_message(struct place *p);                  /* p->m, five hours ago, into the store */
void take_original(struct place *p, unsigned flags); /* for three recipients */
struct store_mark marked(struct place *p, uint32_t rcpt, enum store_state s,
			 int64_t at_ms); /* in the store */
void settle_store(struct place *p);
void settle(struct place *p);
void look_again(struct place *p); /* no more behind: what is due is done */
void start_after_crash(struct place *p);
struct str notice_text(struct place *p, struct arena *a, struct store_message *m);
size_t told_in(struct place *p, const char *address); /* reports that name it */
void has(const char *wrapped, const char *words);     /* however the lines are wrapped */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A store in a folder of its own, for tests: begin and end are set-up and teardown. */
#ifndef TESTS_UNIT_STORE_PLACE_H
#define TESTS_UNIT_STORE_PLACE_H

#include "tests/unit/unit.h"

#include "store/store.h"

#define NOW     INT64_C(1790000000000)
#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS  (24 * HOUR_MS)

struct place {
	char path[64];
	struct store *s;
	int64_t now, wait_max_ms;
};

struct store_options options(struct place *p);
void open_store(struct place *p);
void reopen(struct place *p);
void open_short_memory(struct place *p); /* anew: trails of two days only */
void tidy(struct place *p);
struct store_health place_health(struct place *p);
extern int store_reports; /* what the store said since; atomic */
void reopen_reporting(struct place *p);
void drop_index(struct place *p);
void place_close_without_index(struct place *p); /* all that it will know is what the segments say */
size_t place_known(struct place *p, const char *address);
size_t place_live(struct place *p);                          /* recipients */
bool place_has(struct place *p, const char *name);           /* a file */
void place_meet_damage(struct place *p, struct store_id id); /* of the index: the first question does */
struct store_done place_accept_long(struct place *p); /* over more than one segment */ /* of a closed store */
int begin(void **state);
int end(void **state);
struct store_rcpt rcpt(const char *address, const char *lane);
struct store_done take_one(struct place *p);
struct store_done accept_message(struct place *p, struct store_message *m, const char *text);
struct store_id accept_one(struct place *p, const char *address, const char *subject);
void expect_body(struct store_reader *r, struct str want);
/* The first recipient of the message that is due in "lane". */
bool claim_of(struct place *p, struct store_id id, unsigned owner, int64_t now_ms, int64_t lease_ms,
	      struct store_claim *out);
enum store_verdict mark(struct place *p, struct store_mark m);
enum store_state state_of(struct place *p, struct store_id id, uint32_t n);
size_t found(struct place *p, struct store_query q);
char *made_text(size_t n, unsigned seed);                       /* the caller frees it */
void pass_through(struct place *p, size_t n, const char *text); /* mail that comes and goes, n times */

#endif

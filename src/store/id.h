/* SPDX-License-Identifier: Apache-2.0 */
/* store/id.h - the name of a message: unique, unguessable, sorted by time.
 *
 * As text 18 characters of Crockford's base32 in lower case (no i, l, o, u):
 * 12 for seq, 6 for tail.  seq is the time it was given in milliseconds since
 * 2024 with 19 bits below it, and only ever grows, also when the clock goes
 * back; tail is random, so that nobody finds a message by counting. */
#ifndef STORE_ID_H
#define STORE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum {
	STORE_ID_TEXT = 19, /* bytes with the NUL */
	STORE_ID_SEQ_BITS = 60,
	STORE_ID_TAIL_BITS = 30,
	STORE_ID_STEP_BITS = 19, /* below the millisecond */
};

struct store_id {
	uint64_t seq; /* 0: no id */
	uint32_t tail;
};

/* By its members: what lies between them may differ. */
static inline bool store_id_same(struct store_id a, struct store_id b)
{
	return a.seq == b.seq && a.tail == b.tail;
}

/* Writes the text to out and returns out. */
const char *store_id_text(struct store_id id, char out[STORE_ID_TEXT]);

/* Reads what store_id_text wrote; capitals, and o, i, l for 0, 1, 1, are taken. */
bool store_id_read(struct str text, struct store_id *id) MUST_USE;

/* Reads "ID/RCPT" off the front of *rest, which begins behind it then; rcpts_max as the recipient's greatest
 * number. */
bool store_id_read_rcpt(struct str *rest, uint32_t rcpts_max, struct store_id *id, uint32_t *rcpt) MUST_USE;

/* The next id after `last` for a message of now_ms (Unix time); rnd is 64
 * random bits.  Greater than last whatever the clock says. */
struct store_id store_id_next(uint64_t last, int64_t now_ms, uint64_t rnd);

/* The smallest seq that a message of that time can have. */
uint64_t store_id_floor(int64_t at_ms);

#endif

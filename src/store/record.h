/* SPDX-License-Identifier: Apache-2.0 */
/* store/record.h - what stands in a segment: a header, its meta bytes, its body bytes.
 *
 * Every header begins with the segment's salt, 64 random bits that no peer knows:
 * so nothing inside a mail can be taken for a record, and what an earlier use of
 * the same file left is no record of this one.  Records begin at multiples of 8. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "store/id.h"

enum {
	RECORD_HEADER = 48,
	RECORD_ALIGN = 8,
};

enum record_type {
	RECORD_MESSAGE = 1, /* meta: pack_message; body: head and last piece */
	RECORD_MOVED = 2,   /* the same with present states, carried from an older segment */
	RECORD_MARKS = 3,   /* meta: pack_marks */
	RECORD_PIECE = 4,   /* body: a piece of a long body; nobody's until a message names it */
	RECORD_TYPES
};

struct record {
	enum record_type type;
	struct store_id id; /* of message and moved */
	uint32_t meta_len, body_len, meta_crc, body_crc;
};

/* Writes or reads one header that stands at `offset` of its segment. */
void record_write(const struct record *r, uint64_t salt, uint64_t offset, unsigned char out[RECORD_HEADER]);
/* False: no record of this segment at this place. */
bool record_read(const unsigned char in[RECORD_HEADER], uint64_t salt, uint64_t offset,
		 struct record *r) MUST_USE;

/* Bytes a record takes in the segment, padding included. */
uint64_t record_room(const struct record *r);

/* Little-endian numbers. */
void put_le32(unsigned char *p, uint32_t v);
void put_le64(unsigned char *p, uint64_t v);
uint32_t get_le32(const unsigned char *p);
uint64_t get_le64(const unsigned char *p);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* store/body.h - the bytes of a message: as they come, and read again piece by piece. */
#ifndef STORE_BODY_H
#define STORE_BODY_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store/id.h"

enum {
	STORE_BODY_PIECE = 64 * 1024,    /* memory of one open body; longer bodies go to disk as they come */
	STORE_BODY_HEAD_MAX = 64 * 1024, /* bytes put before a body */
};

struct store;
struct store_body; /* used by one thread at a time */

struct store_body *store_body_begin(struct store *s) MUST_USE;
/* False with *e when it could not be written: then the message can only be refused (4xx). */
bool store_body_append(struct store_body *b, struct str bytes, struct err *e) MUST_USE;
/* Puts bytes before all that is there: Received, DKIM-Signature.  False: STORE_BODY_HEAD_MAX. */
bool store_body_prepend(struct store_body *b, struct str bytes, struct err *e) MUST_USE;
uint64_t store_body_size(const struct store_body *b);
/* The id its message will have, for Received and filters: given at the first call, the same ever after.  A
 * body that is never asked gets its id when it is accepted. */
struct store_id store_body_id(struct store_body *b, int64_t now_ms);
/* `to` takes the place of `from`, which a filter changed: it gets its id, and from has none any more. */
void store_body_take_id(struct store_body *to, struct store_body *from);
void store_body_free(struct store_body **b); /* withdraws it; NULL is fine */

struct store_reader; /* a body read piece by piece */

/* Of a body not yet handed over (filters, signing), which must outlive the reader and not grow. */
struct store_reader *store_body_look(const struct store_body *b) MUST_USE;
/* Of a stored message.  NULL with *e: no such message, its body is gone by age, or unreadable. */
struct store_reader *store_body_open(struct store *s, struct store_id id, struct err *e) MUST_USE;
/* 1: *piece is the next (at most STORE_BODY_PIECE, checked, valid until the next call); 0: the end; -1: *e */
int store_reader_next(struct store_reader *r, struct str *piece, struct err *e) MUST_USE;
void store_reader_free(struct store_reader **r);

#endif

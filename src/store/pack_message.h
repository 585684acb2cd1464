/* SPDX-License-Identifier: Apache-2.0 */
/* store/pack_message.h - a message's envelope and marks as bytes of a record. */
#ifndef STORE_PACK_MESSAGE_H
#define STORE_PACK_MESSAGE_H

#include "store/pack.h"
#include "store/store.h"

/* A piece of a long body: where its record stands. */
struct body_piece {
	uint32_t segment;
	uint64_t offset;
	uint32_t len;
};

/* How the bytes of a body lie: head, pieces, tail; head and tail are the record's own body. */
struct body_shape {
	uint32_t head_len;
	struct body_piece *pieces;
	size_t npieces;
};

enum { BODY_PIECES_MAX = 1 << 20 };

void pack_message(struct buf *b, const struct store_message *m, const struct body_shape *shape);
/* m->id is left alone.  Strings point into meta, arrays are the arena's.  False: these bytes are none. */
bool unpack_message(struct str meta, struct arena *a, struct store_message *m,
		    struct body_shape *shape) MUST_USE;

/* Reads envelope and recipients one after the other, without an arena, for many messages a second. */
struct message_reader {
	struct unpack u;
	struct store_message m; /* without id and rcpts */
	size_t left;            /* recipients still to read */
	struct store_rcpt rcpt;
};
bool message_reader_begin(struct message_reader *r, struct str meta);
bool message_reader_rcpt(struct message_reader *r); /* false: no more, or u.bad */
/* After the last recipient. */
bool message_reader_shape(struct message_reader *r, struct arena *a, struct body_shape *shape);

void pack_marks(struct buf *b, const struct store_mark *marks, size_t n);
struct mark_reader {
	struct unpack u;
	struct str meta;
	size_t left;
	size_t at; /* of the mark in hand, in meta */
	struct store_mark mark;
};
bool mark_reader_begin(struct mark_reader *r, struct str meta);
bool mark_reader_next(struct mark_reader *r); /* false: no more, or u.bad */

#endif

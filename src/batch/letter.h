/* SPDX-License-Identifier: Apache-2.0 */
/* batch/letter.h - one row's mail on its way: who gets it, its bytes, the files that go along.
 *
 * `bytes` has places where a file's base64 goes when it is sent; the files themselves stay on the disk, but
 * for short ones that are about to go.
 * A letter is used again for the next row. */
#ifndef BATCH_LETTER_H
#define BATCH_LETTER_H

#include "batch/address.h"
#include "batch/seen.h"

enum {
	LETTER_FILES_MAX = 20,
	LETTER_KEY_MAX = 200,         /* characters of an idempotency key */
	LETTER_HELD_MAX = 128 * 1024, /* bytes of all files of a letter that are kept with it */
};

struct letter_file {
	const char *path, *name, *type;
	uint64_t bytes;
	size_t at;    /* where in `bytes` its base64 goes */
	bool is_held; /* its content stands in `held`, at `from` */
	size_t from;
};

struct letter {
	struct arena *arena; /* of this row: all texts below */
	uint64_t row;
	struct addresses from, to; /* to: To, Cc and Bcc, in this order */
	size_t ncc, nbcc;          /* of to: where Cc and Bcc begin */
	struct addresses reply_to, sender;
	const char *key, *message_id;
	struct seen_mark mark; /* key and recipients: tells it from the others */
	struct letter_file files[LETTER_FILES_MAX];
	size_t nfiles;
	struct buf bytes, held, scratch;
};

void letter_begin(struct letter *l, uint64_t row); /* empties it */
void letter_clear(struct letter *l);

/* Bytes on the wire, files included. */
uint64_t letter_size(const struct letter *l);
bool letter_is_utf8(const struct letter *l); /* an address needs SMTPUTF8 */

#endif

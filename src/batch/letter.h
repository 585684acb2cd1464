/* SPDX-License-Identifier: Apache-2.0 */
/* batch/letter.h - one row's mail on its way: who gets it, its bytes, the files that go along.
 *
 * Attachments are not in memory: `bytes` has places where a file's base64 goes when it is sent.
 * A letter is used again for the next row. */
#ifndef BATCH_LETTER_H
#define BATCH_LETTER_H

#include "batch/address.h"
#include "batch/seen.h"

enum {
	LETTER_FILES_MAX = 20,
	LETTER_KEY_MAX = 200, /* characters of an idempotency key */
};

struct letter_file {
	const char *path, *name, *type;
	uint64_t bytes;
	size_t at; /* where in `bytes` its base64 goes */
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
	struct buf bytes, scratch;
};

void letter_begin(struct letter *l, uint64_t row); /* empties it */
void letter_clear(struct letter *l);

/* Bytes on the wire, files included. */
uint64_t letter_size(const struct letter *l);
bool letter_is_utf8(const struct letter *l); /* an address needs SMTPUTF8 */

#endif

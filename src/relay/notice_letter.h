/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice_letter.h - one notice as a message: built from the original's envelope and body, ready for
 * the store. */
#ifndef RELAY_NOTICE_LETTER_H
#define RELAY_NOTICE_LETTER_H

#include "relay/notice_words.h"
#include "relay/relay_inner.h"

struct notice_letter {
	struct relay_ticket ticket; /* first */
	struct notice_letter *next; /* of those that wait */
	struct notices *owner;
	struct arena *arena; /* owns all of this */
	struct buf bytes;    /* the message, CRLF */
	struct store_message envelope;
	struct store_rcpt rcpt; /* the one it goes to */
};

/* NULL with *e when the store could not be read for a reason that passes; body gone or unreadable is no
 * failure: then the report quotes what is known. */
struct notice_letter *notice_letter_new(struct relay *r, const struct notice_about *x) MUST_USE;
void notice_letter_free(struct notice_letter **l);

/* Offers it to the store; false: not taken now.  Else l->ticket.done is called. */
bool notice_letter_post(struct notice_letter *l, struct relay *r, struct err *e) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_letter.h - one notice as a message: built from the original's envelope and body, ready
 * for the store. */
#ifndef RELAY_NOTICE_LETTER_H
#define RELAY_NOTICE_LETTER_H

#include "relay/notice/notice_words.h"
#include "relay/relay_inner.h"

enum { NOTICE_LOOKS_MAX = 20 /* for the original's text; then what is known without it goes back */ };

struct notice_letter {
	struct relay_ticket ticket; /* first */
	struct notice_letter *next; /* of those that wait */
	struct notice_outbox *owner;
	struct arena *arena; /* owns all of this */
	struct report report;
	const char *known;     /* header fields known without the original's text */
	struct store_id about; /* the original */
	unsigned looks;
	struct buf bytes; /* the message, CRLF; empty until it is written */
	struct store_message envelope;
	struct store_rcpt rcpt; /* the one it goes to */
};

/* All but the original's text, which is looked for afterwards.  Later than now: it is held until then. */
struct notice_letter *notice_letter_new(struct relay *r, const struct notice_about *x,
					int64_t due_ms) MUST_USE;
void notice_letter_free(struct notice_letter **l);

/* Looks for the original's text and writes the message.  False: not to be had yet (a message that
 * has just ended cannot be found for a moment): look again soon. */
bool notice_letter_write(struct notice_letter *l, struct relay *r) MUST_USE;
/* Offers it to the store; false: not taken now.  Else l->ticket.done is called. */
bool notice_letter_post(struct notice_letter *l, struct relay *r, struct err *e) MUST_USE;
/* The store has it, held, under that id: why is put on its trail.  Takes l. */
void notice_letter_tell_held(struct notice_letter *l, struct relay *r, struct store_id id);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* relay/letter.h - a mail of the program's own (an alert), into the relay's store like any other: routes,
 * retries, trail and signature are those of all mail.  It is never reported about: who would read that? */
#ifndef RELAY_LETTER_H
#define RELAY_LETTER_H

#include "relay/relay.h"

struct relay_letter {                            /* borrowed for the call */
	const char *from, *subject, *message_id; /* message_id without <> */
	struct strlist to;
	struct str bytes; /* the whole message, CRLF */
};

/* In the relay's thread.  done is called there once, maybe before this returns: id (text) of the stored
 * message, or NULL and *e. */
void relay_letter_post(struct relay *r, const struct relay_letter *from,
		       void (*done)(void *ctx, const char *id, const struct err *e), void *ctx);

#endif

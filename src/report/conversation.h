/* SPDX-License-Identifier: Apache-2.0 */
/* report/conversation.h - one mail's dialogue with the next server, out of conversation.log and the one of
 * before.
 *
 * A session carries several mails: of those only the one asked for is taken, with what was said
 * before the first (greeting, encryption, login).  The log hides secrets itself. */
#ifndef REPORT_CONVERSATION_H
#define REPORT_CONVERSATION_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"

enum {
	CONVERSATION_TAIL_MAX = 64 * 1024 * 1024, /* bytes at the end of the logs that are read */
	CONVERSATION_LINE_MAX = 64 * 1024,        /* longer ones are passed over */
	CONVERSATION_TEXT_MAX = 100 * 1024,       /* of one part of a dialogue */
	CONVERSATION_SESSIONS_MAX = 64,           /* at once, with one address */
	CONVERSATION_NEAR_MS = 3600 * 1000,       /* an answer and its dialogue lie that close */
	CONVERSATION_SHORT_MS = 2000              /* ... where it broke off before the envelope */
};

struct conversation_ask {
	const char *address;   /* of the next server */
	const char *recipient; /* as in RCPT TO */
	int64_t at_ms;         /* when it answered */
};

/* "12:03:04.123 > MAIL FROM:<...>" lines; "" where the logs do not have it.  before: what was put by when log
 * began; either may be NULL. */
const char *conversation_find(FILE *before, FILE *log, const struct conversation_ask *ask,
			      struct arena *a) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* explain/tell.h - the line or lines of a text that tell what went wrong.
 *
 * A dialogue's failing reply with the command before it, a stack trace's
 * innermost cause, a log line without its prefix, an error object's response. */
#ifndef EXPLAIN_TELL_H
#define EXPLAIN_TELL_H

#include "base/arena.h"

struct told {
	struct str text;    /* what to explain */
	struct str whole;   /* all of it, for names and addresses */
	struct str command; /* of a dialogue: what was refused; empty unknown */
	const char *step;   /* contract's name, "" unknown */
	unsigned code;      /* 0 unless told apart from the text */
	bool spoken;        /* text is what a server said, without the words of who tells it */
	bool taken;         /* a log's line of a delivery that went well */
};

/* clean: by explain_clean().  Everything lives in the arena, in clean, or is static. */
void tell(struct arena *a, struct str clean, struct told *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/bounce_tell.h - a match becomes an event on its trail; and what is known not to exist gets no
 * more mail. */
#ifndef RELAY_BOUNCE_TELL_H
#define RELAY_BOUNCE_TELL_H

#include "relay/bounce/bounce_match.h"
#include "relay/relay_inner.h"

struct bounce_telling {
	struct relay *relay;
	const struct bounce_report *report;
	struct store_id report_id; /* of the report as it lies in our store */
	const char *peer;          /* address of who handed it in; "" unknown */
};

enum bounce_told {
	BOUNCE_TOLD,
	BOUNCE_NO_NEWS, /* its trail knew it already, or it had never left */
	BOUNCE_NOT_NOW  /* the relay is ending, or its disk is full: the report is to be read again */
};

/* Marks the candidate's trail, and waits for it; in a fiber.  One at a time in the whole relay: of two
 * reports about one recipient the later is judged by what the earlier has made of it. */
enum bounce_told bounce_tell(const struct bounce_telling *t, const struct bounce_candidate *c,
			     const struct bounce_match *m);

#endif

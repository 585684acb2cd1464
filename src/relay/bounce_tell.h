/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce_tell.h - a match becomes an event on its trail; and what is known not to exist gets no more
 * mail. */
#ifndef RELAY_BOUNCE_TELL_H
#define RELAY_BOUNCE_TELL_H

#include "relay/bounce_match.h"
#include "relay/relay_inner.h"

struct bounce_telling {
	struct relay *relay;
	const struct bounce_report *report;
	struct store_id report_id; /* of the report as it lies in our store */
	const char *peer;          /* address of who handed it in; "" unknown */
};

/* Marks the candidate's trail; not waited for.  False: the report tells nothing new about it. */
bool bounce_tell(const struct bounce_telling *t, const struct bounce_candidate *c,
		 const struct bounce_match *m);

#endif

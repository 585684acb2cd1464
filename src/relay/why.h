/* SPDX-License-Identifier: Apache-2.0 */
/* relay/why.h - why a recipient is not on its way right now: one sentence with the rule and the time.
 *
 * Pure; what the scheduler knows comes in. */
#ifndef RELAY_WHY_H
#define RELAY_WHY_H

#include "catalog/finding.h"
#include "relay/lane/lanes.h"
#include "store/store.h"

struct why_case {
	const struct store_rcpt *rcpt;
	struct str why;               /* of its last event: the rule that holds it; "" none */
	const struct lane_view *lane; /* NULL: no relay is running, or nothing waits there */
	bool running;                 /* a relay runs */
	int64_t now_ms;
	int64_t since_ms; /* it is in its state; 0 unknown */
	unsigned doubt;   /* copies_code() of it */
};

/* A finding's title for a place where no more than the server is known; host "" not even that. */
const char *why_title(const struct finding_entry *f, const char *host, struct arena *a);

const char *why_sentence(const struct why_case *c, struct arena *a);
/* When it may go out at the earliest: 0 now, STORE_NEVER not by itself. */
int64_t why_eta_ms(const struct why_case *c);

#endif

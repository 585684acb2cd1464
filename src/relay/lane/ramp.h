/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/ramp.h - how an account comes back after a failure of its own, and when it has proved itself.
 * Pure.
 *
 * A failure of the account (login refused, rate exceeded, blocked by policy): one mail until one is handed
 * over, then ten, and when those are through the normal rate.  An account is proven once it has handed mail
 * over on RAMP_PROVEN_DAYS different days (UTC) since it was last blocked; until then
 * CAPS_UNPROVEN_DAY holds where nothing else is configured. */
#ifndef RELAY_RAMP_H
#define RELAY_RAMP_H

#include <stdbool.h>
#include <stdint.h>

enum { RAMP_TEN_MAILS = 10, RAMP_PROVEN_DAYS = 3 };

/* ONE -> TEN -> NORMAL with what is handed over; any -> ONE with a failure. */
enum ramp_stage { RAMP_NORMAL, RAMP_ONE, RAMP_TEN, RAMP_STAGES };

struct ramp { /* zero: never failed, nothing proven */
	enum ramp_stage stage;
	unsigned handed; /* mails since the stage began */
	unsigned days;   /* on which mail was handed over */
	int64_t day;     /* the last of them */
};

/* blocked: the account itself, by policy; what it had proved counts no more.  True: the ramp has changed. */
bool ramp_failed(struct ramp *r, bool blocked);
bool ramp_handed_over(struct ramp *r, int64_t now_ms); /* one mail */
/* How many more may be begun while so many are under way; UINT_MAX: as many as you like. */
unsigned ramp_room(const struct ramp *r, unsigned open);
bool ramp_is_proven(const struct ramp *r);
const char *ramp_text(const struct ramp *r); /* why a mail waits; "" in the normal stage */

#endif

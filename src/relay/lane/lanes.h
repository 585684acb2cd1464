/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/lanes.h - what goes where, how much of it at a time, and when: the scheduler's running part.
 *
 * A lane is what is scheduled together: a smarthost route, or a recipients' domain.  Lanes whose mail goes to
 * the same hosts share one number of sessions and one rate, and take turns; each has its own pause, and none
 * more than half of the sessions that others leave, nor all those that have not answered yet more than their
 * part (seats.h), so that no number of stuck destinations, nor a bad password, delays those that answer;
 * inside a lane accounts take turns. */
#ifndef RELAY_LANES_H
#define RELAY_LANES_H

#include <stdint.h>

#include "base/arena.h"
#include "relay/lane/lane_name.h"
#include "relay/lane/seats.h"
#include "store/store.h"

struct relay;
struct lane;
struct lanes;

/* Begins a session that works for the lane: delivery_start(). */
typedef void lane_begin_fn(struct lanes *l, struct lane *x);

/* Knows at once what the store has waiting. */
struct lanes *lanes_new(struct relay *r, lane_begin_fn *begin) MUST_USE;
void lanes_free(struct lanes **l);
void lanes_wake(struct lanes *l, struct str name); /* there may be work */
/* A person wants it tried now: a pause after a failure is over, since what was wrong may have been mended. */
void lanes_retry(struct lanes *l, struct str name);
void lanes_wake_all(struct lanes *l); /* settings changed */
/* What is held for a limit goes as the present settings allow, where that is sooner: after a start or a
 * reload.  Goes on in a fiber (held_plan.c). */
void lanes_plan_held(struct lanes *l);
bool lanes_held_by_limit(struct lanes *l, struct store_id id, uint32_t rcpt);
/* The clock was set by so much: no pause lasts longer for it. */
void lanes_shift(struct lanes *l, int64_t leap_ms, int64_t now_ms);
void lanes_drain(struct lanes *l);            /* nothing new is begun */
size_t lanes_busy(const struct lanes *l);     /* sessions under way */
bool lanes_unprovable(const struct lanes *l); /* mx_unprovable() */

/* Why a recipient of this lane is not on its way now; all from the scheduler's own state. */
struct lane_view {
	bool claimed; /* the recipient asked about: a session has it, or what became of it is being written */
	bool all_busy;  /* the relay has as many sessions as it may */
	bool failed;    /* it failed: one session finds out whether it works again */
	enum seat seat; /* it waits in line for one of these; SEAT_PROVEN: for none */
	unsigned seats_max;
	size_t seats_before; /* destinations that stand in that line before it */
	size_t ahead; /* messages of this lane whose turn comes before that of the recipient asked about */
	size_t turns; /* of other lanes to the same hosts, before its own; each may send some messages */
	const char *lane, *route, *provider; /* "" unknown */
	const char *rule;                    /* the limit or ramp that the next one waits for; "" none */
	unsigned sessions, sessions_max;
	unsigned others;             /* sessions of other lanes that count, too: to the same hosts */
	unsigned rate, rate_s;       /* 0 none */
	size_t waiting;              /* messages, due and not yet begun */
	bool more;                   /* so many at least, and so many ahead: not all were counted */
	int64_t next_ms;             /* when the lane may begin again; 0: now (Unix time) */
	int64_t slot_ms;             /* average time between two messages; 0 unknown */
	const char *reply, *finding; /* that made the lane pause; "" none */
	const char *host;            /* who said it; "" nobody: the words are ours */
	unsigned code;               /* of the reply; 0 none */
};
/* The limit that would hold a message of this lane and account ("" none) again, until *at_ms; "" it may go,
 * or waits in line for no more than a minute. */
const char *lanes_hold_reason(struct lanes *l, struct str lane, struct str account, struct arena *a,
			      int64_t *at_ms);
/* rcpt of no message: of the lane only.  False: the lane is not known (nothing waits there). */
bool lanes_view(struct lanes *l, struct str lane, struct store_id id, uint32_t rcpt, struct arena *a,
		struct lane_view *out);

#endif

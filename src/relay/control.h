/* SPDX-License-Identifier: Apache-2.0 */
/* relay/control.h - the operator's way into a running relay: a socket in its data folder.
 *
 * DATA/control, 0600: who may read the store may steer it.  One JSON object a line each way;
 * every request is answered with {"ok": true, ...} or {"ok": false, "error": ...,
 * "mend": ...}.
 *
 *   {"do": "hello"}                     who answers, and what it has done so far
 *                                       {..., "behind"?: N, "behind_why"?: TEXT}: the index lacks N changes
 *   {"do": "lanes", "lanes": [NAME]}    the scheduler's view of these (relay/lane/lanes.h)
 *   {"do": "sending"}                   {"items": ["ID/RCPT"]}: all that a session has in hand
 *   {"do": "hold" | "release" | "retry" | "bounce" | "cancel", "items": ["ID/RCPT" | "ID/RCPT/FINDING"],
 *    "by"?: WHO, "reason"?: TEXT, "until_ms"?: N}
 *                                       {"done": N, "not": [{"item", "why"}]}
 *   {"do": "suppress", "address": A, "why": TEXT, "proof"?: TEXT, "until_ms"?: N}
 *                                       no more mail to it (N 0: until it is lifted); without N it is lifted
 *
 * Selecting (all of a domain, of a finding) is the asker's work: it reads the store itself and
 * hands in CONTROL_ITEMS_MAX at a time, so that no request keeps the relay from its mail. */
#ifndef RELAY_CONTROL_H
#define RELAY_CONTROL_H

#include "relay/relay_inner.h"

enum {
	CONTROL_LINE_MAX = 64 * 1024,
	CONTROL_PEERS_MAX = 64,
	CONTROL_ITEMS_MAX = 500,
	CONTROL_BEHIND_MIN =
		20000 /* changes that the index lacks: fewer are a moment's, where nothing fails */
};

struct control;

/* A stale socket is replaced; a living one is not (a relay runs on that folder). */
struct control *control_new(struct relay *r, struct err *e) MUST_USE;
void control_start(struct control *c);
void control_free(struct control **c); /* removes the socket; NULL is fine */

#endif

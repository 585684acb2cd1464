/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/ledger.h - what each account, route, profile and kind has sent when, also across restarts and
 * crashes.
 *
 * Kept in a journal of its own (DATA/ledger) and not asked of the trails: those are found by message, not by
 * time, and don't know what a server counted though it refused it.  A line is written before the server is
 * told anything, so no kill lets a cap be passed; it is not flushed to the disk each time: after
 * a power cut the last seconds may be missing, which a machine takes longer to start than most windows last.
 * What was begun and not ended when the relay died counts as sent. */
#ifndef RELAY_LEDGER_H
#define RELAY_LEDGER_H

#include "base/err.h"
#include "relay/lane/caps.h"
#include "relay/lane/ramp.h"
#include "store/names.h"

struct ledger;

struct ledger_row {
	struct named named; /* first: "route m365" */
	struct caps_log log;
	struct ramp ramp;
};

/* path: the journal, made when missing.  *out is the caller's.  Lines that cannot be read are passed over; a
 * disk that takes no more is trouble (ledger_trouble), no failure. */
bool ledger_open(const char *path, int64_t now_ms, struct ledger **out, struct err *e) MUST_USE;
/* As it stands, for a look beside the running relay: nothing may be begun or ended in it. */
bool ledger_look(const char *path, int64_t now_ms, struct ledger **out, struct err *e) MUST_USE;
void ledger_close(struct ledger **l); /* NULL is fine */

/* kind: "route", "account", "profile".  Never NULL; lives as long as the ledger. */
struct ledger_row *ledger_row(struct ledger *l, const char *kind, const char *name);

void ledger_begin(struct ledger *l, struct ledger_row *r, unsigned recipients, int64_t now_ms);
/* sent: of these what the server may have counted; handed_over: it took the message. */
void ledger_end(struct ledger *l, struct ledger_row *r, unsigned begun, unsigned sent, bool handed_over,
		int64_t now_ms);
void ledger_failed(struct ledger *l, struct ledger_row *r, bool blocked);
/* The clock was set by so much: no window ends earlier or later for it. */
void ledger_shift(struct ledger *l, int64_t leap_ms, int64_t now_ms);
/* The first thing that could not be written since the last call; false: all is well. */
bool ledger_trouble(struct ledger *l, struct err *e);

#endif

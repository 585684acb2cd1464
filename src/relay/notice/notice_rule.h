/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_rule.h - whether a change of a recipient's state is told to the sender (RFC
 * 3461, 4.1, 5.2).
 *
 * Pure: a look at the envelope and the change. */
#ifndef RELAY_NOTICE_RULE_H
#define RELAY_NOTICE_RULE_H

#include "store/store.h"

/* A delay is told once, when it has lasted as long as the settings say and so many tries failed. */
enum { NOTICE_DELAY_TRIES = 2 };

enum notice_kind {
	NOTICE_NONE,
	NOTICE_FAILED,  /* refused or expired */
	NOTICE_DELAYED, /* not yet handed over; told once */
	NOTICE_RELAYED, /* handed over to a server that will not tell, and the sender asked */
	NOTICE_DOUBT,   /* it may have arrived, and is not sent again by itself */
	NOTICE_KINDS
};

struct notice_case {
	unsigned flags;   /* enum store_flag of the message */
	bool null_sender; /* MAIL FROM:<> */
	unsigned notify;  /* enum store_notify; 0: not given */
	enum store_state state;
	bool owed; /* handed-over or bounced: to tell it is ours (struct store_mark) */
	int64_t arrived_ms, at_ms;
	unsigned tries; /* so far, this one included */
	long late_s;    /* so long a delay lasts before it is told; 0: it never is */
	bool told;      /* of the delay */
	bool asks;      /* in-doubt: it waits for a person */
	bool note;      /* nothing has changed */
};

enum notice_kind notice_rule(const struct notice_case *c);
/* As what it may be told what becomes of a recipient with that NOTIFY: 1u << kind, or-ed. */
unsigned notice_kinds(unsigned notify);
/* Has a delay that is told lasted?  One failed try says nothing of that, whatever the clock says: this
 * machine may have slept, or held the mail, until then. */
bool notice_is_late(long late_s, int64_t arrived_ms, int64_t at_ms, unsigned tries);

/* What of the original goes back: all of it only with a failure, and where RET=FULL was said
 * without REQUIRETLS. */
bool notice_returns_all(enum notice_kind k, unsigned flags);

#endif

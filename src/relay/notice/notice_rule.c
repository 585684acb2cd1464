/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_rule.h"

/* Any of these wishes.  Of a doubt nobody else would say that it waits. */
static const unsigned wishes[NOTICE_KINDS] = {
	[NOTICE_FAILED] = STORE_NOTIFY_FAILURE,
	[NOTICE_DELAYED] = STORE_NOTIFY_DELAY,
	[NOTICE_RELAYED] = STORE_NOTIFY_SUCCESS,
	[NOTICE_DOUBT] = STORE_NOTIFY_FAILURE | STORE_NOTIFY_DELAY,
};

/* RFC 3461, 4.1: without NOTIFY a failure is told, a delay may be, a success is not. */
static bool wants(unsigned notify, enum notice_kind kind)
{
	notify = notify ? notify : STORE_NOTIFY_FAILURE | STORE_NOTIFY_DELAY;
	return !(notify & STORE_NOTIFY_NEVER) && (notify & wishes[kind]);
}

unsigned notice_kinds(unsigned notify)
{
	unsigned kinds = 0;
	for (unsigned kind = 0; kind < NOTICE_KINDS; kind++)
		kinds |= wants(notify, kind) ? 1u << kind : 0;
	return kinds;
}

bool notice_is_late(long late_s, int64_t arrived_ms, int64_t at_ms, unsigned tries)
{
	return late_s && tries >= NOTICE_DELAY_TRIES && at_ms - arrived_ms >= late_s * INT64_C(1000);
}

static enum notice_kind kind_of(const struct notice_case *c)
{
	switch (c->state) {
	case STORE_REFUSED:
	case STORE_EXPIRED:
		return NOTICE_FAILED;
	case STORE_BOUNCED: /* else the sender has the report himself */
		return c->owed ? NOTICE_FAILED : NOTICE_NONE;
	case STORE_DELAYED:
		return !c->told && notice_is_late(c->late_s, c->arrived_ms, c->at_ms, c->tries)
			       ? NOTICE_DELAYED
			       : NOTICE_NONE;
	case STORE_IN_DOUBT:
		return c->asks ? NOTICE_DOUBT : NOTICE_NONE;
	case STORE_HANDED_OVER:
		return c->owed ? NOTICE_RELAYED : NOTICE_NONE;
	default: /* cancelled was the sender's or the operator's own wish */
		return NOTICE_NONE;
	}
}

enum notice_kind notice_rule(const struct notice_case *c)
{
	if (c->null_sender || c->note || (c->flags & STORE_OWN_NOTICE)) /* RFC 5321, 4.5.5 */
		return NOTICE_NONE;
	enum notice_kind kind = kind_of(c);
	return wants(c->notify, kind) ? kind : NOTICE_NONE;
}

bool notice_returns_all(enum notice_kind k, unsigned flags)
{
	const unsigned less = (unsigned)STORE_RET_HDRS | (unsigned)STORE_REQUIRETLS; /* RFC 8689, 5 */
	return k == NOTICE_FAILED && (flags & STORE_RET_FULL) && !(flags & less);
}

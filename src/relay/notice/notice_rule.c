/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_rule.h"

/* RFC 3461, 4.1: without NOTIFY a failure is told, a delay may be, a success is not. */
static bool wants(const struct notice_case *c, unsigned what)
{
	unsigned notify = c->notify ? c->notify : STORE_NOTIFY_FAILURE | STORE_NOTIFY_DELAY;
	return !(notify & STORE_NOTIFY_NEVER) && (notify & what);
}

bool notice_is_late(int64_t arrived_ms, int64_t at_ms)
{
	return at_ms - arrived_ms >= NOTICE_DELAY_S * INT64_C(1000);
}

static bool tells_delay(const struct notice_case *c)
{
	return !c->told && notice_is_late(c->arrived_ms, c->at_ms) && wants(c, STORE_NOTIFY_DELAY);
}

enum notice_kind notice_rule(const struct notice_case *c)
{
	if (c->null_sender || c->note || (c->flags & STORE_OWN_NOTICE)) /* RFC 5321, 4.5.5 */
		return NOTICE_NONE;
	switch (c->state) {
	case STORE_REFUSED:
	case STORE_EXPIRED:
		return wants(c, STORE_NOTIFY_FAILURE) ? NOTICE_FAILED : NOTICE_NONE;
	case STORE_BOUNCED: /* else the sender has the report himself */
		return c->returned && wants(c, STORE_NOTIFY_FAILURE) ? NOTICE_FAILED : NOTICE_NONE;
	case STORE_DELAYED:
		return tells_delay(c) ? NOTICE_DELAYED : NOTICE_NONE;
	case STORE_IN_DOUBT: /* nobody else would say that it waits */
		return c->asks && wants(c, STORE_NOTIFY_FAILURE | STORE_NOTIFY_DELAY) ? NOTICE_DOUBT
										      : NOTICE_NONE;
	case STORE_HANDED_OVER:
		return !c->hop_tells && wants(c, STORE_NOTIFY_SUCCESS) ? NOTICE_RELAYED : NOTICE_NONE;
	default: /* cancelled was the sender's or the operator's own wish */
		return NOTICE_NONE;
	}
}

bool notice_returns_all(enum notice_kind k, unsigned flags)
{
	return k == NOTICE_FAILED && (flags & STORE_RET_FULL) && !(flags & STORE_RET_HDRS);
}

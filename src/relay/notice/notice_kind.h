/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_kind.h - as what a mark is told: the rule, with what it asks of settings and trail. */
#ifndef RELAY_NOTICE_KIND_H
#define RELAY_NOTICE_KIND_H

#include "relay/notice/notice_rule.h"
#include "relay/relay_inner.h"

/* The marks of one call; the trail is read once, and only where it is needed. */
struct notice_asking {
	struct relay *relay;
	const struct store_message *m;
	struct arena *arena; /* NULL: the trail was not read yet */
	struct store_trail trail;
	bool known; /* it was to be had */
};

enum notice_kind notice_kind_of(struct notice_asking *x, const struct store_mark *k);
void notice_asking_clear(struct notice_asking *x);

#endif

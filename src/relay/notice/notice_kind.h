/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_kind.h - as what a mark is told: the rule, with what it asks of settings and trail. */
#ifndef RELAY_NOTICE_KIND_H
#define RELAY_NOTICE_KIND_H

#include "relay/notice/notice_late.h"
#include "relay/notice/notice_rule.h"

enum notice_kind notice_kind_of(struct relay *r, struct notice_lates *late, const struct store_message *m,
				const struct store_mark *k);

#endif

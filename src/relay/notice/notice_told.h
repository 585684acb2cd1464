/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_told.h - what a sender has been told: the reports to him that the store has, by their
 * names (notice_span.h). */
#ifndef RELAY_NOTICE_TOLD_H
#define RELAY_NOTICE_TOLD_H

#include "relay/notice/notice_span.h"
#include "relay/relay_inner.h"

struct notice_told {
	struct arena *arena; /* owns the rest; NULL: nothing was looked for */
	struct str sender;
	struct notice_span *v;
	size_t n, room;
};

/* In a fiber: what was made for that sender since then, in place of what stands in t; nothing is looked for
 * where that is his already.  False with *e: not to be had. */
bool notice_told_find(struct notice_told *t, struct relay *r, struct str sender, int64_t since_ms,
		      struct err *e) MUST_USE;
bool notice_told_has(const struct notice_told *t, struct store_id about, enum notice_kind kind,
		     struct notice_place p);
void notice_told_clear(struct notice_told *t);

/* Whether a mail that was found is a report of ours, and what it tells. */
bool notice_told_is_report(struct store *s, const struct store_hit *hit, struct notice_span *out) MUST_USE;

#endif

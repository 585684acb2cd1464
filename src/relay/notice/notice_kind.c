/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_kind.h"

enum notice_kind notice_kind_of(struct relay *r, struct notice_lates *late, const struct store_message *m,
				const struct store_mark *k)
{
	if (k->rcpt >= m->nrcpts)
		return NOTICE_NONE;
	struct notice_case c = { .flags = m->flags,
				 .null_sender = !m->reverse_path.len,
				 .notify = m->rcpts[k->rcpt].notify,
				 .state = k->state,
				 .asks = k->next_ms == STORE_NEVER,
				 .note = k->note,
				 .owed = k->owed,
				 .arrived_ms = notice_arrived_ms(r, m, k->at_ms),
				 .at_ms = k->at_ms,
				 .tries = k->tries,
				 .late_s = r->settings->retry.delay_warning_s };
	enum notice_kind kind = notice_rule(&c);
	/* Reports to a domain of our own are for the trail, which has it already. */
	if (kind == NOTICE_NONE || relay_is_local(r->settings, m->reverse_path))
		return NOTICE_NONE;
	return kind == NOTICE_DELAYED && !notice_late_is_news(late, r, m, k) ? NOTICE_NONE : kind;
}

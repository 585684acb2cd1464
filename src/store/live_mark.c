/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/live_inner.h"

/* Changes of state, in two steps as on disk: checked, then made so or undone. */

bool live_has_ended(struct live *l, const struct store_mark *m)
{
	struct live_message *msg = live_find(l, m->id);
	return !msg || (m->rcpt < msg->nrcpts && !msg->rows[m->rcpt].lane);
}

bool live_check(struct live *l, const struct store_mark *m)
{
	struct live_row *row = live_row_at(l, m->id, m->rcpt);
	if (!row || row->flags & ROW_ENDING ||
	    !store_state_may_follow((enum store_state)row->state, m->state))
		return false;
	if (m->epoch ? !row->claim || row->claim->epoch != m->epoch || row->flags & ROW_SETTLED
		     : row->claim != NULL)
		return false;
	if (!m->epoch) {
		row->pending++;
		lane_withdraw(row);
	} else if (!m->keep_claim) {
		row->flags |= ROW_SETTLED;
	}
	if (!store_state_live(m->state))
		row->flags |= ROW_ENDING;
	return true;
}

static void settle(struct live_row *row, const struct store_mark *m)
{
	if (!m->epoch && row->pending)
		row->pending--;
	if (!m->keep_claim)
		row->flags &= (uint8_t)~ROW_SETTLED;
	if (!store_state_live(m->state))
		row->flags &= (uint8_t)~ROW_ENDING;
}

void live_undo(struct live *l, const struct store_mark *m)
{
	struct live_row *row = live_row_at(l, m->id, m->rcpt);
	if (!row)
		return;
	settle(row, m);
	l->next_expiry = 0; /* its claim may have passed its lease meanwhile */
	lane_offer(row);
}

/* Why those that wait there wait; what was said to one that is gone explains nothing. */
static void note_reply(struct live_row *row, const struct store_mark *m, int64_t event)
{
	if (m->code && store_state_live(m->state) && event > row->lane->reply_event) {
		row->lane->reply_seq = m->id.seq;
		row->lane->reply_event = event;
	}
}

/* A report about one who has ended, while others of the message have not. */
static void apply_late(struct live *l, const struct store_mark *m)
{
	struct live_message *msg = live_find(l, m->id);
	if (msg && m->rcpt < msg->nrcpts)
		msg->rows[m->rcpt].state = (uint8_t)m->state;
}

bool live_apply(struct live *l, const struct store_mark *m, int64_t event, struct live_message **ended)
{
	struct live_row *row = live_row_at(l, m->id, m->rcpt);
	if (!row) {
		apply_late(l, m);
		return false;
	}
	settle(row, m);
	if (m->lane.len && (m->lane.len != row->lane->named.len ||
			    memcmp(m->lane.p, row->lane->named.name, m->lane.len) != 0)) {
		lane_leave(l, row);
		lane_enter(l, row, m->lane);
	}
	lane_withdraw(row);
	if (!m->keep_claim && m->epoch)
		claim_end(l, row);
	lane_count(row, -1);
	row->state = (uint8_t)m->state;
	row->flags = (uint8_t)((row->flags & ~(ROW_DOT | ROW_UNREADABLE)) | (m->dot ? ROW_DOT : 0) |
			       live_unreadable(m->finding));
	row->next_ms = m->next_ms;
	row->tries = m->tries;
	lane_count(row, 1);
	note_reply(row, m, event);
	if (store_state_live(m->state)) {
		lane_offer(row);
		return false;
	}
	lane_leave(l, row);
	struct live_message *msg = row_message(row);
	msg->left--;
	struct live_message *gone = live_take_ended(l, msg);
	if (gone)
		*ended = gone;
	return gone != NULL;
}

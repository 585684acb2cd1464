/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_kind.h"

#include "relay/notice/notice.h"

static void read_trail(struct notice_asking *x)
{
	struct err e = { 0 };
	if (x->arena)
		return;
	x->arena = arena_new();
	x->known = store_trail(x->relay->store, x->m->id, x->arena, &x->trail, &e) == 1;
}

/* A delay is told once: was there an earlier try that was late already? */
static bool was_told(struct notice_asking *x, const struct store_mark *k)
{
	read_trail(x);
	if (!x->known)
		return true; /* rather once too seldom */
	for (size_t i = 0; i < x->trail.nevents; i++) {
		const struct store_event *ev = &x->trail.events[i];
		if (ev->rcpt == k->rcpt && ev->state == STORE_DELAYED && ev->at_ms < k->at_ms &&
		    notice_is_late(x->m->arrived_ms, ev->at_ms))
			return true;
	}
	return false;
}

enum notice_kind notice_kind_of(struct notice_asking *x, const struct store_mark *k)
{
	const struct store_message *m = x->m;
	if (k->rcpt >= m->nrcpts)
		return NOTICE_NONE;
	struct notice_case c = { .flags = m->flags,
				 .null_sender = !m->reverse_path.len,
				 .notify = m->rcpts[k->rcpt].notify,
				 .state = k->state,
				 .asks = k->next_ms == STORE_NEVER,
				 .note = k->note,
				 .returned = k->returned,
				 .owed = k->owed,
				 .arrived_ms = m->arrived_ms,
				 .at_ms = k->at_ms };
	enum notice_kind kind = notice_rule(&c);
	/* Reports to a domain of our own are for the trail, which has it already. */
	if (kind == NOTICE_NONE || relay_is_local(x->relay->settings, m->reverse_path))
		return NOTICE_NONE;
	return kind == NOTICE_DELAYED && was_told(x, k) ? NOTICE_NONE : kind;
}

void notice_asking_clear(struct notice_asking *x)
{
	arena_free(&x->arena);
}

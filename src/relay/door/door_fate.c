/* SPDX-License-Identifier: Apache-2.0 */
/* A key that a program gave comes again, and its mail was refused, expired, cancelled...: the program is told
 * that as if it had waited for it, and nothing is sent.  (A Message-ID does not ask: that mail is new.) */
#include "relay/door/door_accept_inner.h"

/* What ended it for the first of w's recipients who is in that trail; NULL: none is. */
static const struct store_event *end_of(const struct door_accept *w, const struct store_trail *t)
{
	for (size_t i = t->nevents; i; i--) {
		const struct store_event *v = &t->events[i - 1];
		if (v->rcpt < t->message.nrcpts && !store_state_protects(v->state) &&
		    str_iequal(t->message.rcpts[v->rcpt].address, w->message.rcpts[0].address))
			return v;
	}
	return NULL;
}

bool door_fate_tell(struct door_accept *w, struct store_id before)
{
	struct arena *a = w->mail->arena;
	struct store_trail t;
	struct err e = { 0 };
	char id[STORE_ID_TEXT];
	if (store_trail(w->relay->store, before, a, &t, &e) != 1)
		return false;
	const struct store_event *v = end_of(w, &t);
	if (!v)
		return false;
	bool refused = v->state == STORE_REFUSED && v->code >= 500;
	unsigned code = refused ? v->code : 554;
	const char *reply = arena_str(a, str_cut(v->reply, 0, 400)).p, *rest;
	const char *enhanced = door_verdict_enhanced(a, code, reply, &rest);
	w->message.id = before;
	door_accept_answer(w, code, enhanced,
			   arena_printf(a, "%s came with this key before, and was %s%s%s",
					store_id_text(before, id), store_state_name(v->state),
					*rest ? ": " : "", rest));
	return true;
}

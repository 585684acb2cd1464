/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to a message, and the end of its way. */
#include <string.h>

#include "net/watch.h"
#include "relay/door/door_accept_inner.h"
#include "relay/door/usage.h"

void door_accept_count(struct door_accept *w)
{
	if (!w->account)
		return;
	w->counted = (unsigned)(w->message.nrcpts - w->nremoved);
	usage_add(w->relay->usage, w->account, w->counted, w->message.arrived_ms);
}

void door_accept_uncount(struct door_accept *w)
{
	if (w->counted)
		usage_withdraw(w->relay->usage, w->account, w->counted, w->message.arrived_ms);
	w->counted = 0;
}

void door_verdict_leave(struct door_accept *w)
{
	if (!w->timer)
		return;
	net_timer_free(&w->timer);
	if (w->prev)
		w->prev->next = w->next;
	else
		w->relay->waiting = w->next;
	if (w->next)
		w->next->prev = w->prev;
}

static void destroy(struct door_accept *w)
{
	struct door_transaction *m = w->mail;
	door_verdict_leave(w);
	door_accept_uncount(w); /* what was kept is settled: it was not */
	w->relay->accepts--;
	store_body_free(&w->body);
	relay_settings_drop(&w->settings);
	door_transaction_free(&m); /* w is in it */
}

void door_accept_answer(struct door_accept *w, unsigned code, const char *enhanced, const char *text)
{
	struct door *d = w->door;
	bool later = w->later;
	if (w->told)
		w->told(w->told_ctx, w, &(struct smtp_answer){ code, enhanced, text });
	if (d) {
		d->accept = NULL;
		w->relay->counts.refused += code >= 400;
		d->messages++;
		d->commands = 0;
		d->junk = 0;
		door_say(d, code, enhanced, text);
		if (w->relay->draining)
			smtp_server_close(d->smtp, 421, "4.3.2", door_draining);
	}
	destroy(w);
	if (d && later)
		door_go_on(d);
}

void door_accept_orphan(struct door *d)
{
	struct door_accept *w = d->accept;
	d->accept = NULL;
	if (!w)
		return;
	w->door = NULL;
	if (w->timer) /* nobody waits any longer for what the next server says */
		destroy(w);
}

/* The system's words are in the answer; why it takes nothing the store has told itself. */
static bool is_told(const struct relay *r, const struct err *e)
{
	struct store_health h;
	if (e->kind == ERR_SYS && e->code)
		return true;
	store_health(r->store, &h);
	return !h.accepting && h.err.doing && e->doing && !strcmp(h.err.doing, e->doing);
}

void door_tell_unkept(struct relay *r, const struct err *e)
{
	if (!is_told(r, e))
		relay_tell(r, e);
}

void door_accept_refuse(struct door_accept *w, const struct err *e)
{
	char text[INTAKE_REFUSAL_BYTES];
	door_tell_unkept(w->relay, e);
	door_accept_answer(w, 452, "4.3.1", intake_refusal(e, text));
}

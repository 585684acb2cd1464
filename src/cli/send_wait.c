/* SPDX-License-Identifier: Apache-2.0 */
/* A queued mail followed on its trail, until the fate of each recipient is known. */
#include <time.h>

#include "base/text.h"
#include "cli/send.h"
#include "show/trail_events.h"
#include "store/store.h"

enum { LOOK_MS = 200 };

static struct send_fate *fate_for(struct send_mail *m, struct str address)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_ieq(address, m->fates[i].address))
			return &m->fates[i];
	return NULL;
}

static const char *keep(struct send_mail *m, struct str s)
{
	return text_printable(m->arena, s);
}

/* The last event with an answer is the proof; the state is the row's own. */
static void take_events(struct send_mail *m, const struct store_trail *t, uint32_t rcpt, struct send_fate *f)
{
	const struct store_event *last = NULL;
	for (size_t i = 0; i < t->nevents; i++)
		if (t->events[i].rcpt == rcpt && (t->events[i].code || t->events[i].reply.len ||
						  t->events[i].why.len || t->events[i].host.len))
			last = &t->events[i];
	if (!last)
		return;
	f->code = last->code;
	f->reply = keep(m, last->reply.len ? last->reply : last->why);
	f->step = "";
	f->host = keep(m, last->host);
	f->host_address = keep(m, last->address);
	f->tls = keep(m, last->tls);
	f->remote_id = keep(m, last->remote_id);
	f->finding = keep(m, last->finding);
}

/* As trace tells it: the relay knew more than the words say. */
static void take_cause(struct send_mail *m, const struct store_trail *t, uint32_t rcpt, struct send_fate *f)
{
	struct answer_item *why = arena_alloc(m->arena, sizeof(*why));
	f->told = trail_answer(m->arena, t, rcpt, why) ? why : NULL;
	if (f->told)
		f->finding = why->cause.entry->id;
}

/* True when nothing more will happen to any. */
static bool take_trail(struct send_mail *m, const struct store_trail *t)
{
	bool over = true;
	for (size_t i = 0; i < t->message.nrcpts; i++) {
		const struct store_rcpt *r = &t->message.rcpts[i];
		struct send_fate *f = fate_for(m, r->address);
		if (!f)
			continue;
		if (f->state != r->state) {
			f->state = r->state;
			take_events(m, t, (uint32_t)i, f);
			take_cause(m, t, (uint32_t)i, f);
		}
		f->next_ms = r->state == STORE_DELAYED && r->next_ms != STORE_NEVER ? r->next_ms : 0;
		over &= !store_state_live(r->state);
	}
	return over;
}

static void tell(struct send_mail *m)
{
	char text[300];
	const struct send_fate *f = &m->fates[0];
	for (size_t i = 0; i < m->n; i++)
		if (store_state_live(m->fates[i].state))
			f = &m->fates[i];
	snprintf(text, sizeof(text), "%s  %s: %s  %s", m->id, f->address, store_state_name(f->state),
		 f->state == STORE_DELAYED ? f->reply : "");
	send_progress(m->o, text);
}

/* 1: all is known, 0: not yet, -1: *e */
static int look(struct send_mail *m, struct store *s, struct store_id id, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	int found = store_trail(s, id, a, &t, e);
	return found == 1 ? take_trail(m, &t) : found;
}

static bool unreadable(const struct send_mail *m, struct err *e)
{
	err_detail(e, "the mail is queued as %s; ask as a user who may read %s: postrider trace %s", m->id,
		   m->data, m->id);
	return false;
}

bool send_wait(struct send_mail *m, struct net_loop *l, struct err *e)
{
	struct store_id id;
	struct store *s = NULL;
	const struct store_options o = { .path = m->data,
					 .mode = STORE_READ,
					 .now_ms = (int64_t)time(NULL) * 1000 };
	if (!store_id_read(str_of(m->id), &id)) {
		ERR_FILL(e, ERR_PROTOCOL, 0, "follow the mail", "at %s:%u", m->host, m->port);
		return err_detail(e, "its answer holds no id: is it Postrider's relay?");
	}
	if (!store_open(&o, &s, e))
		return unreadable(m, e);
	uint64_t until_ms = net_loop_now_ms(l) + m->o->timeout_s * 1000;
	int known;
	while (!(known = look(m, s, id, e)) && net_loop_now_ms(l) < until_ms && !net_loop_interrupted(l)) {
		tell(m);
		net_loop_sleep(l, net_loop_now_ms(l) + LOOK_MS);
	}
	send_progress(m->o, NULL);
	store_close(&s);
	m->late = !known;
	return known >= 0 || unreadable(m, e);
}

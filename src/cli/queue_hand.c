/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/queue_hand.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/folder.h"
#include "cli/queue_hand_inner.h"

bool queue_hand_open(const char *folder, enum queue_need need, struct queue_hand **out, struct err *e)
{
	CLEANUP(queue_hand_free) struct queue_hand *h = mem_alloc(sizeof(*h));
	h->fd = queue_relay_connect(folder, QUEUE_ANSWER_S);
	enum store_mode mode = h->fd < 0 && need != QUEUE_LOOK ? STORE_OWN : STORE_READ;
	bool fills = mode == STORE_OWN && need == QUEUE_FILL;
	if (fills ? !folder_open_new(folder, &h->store, e) : !folder_open(folder, mode, &h->store, e))
		return false;
	*out = STEAL(h);
	return true;
}

void queue_hand_free(struct queue_hand **h)
{
	if (!*h)
		return;
	queue_relay_leave(*h);
	store_close(&(*h)->store);
	free(*h);
	*h = NULL;
}

bool queue_hand_running(const struct queue_hand *h)
{
	return h->fd >= 0;
}

struct store *queue_hand_store(struct queue_hand *h)
{
	return h->store;
}

/* ---- without a relay ---- */

struct own_work {
	struct queue_hand *h;
	const struct steer_order *o;
	const struct relay_settings *settings;
	struct queue_outcome *out;
	size_t waiting;
};

static struct steer_known known_of(const struct own_work *w, const struct store_message *m,
				   const struct steering_item *x, struct arena *a)
{
	struct steer_known k = { .finding = str_of(x->finding) };
	const struct store_rcpt *c = x->rcpt < m->nrcpts ? &m->rcpts[x->rcpt] : NULL;
	if (!w->settings || !c)
		return k;
	const struct relay_sender sender = { m->reverse_path, m->account };
	k.lane = str_of(
		lane_steered(w->settings, c->lane, w->o->what == STEER_RELEASE, sender, c->address, a));
	return k;
}

static void hand_in(struct own_work *w, const struct steering_item *x)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m;
	struct store_mark mark;
	struct err e = { 0 };
	char text[400];
	struct steer_known known;
	const char *no = "";
	if (!store_fetch(w->h->store, x->id, a, &m, &e))
		queue_outcome_not(w->out, *x, "it has come to an end already, or was never here");
	else if (known = known_of(w, &m, x, a), !steer_mark(w->o, &m, x->rcpt, &known, a, &mark, &no))
		queue_outcome_not(w->out, *x, no);
	else if (!store_mark(w->h->store, &mark, 1, NULL, &e))
		queue_outcome_not(w->out, *x, err_text(&e, text, sizeof(text)));
	else
		w->waiting++;
}

static void take_outcomes(struct own_work *w)
{
	struct store_done done[QUEUE_BATCH];
	char text[400];
	while (w->waiting) {
		struct pollfd p = { store_wake_fd(w->h->store), POLLIN, 0 };
		poll(&p, 1, -1);
		size_t n = store_take_done(w->h->store, done, QUEUE_BATCH);
		for (size_t i = 0; i < n; i++, w->waiting--)
			if (done[i].verdict == STORE_DONE)
				w->out->done++;
			else
				queue_outcome_not(w->out,
						  (struct steering_item){ done[i].id, done[i].rcpt, "" },
						  err_text(&done[i].err, text, sizeof(text)));
	}
}

bool queue_hand_steer(struct queue_hand *h, const struct steer_order *o,
		      const struct relay_settings *settings, const struct steering_item *items, size_t n,
		      struct queue_outcome *out, struct err *e)
{
	struct own_work w = { h, o, settings, out, 0 };
	if (h->fd < 0 && o->what == STEER_BOUNCE) {
		ERR_FILL(e, ERR_SYS, 0, "bounce", "%zu recipient%s", n, n == 1 ? "" : "s");
		return err_detail(e,
				  "no relay runs that could tell the senders: start it (postrider serve), or "
				  "cancel instead");
	}
	for (size_t i = 0; i < n; i += QUEUE_BATCH) {
		size_t batch = n - i < QUEUE_BATCH ? n - i : QUEUE_BATCH;
		if (h->fd >= 0) {
			if (!queue_relay_steer(h, o, items + i, batch, out, e))
				return false;
			continue;
		}
		for (size_t k = 0; k < batch; k++)
			hand_in(&w, &items[i + k]);
		take_outcomes(&w);
	}
	return true;
}

bool queue_hand_lane(struct queue_hand *h, struct str lane, struct arena *a, struct lane_view *out)
{
	return h->fd >= 0 && queue_relay_lane(h, lane, NULL, 0, a, out);
}

bool queue_hand_place(struct queue_hand *h, struct str lane, struct store_id id, uint32_t rcpt,
		      struct arena *a, struct lane_view *out)
{
	return h->fd >= 0 && queue_relay_lane(h, lane, &id, rcpt, a, out);
}

struct queue_hand *queue_hand_beside(const char *folder)
{
	struct queue_hand *h = mem_alloc(sizeof(*h));
	h->fd = queue_relay_connect(folder, QUEUE_LOOK_S);
	return h;
}

void queue_hand_sending(struct queue_hand *h, struct arena *a, struct store_sending *out)
{
	*out = (struct store_sending){ .some = true };
	if (h->fd >= 0)
		queue_relay_sending(h, a, out);
}

void queue_hand_behind(struct queue_hand *h, struct arena *a, struct index_behind *out)
{
	*out = (struct index_behind){ 0 };
	if (h->fd >= 0)
		queue_relay_behind(h, a, out);
}

bool queue_hand_suppress(struct queue_hand *h, const struct store_suppressed *v, struct err *e)
{
	struct store_done done;
	if (h->fd >= 0)
		return queue_relay_suppress(h, v, e);
	if (!store_suppress(h->store, v, NULL, e))
		return false;
	struct pollfd p = { store_wake_fd(h->store), POLLIN, 0 };
	while (!store_take_done(h->store, &done, 1))
		poll(&p, 1, -1);
	if (done.verdict == STORE_DONE)
		return true;
	*e = done.err;
	return false;
}

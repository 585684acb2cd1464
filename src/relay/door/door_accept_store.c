/* SPDX-License-Identifier: Apache-2.0 */
/* A message goes to the store, and its answer is what the store says. */
#include <stdio.h>

#include "relay/bounce/inbox.h"
#include "relay/door/door_accept_inner.h"
#include "relay/filter/filter_lane.h"

/* Those that had come before don't count; of those that a filter took away none did. */
static void settle_usage(struct door_accept *w, const struct store_done *x)
{
	if (x->verdict == STORE_DONE && w->counted > x->duplicates)
		w->counted = x->duplicates;
	door_accept_uncount(w);
}

/* A filter may have added some, or taken some away. */
static void count_again(struct door_accept *w)
{
	door_accept_uncount(w);
	door_accept_count(w);
}

static void wake_lanes(const struct door_accept *w)
{
	for (size_t i = 0; i < w->lanes.n; i++)
		lanes_wake(w->relay->lanes, str_of(w->lanes.v[i]));
}

/* Who is who in the store is not known: a mark would meet another. */
static void leave_unmarked(struct door_accept *w, struct err *e)
{
	char id[STORE_ID_TEXT];
	ERR_FILL(e, ERR_LIMIT, 0, "read message", "%s", store_id_text(w->message.id, id));
	err_detail(e, "what a filter said of it is written at the relay's next start");
	if (w->why || w->nrefused || w->nremoved)
		relay_tell(w->relay, e);
	w->nrefused = 0;
}

/* The store left out who had it before: from now on it has fewer recipients.  False: who, is not known. */
static bool leave_out(struct door_accept *w, unsigned duplicates)
{
	struct err e = { 0 };
	struct store_message kept;
	w->duplicates = duplicates;
	if (!duplicates)
		return true;
	if (!store_fetch(w->relay->store, w->message.id, w->mail->arena, &kept, &e)) {
		leave_unmarked(w, &e);
		return false;
	}
	w->message.rcpts = kept.rcpts;
	w->message.nrcpts = kept.nrcpts;
	return true;
}

static void taken(struct door_accept *w)
{
	w->relay->counts.taken++;
	relay_log_taken(w->relay->log, &w->message, w->message.id);
	if (w->reports && !w->why)
		inbox_read(w->relay, w->message.id);
}

/* With a program's own key those are left out too who never got it (key_renews). */
static const char *before(const struct door_accept *w)
{
	return w->message.key.len && !w->message.key_renews ? "came with this key before" : "had it before";
}

static void say_queued(struct door_accept *w)
{
	char id[STORE_ID_TEXT], text[200];
	int n = snprintf(text, sizeof(text), "queued as %s (durable)", store_id_text(w->message.id, id));
	if (w->duplicates && n > 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "; %u of its recipients %s", w->duplicates,
			      before(w));
	if (w->nrefused && n > 0)
		snprintf(text + n, sizeof(text) - (size_t)n, "; %zu of its recipients a filter refused",
			 w->nrefused);
	door_accept_answer(w, 250, "2.0.0", text);
}

/* It is in the store, with what filters said. */
static void kept(struct door_accept *w)
{
	wake_lanes(w);
	bool wait = w->wait_s && w->door && !w->why && !w->relay->draining;
	if (!wait || !door_verdict_wait(w))
		say_queued(w);
}

static void go_on(struct door_accept *w, unsigned duplicates)
{
	size_t n;
	bool known = leave_out(w, duplicates);
	struct store_mark *marks = filter_lane_marks(&w->message, w->mail->arena, &n);
	door_accept_say_whole(w, marks, n);
	taken(w);
	door_accept_tell_filters(w, marks, known ? n : 0, kept);
}

/* The words that everybody may rely on: only when all is on disk. */
void door_accept_stored(struct relay_ticket *t, const struct store_done *x)
{
	struct door_accept *w = (struct door_accept *)t;
	char id[STORE_ID_TEXT], text[100];
	settle_usage(w, x);
	w->message.id = x->id;
	if (x->verdict == STORE_FAILED) {
		door_accept_refuse(w, &x->err);
	} else if (x->verdict == STORE_DUPLICATE) {
		if (x->in_vain && door_fate_tell(w, x->id))
			return;
		w->known = true;
		snprintf(text, sizeof(text), "already queued as %s", store_id_text(x->id, id));
		door_accept_answer(w, 250, "2.0.0", text);
	} else if (x->verdict == STORE_SPENT) {
		w->spent = true;
		w->relay->counts.refused++;
		snprintf(text, sizeof(text), "The key came with another message before: %s",
			 store_id_text(x->id, id));
		door_accept_answer(w, 554, "5.5.4", text);
	} else {
		go_on(w, x->duplicates);
	}
}

/* Who waits in a thread is not made to wait for the loop's turn as well. */
bool door_accept_on_disk(struct relay_ticket *t, const struct store_done *x)
{
	struct door_accept *w = (struct door_accept *)t;
	struct relay *r = w->relay;
	if (!w->told_at_once || w->why || w->nrefused || w->nremoved || x->verdict != STORE_DONE ||
	    x->duplicates)
		return false;
	atomic_fetch_add(&r->telling, 1);
	bool told = w->told_at_once(w->told_ctx, x->id);
	if (told)
		w->told = NULL;
	atomic_fetch_sub(&r->telling, 1);
	return told;
}

/* Due now: the clock may have been put back while filters had it. */
static int64_t due_ms(const struct door_accept *w)
{
	int64_t now = relay_now_ms();
	return w->message.arrived_ms < now ? w->message.arrived_ms : now;
}

static void schedule_rcpts(struct door_accept *w)
{
	struct arena *a = w->mail->arena;
	int64_t due = due_ms(w);
	const struct relay_sender sender = { w->message.reverse_path, w->message.account };
	for (size_t i = 0; i < w->message.nrcpts; i++) {
		struct store_rcpt *c = &w->message.rcpts[i];
		bool gone = door_accept_removal(w, c->address);
		bool refused = gone || door_accept_refusal(w, c->address);
		bool local = relay_is_local(w->settings, c->address), held = local || w->why || refused;
		c->lane = local ? str_of(INBOX_LANE)
				: str_of(lane_as(w->settings, &w->as, sender, c->address, a));
		c->state = held ? STORE_HELD : STORE_QUEUED;
		c->next_ms = held ? STORE_NEVER : due;
		w->reports |= local && !refused;
		struct store_suppressed x;
		bool none = !gone &&
			    store_is_suppressed(w->relay->store, c->address, w->message.arrived_ms, a, &x);
		if (none) { /* since it was asked for, or a filter put it in */
			c->state = STORE_SUPPRESSED;
			c->finding = x.why;
			continue;
		}
		c->lane = door_accept_filter_lane(w, c->address, c->lane);
		c->expires_ms = w->message.arrived_ms + w->settings->retry.expire_s * 1000LL;
		if (!held && !strlist_has(&w->lanes, c->lane.p))
			strlist_add(&w->lanes, a, c->lane.p);
	}
}

void door_accept_submit(struct door_accept *w)
{
	struct err e = { 0 };
	schedule_rcpts(w);
	const struct smtp_answer *no = w->reports ? inbox_judge(w->body, w->message.reverse_path) : NULL;
	if (no) {
		door_accept_answer(w, no->code, no->enhanced, no->text);
		return;
	}
	w->message.size = store_body_size(w->body);
	if (w->counted + w->nremoved != w->message.nrcpts)
		count_again(w);
	bool later = w->later;
	w->later = true; /* before it: from another thread than the loop's w may be over after it */
	if (store_accept(w->relay->store, &w->body, &w->message, w, &e))
		return;
	w->later = later;
	door_accept_refuse(w, &e);
}

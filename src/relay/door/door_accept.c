/* SPDX-License-Identifier: Apache-2.0 */
/* From the whole message to the answer that can be trusted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/watch.h"
#include "relay/door/door_accept_inner.h"
#include "relay/bounce/inbox.h"
#include "relay/mark.h"
#include "relay/door/usage.h"

static void destroy(struct door_accept *w)
{
	struct door_transaction *m = w->mail;
	door_verdict_leave(w);
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
		d->messages++;
		d->commands = 0;
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

void door_accept_refuse(struct door_accept *w, const struct err *e)
{
	char text[600], words[450];
	snprintf(text, sizeof(text), "Not taken, nothing is lost: %s", err_text(e, words, sizeof(words)));
	door_accept_answer(w, 452, "4.3.1", text);
}

/* ---- the store ---- */

/* They were counted when they were offered; those that had come before don't count. */
static void settle_usage(const struct door_accept *w, const struct store_done *x)
{
	unsigned none = x->verdict == STORE_DONE ? x->duplicates : w->counted;
	if (w->account && none)
		usage_withdraw(w->relay->usage, w->account, none);
}

static void wake_lanes(const struct door_accept *w)
{
	for (size_t i = 0; i < w->lanes.n; i++)
		lanes_wake(w->relay->lanes, str_of(w->lanes.v[i]));
}

/* The store left out who had it before: from now on it has fewer recipients. */
static void leave_out(struct door_accept *w, unsigned duplicates)
{
	struct err e = { 0 };
	struct store_message kept;
	w->duplicates = duplicates;
	if (!duplicates || !store_fetch(w->relay->store, w->message.id, w->mail->arena, &kept, &e))
		return;
	w->message.rcpts = kept.rcpts;
	w->message.nrcpts = kept.nrcpts;
}

static void taken(struct door_accept *w)
{
	w->relay->counts.taken++;
	relay_log_taken(w->relay->log, &w->message, w->message.id);
	wake_lanes(w);
	if (w->reports && !w->why)
		inbox_read(w->relay, w->message.id);
}

static void say_queued(struct door_accept *w)
{
	char id[STORE_ID_TEXT], text[100];
	int n = snprintf(text, sizeof(text), "queued as %s (durable)", store_id_text(w->message.id, id));
	if (w->duplicates && n > 0)
		snprintf(text + n, sizeof(text) - (size_t)n, "; %u of its recipients had it before",
			 w->duplicates);
	door_accept_answer(w, 250, "2.0.0", text);
}

static void on_why_told(void *ctx, const struct store_done *x)
{
	(void)x; /* it is held all the same */
	say_queued(ctx);
}

/* Held or thrown away by a filter: which and why goes into the trail. */
static void tell_why(struct door_accept *w)
{
	const struct store_message *m = &w->message;
	struct store_mark *marks = arena_alloc(w->mail->arena, (m->nrcpts + 1) * sizeof(*marks));
	for (size_t i = 0; i < m->nrcpts; i++)
		marks[i] = (struct store_mark){ .id = m->id,
						.rcpt = (uint32_t)i,
						.state = w->discard ? STORE_CANCELLED : STORE_HELD,
						.next_ms = STORE_NEVER,
						.why = str_of(w->why) };
	relay_mark(w->relay, m, marks, m->nrcpts, on_why_told, w);
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
		w->known = true;
		snprintf(text, sizeof(text), "already queued as %s", store_id_text(x->id, id));
		door_accept_answer(w, 250, "2.0.0", text);
	} else {
		leave_out(w, x->duplicates);
		taken(w);
		if (w->why)
			tell_why(w);
		else if (w->wait_s && w->door && !w->relay->draining)
			door_verdict_wait(w);
		else
			say_queued(w);
	}
}

static void schedule_rcpts(struct door_accept *w)
{
	struct arena *a = w->mail->arena;
	for (size_t i = 0; i < w->message.nrcpts; i++) {
		struct store_rcpt *c = &w->message.rcpts[i];
		bool local = relay_is_local(w->settings, c->address), held = local || w->why;
		c->lane =
			local ? str_of(INBOX_LANE)
			      : str_of(lane_as(w->settings, &w->as, w->message.reverse_path, c->address, a));
		c->state = held ? STORE_HELD : STORE_QUEUED;
		c->next_ms = held ? STORE_NEVER : w->message.arrived_ms;
		w->reports |= local;
		struct store_suppressed x;
		bool none = store_is_suppressed(w->relay->store, c->address, w->message.arrived_ms, a, &x);
		if (none) { /* since it was asked for, or a filter put it in */
			c->state = STORE_SUPPRESSED;
			c->finding = x.why;
			continue;
		}
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
	if (w->account) {
		w->counted = (unsigned)w->message.nrcpts;
		usage_add(w->relay->usage, w->account, w->counted, w->message.arrived_ms);
	}
	if (store_accept(w->relay->store, &w->body, &w->message, w, &e)) {
		w->later = true;
		return;
	}
	if (w->account)
		usage_withdraw(w->relay->usage, w->account, w->counted);
	door_accept_refuse(w, &e);
}

/* ---- all of it ---- */

/* Of the same account, to the same recipient: what came twice is sent once.  A list's copies
 * have one Message-ID and different senders. */
struct str door_accept_key(struct arena *a, struct str sender, const struct intake_facts *f)
{
	if (*f->key)
		return str_of(arena_printf(a, "key %s", f->key));
	if (!*f->message_id || f->own_message_id)
		return STR_LIT("");
	return str_of(arena_printf(a, "id " STR_FMT " %s", STR_ARG(sender), f->message_id));
}

static struct str key_of(const struct door *d, const struct door_transaction *m, const struct intake_facts *f)
{
	if (door_is_stranger(d))
		return STR_LIT(""); /* nobody may spend another's key */
	return door_accept_key(m->arena, m->sender, f);
}

/* By its profile it goes in the profile's name. */
struct str door_accept_sender(struct str sender, const struct intake_facts *f)
{
	return sender.len && *f->choice.address ? str_of(f->choice.address) : sender;
}

struct lane_as door_accept_as(const struct intake_facts *f)
{
	const struct profile_choice *c = &f->choice;
	return (struct lane_as){ .profile = str_of(c->profile ? c->profile->name : ""),
				 .kind = str_of(c->kind ? c->kind->name : ""),
				 .untested = c->untested,
				 .never_twice = c->never_twice };
}

static struct store_message message_of(const struct door *d, const struct door_transaction *m,
				       const struct intake_facts *f)
{
	struct arena *a = m->arena;
	return (struct store_message){
		.arrived_ms = relay_now_ms(),
		.reverse_path = door_accept_sender(m->sender, f),
		.envid = m->envid,
		.flags = m->flags,
		.account = str_of(d->account ? arena_strdup(a, d->account->name) : ""),
		.listener = str_of(arena_strdup(a, d->listen->where)),
		.client = str_of(arena_strdup(a, link_peer(d->link))),
		.message_id = str_of(f->message_id),
		.subject = str_of(f->subject),
		.from = str_of(f->from),
		.key = key_of(d, m, f),
		.config = str_of(d->settings->hash),
		.rcpts = m->v,
		.nrcpts = m->n,
	};
}

void door_accept(struct door *d, struct door_transaction *m, const struct intake_facts *facts,
		 struct store_body *body)
{
	struct arena *a = m->arena;
	const struct tls_report *tls = link_tls(d->link);
	struct door_accept *w = arena_alloc(a, sizeof(*w));
	*w = (struct door_accept){ .ticket = { door_accept_stored },
				   .relay = d->port->relay,
				   .door = d,
				   .mail = m,
				   .settings = relay_settings_hold(d->settings),
				   .body = body,
				   .message = message_of(d, m, facts),
				   .as = door_accept_as(facts),
				   .from_address = door_is_stranger(d) ? NULL : facts->from_address,
				   .account = d->account ? arena_strdup(a, d->account->name) : NULL,
				   .helo = arena_strdup(a, smtp_server_client_name(d->smtp)),
				   .tls_version = tls ? arena_strdup(a, tls->version) : "",
				   .cipher = tls ? arena_strdup(a, tls->cipher) : "",
				   .port = link_peer_port(d->link),
				   .wait_s = d->listen->wait_s };
	d->accept = w;
	door_accept_start(w);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/letter.h"

#include <time.h>

#include "relay/relay_inner.h"
#include "relay/filter/signing.h"

struct letter {
	struct relay_ticket ticket; /* first */
	struct relay *relay;
	struct arena *arena; /* owns all of this */
	struct store_message envelope;
	void (*done)(void *ctx, const char *id, const struct err *e);
	void *ctx;
};

static void on_stored(struct relay_ticket *t, const struct store_done *d)
{
	struct letter *l = (struct letter *)t;
	struct arena *a = l->arena;
	char id[STORE_ID_TEXT];
	bool kept = d->verdict == STORE_DONE || d->verdict == STORE_DUPLICATE;
	if (kept && l->relay->log)
		relay_log_taken(l->relay->log, &l->envelope, d->id);
	if (kept && l->relay->lanes)
		for (size_t i = 0; i < l->envelope.nrcpts; i++)
			lanes_wake(l->relay->lanes, l->envelope.rcpts[i].lane);
	l->done(l->ctx, kept ? store_id_text(d->id, id) : NULL, &d->err);
	arena_free(&a);
}

static void address(struct letter *l, const struct relay_letter *from)
{
	struct arena *a = l->arena;
	const struct relay_settings *s = l->relay->settings;
	int64_t now_ms = relay_now_ms();
	struct str sender = arena_str(a, str_of(from->from));
	struct store_rcpt *rcpts = arena_alloc(a, (from->to.n + 1) * sizeof(*rcpts));
	for (size_t i = 0; i < from->to.n; i++) {
		struct str to = arena_str(a, str_of(from->to.v[i]));
		rcpts[i] = (struct store_rcpt){ .address = to,
						.notify = STORE_NOTIFY_NEVER,
						.lane = str_of(lane_of(s, sender, to, a)),
						.state = STORE_QUEUED,
						.next_ms = now_ms,
						.expires_ms = now_ms + s->retry.expire_s * 1000LL };
	}
	l->envelope = (struct store_message){
		.arrived_ms = now_ms,
		.reverse_path = sender,
		.flags = STORE_OWN_NOTICE,
		.listener = STR_LIT("alert"),
		.message_id = str_of(arena_printf(a, "<%s>", from->message_id)),
		.subject = arena_str(a, str_of(from->subject)),
		.from = sender,
		.config = arena_str(a, str_of(s->hash)),
		.rcpts = rcpts,
		.nrcpts = from->to.n,
	};
}

static bool submit(struct letter *l, const struct relay_letter *from, struct err *e)
{
	struct relay *r = l->relay;
	struct store_body *body = store_body_begin(r->store);
	bool ok = store_body_append(body, from->bytes, e);
	if (ok && signing_have(r->signing, from->from))
		ok = signing_sign(r->signing, from->from, body, (long long)time(NULL), e);
	if (ok)
		return store_accept(r->store, &body, &l->envelope, l, e);
	store_body_free(&body);
	return false;
}

void relay_letter_post(struct relay *r, const struct relay_letter *from,
		       void (*done)(void *ctx, const char *id, const struct err *e), void *ctx)
{
	struct arena *a = arena_new();
	struct letter *l = arena_alloc(a, sizeof(*l));
	struct err e = { 0 };
	*l = (struct letter){ .ticket = { on_stored }, .relay = r, .arena = a, .done = done, .ctx = ctx };
	address(l, from);
	if (submit(l, from, &e))
		return;
	done(ctx, NULL, &e);
	arena_free(&a);
}

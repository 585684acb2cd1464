/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/inbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "catalog/reply_match.h"
#include "mail/dsn.h"
#include "relay/mark.h"

enum { HITS_MAX = 10, EARLY_TRIES = 8, EARLY_MS = 250 };

struct job {
	struct relay *relay;
	struct store_id id;
	struct arena *arena;
	struct store_message message; /* the report */
	struct dsn dsn;
	unsigned told; /* recipients whose trail it is about */
};

static void read_all(struct store_reader *reader, struct buf *out)
{
	struct str piece;
	struct err e = { 0 };
	while (reader && buf_waiting(out) < INBOX_BYTES_MAX && store_reader_next(reader, &piece, &e) == 1)
		buf_add(out, piece.p, piece.len);
	store_reader_free(&reader);
}

const struct smtp_answer *inbox_judge(const struct store_body *body, struct str sender)
{
	static const struct smtp_answer no = { 550, "5.7.1",
					       "Only delivery reports are read here, and this is none" };
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf all = { 0 };
	struct dsn dsn;
	if (!sender.len)
		return NULL;
	read_all(store_body_look(body), &all);
	dsn_read(a, buf_str(&all), &dsn);
	return dsn.kind == DSN_NONE ? &no : NULL;
}

static enum store_state state_of(const struct dsn *d, const struct dsn_recipient *r)
{
	if (d->kind == DSN_RECEIPT)
		return STORE_CONFIRMED;
	if (d->kind != DSN_REPORT)
		return STORE_NO_STATE;
	return r->action == DSN_FAILED      ? STORE_BOUNCED
	       : r->action == DSN_DELIVERED ? STORE_CONFIRMED
					    : STORE_NO_STATE;
}

static const char *finding_of(const struct dsn_recipient *r, enum store_state state)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	const struct reply_context c = { .provider = "",
					 .step = r->step,
					 .code = (unsigned)strtoul(r->reply, NULL, 10) % 1000,
					 .enhanced = r->status,
					 .text = r->reply,
					 .pasted = true };
	return state == STORE_BOUNCED && reply_meanings(&c, m) ? m[0].entry->id : "";
}

/* One mark under way; it owns what it shows to the log. */
struct telling {
	struct arena *arena; /* this is in it */
	struct store_trail trail;
};

static void on_told(void *ctx, const struct store_done *d)
{
	struct arena *a = ((struct telling *)ctx)->arena;
	(void)d; /* another report was quicker, or the trail has gone */
	arena_free(&a);
}

/* In whose name it is said: the server that refused, else the one that reports. */
static void mark_original(struct job *j, const struct store_hit *hit, const struct dsn_recipient *r,
			  enum store_state state)
{
	char id[STORE_ID_TEXT];
	struct err e = { 0 };
	struct arena *a = arena_new();
	struct telling *t = arena_alloc(a, sizeof(*t));
	t->arena = a;
	if (store_trail(j->relay->store, hit->id, a, &t->trail, &e) != 1) {
		arena_free(&a);
		return;
	}
	const struct store_mark m = {
		.id = hit->id,
		.rcpt = hit->rcpt,
		.state = state,
		.next_ms = STORE_NEVER,
		.tries = hit->tries,
		.host = str_of(*r->remote ? r->remote : j->dsn.reporter),
		.address = str_of(r->remote_ip),
		.code = (unsigned)strtoul(r->reply, NULL, 10) % 1000,
		.reply = str_of(*r->reply ? r->reply : r->status),
		.finding = str_of(finding_of(r, state)),
		.why = str_of(arena_printf(a, "a delivery report said so (%s)", store_id_text(j->id, id))),
	};
	j->told++;
	relay_mark(j->relay, &t->trail.message, &m, 1, on_told, t);
}

static void find(struct job *j, const char *address, struct store_hits *hits)
{
	struct err e = { 0 };
	const struct store_query q = { .recipient = str_of(address),
				       .message_id = str_of(j->dsn.original.message_id),
				       .limit = HITS_MAX };
	*hits = (struct store_hits){ 0 };
	if (*address && !store_find(j->relay->store, &q, j->arena, hits, &e))
		relay_tell(j->relay, &e);
}

/* What left us a moment ago is not in the index yet. */
static bool is_early(const struct store_hits *hits)
{
	for (size_t i = 0; i < hits->n; i++)
		if (store_state_live(hits->v[i].state))
			return true;
	return false;
}

static bool mark_address(struct job *j, const char *address, const struct dsn_recipient *r,
			 enum store_state state)
{
	struct store_hits hits;
	find(j, address, &hits);
	for (int i = 0; i < EARLY_TRIES && is_early(&hits); i++) {
		net_loop_sleep(j->relay->loop, net_loop_now_ms(j->relay->loop) + EARLY_MS);
		find(j, address, &hits);
	}
	for (size_t i = 0; i < hits.n; i++)
		if (store_state_may_follow(hits.v[i].state, state))
			mark_original(j, &hits.v[i], r, state);
	return hits.n;
}

static void tell_originals(struct job *j)
{
	if (!*j->dsn.original.message_id)
		return;
	for (size_t i = 0; i < j->dsn.n; i++) {
		const struct dsn_recipient *r = &j->dsn.v[i];
		enum store_state state = state_of(&j->dsn, r);
		if (state != STORE_NO_STATE && !mark_address(j, r->original, r, state))
			(void)mark_address(j, r->address, r, state);
	}
}

static void end(struct job *j)
{
	j->relay->accepts--;
	arena_free(&j->arena);
	free(j);
}

static void on_read(void *ctx, const struct store_done *d)
{
	struct job *j = ctx;
	if (d->verdict == STORE_FAILED)
		relay_tell(j->relay, &d->err); /* the next start reads it again */
	end(j);
}

/* It has reached us, and we are where it was going. */
static void end_report(struct job *j)
{
	struct store_mark *v = arena_alloc(j->arena, (j->message.nrcpts + 1) * sizeof(*v));
	const char *why = arena_printf(j->arena, "read here (%s): %u trails changed",
				       dsn_kind_name(j->dsn.kind), j->told);
	size_t n = 0;
	for (size_t i = 0; i < j->message.nrcpts; i++)
		if (str_eq(j->message.rcpts[i].lane, INBOX_LANE) && j->message.rcpts[i].state == STORE_HELD)
			v[n++] = (struct store_mark){ .id = j->id,
						      .rcpt = (uint32_t)i,
						      .state = STORE_HANDED_OVER,
						      .next_ms = STORE_NEVER,
						      .host = str_of(j->relay->settings->hostname),
						      .why = str_of(why) };
	if (n)
		relay_mark(j->relay, &j->message, v, n, on_read, j);
	else
		end(j);
}

static void work(void *ctx)
{
	struct job *j = ctx;
	struct err e = { 0 };
	CLEANUP(buf_clear) struct buf all = { 0 };
	if (!store_fetch(j->relay->store, j->id, j->arena, &j->message, &e)) {
		relay_tell(j->relay, &e);
		end(j);
		return;
	}
	read_all(store_body_open(j->relay->store, j->id, &e), &all);
	dsn_read(j->arena, buf_str(&all), &j->dsn);
	tell_originals(j);
	end_report(j);
}

void inbox_read(struct relay *r, struct store_id id)
{
	struct job *j = mem_alloc(sizeof(*j));
	j->relay = r;
	j->id = id;
	j->arena = arena_new();
	r->accepts++;
	net_fiber_start(r->loop, work, j);
}

struct found {
	struct store_id *v;
	size_t n, room;
};

static bool collect(void *user, const struct store_live *row)
{
	struct found *f = user;
	if (strcmp(row->lane, INBOX_LANE) != 0 ||
	    (f->n && !memcmp(&f->v[f->n - 1], &row->id, sizeof(row->id))))
		return true;
	if (f->n == f->room) {
		f->room = f->room ? f->room * 2 : 16;
		f->v = mem_grow(f->v, f->room, sizeof(*f->v));
	}
	f->v[f->n++] = row->id;
	return true;
}

void inbox_open(struct relay *r)
{
	struct found f = { 0 };
	store_each_live(r->store, collect, &f);
	for (size_t i = 0; i < f.n; i++)
		inbox_read(r, f.v[i]);
	free(f.v);
}

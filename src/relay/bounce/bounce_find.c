/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/bounce/bounce_find.h"

#include <string.h>

enum {
	HITS_MAX = 20,
	RECIPIENTS_LOOKED_AT = 50 /* of a report */,
	WHOLE_MAX = 20 /* recipients of a mail */
};

struct finding {
	struct store *s;
	const struct bounce_report *r;
	struct arena *a;
	struct bounce_found *out;
	struct err *e;
};

static bool have(const struct finding *f, struct store_id id, uint32_t rcpt)
{
	for (size_t i = 0; i < f->out->n; i++)
		if (f->out->v[i].id.seq == id.seq && f->out->v[i].rcpt == rcpt)
			return true;
	return false;
}

static struct bounce_candidate *push(struct finding *f)
{
	struct bounce_found *o = f->out;
	o->v = arena_grow(f->a, o->v, o->n, &o->room, 16, sizeof(*o->v));
	return &o->v[o->n++];
}

static const char *bare(struct arena *a, struct str id)
{
	id = str_trim(id);
	if (id.len > 2 && *id.p == '<' && id.p[id.len - 1] == '>')
		id = str_cut(id, 1, id.len - 1);
	return arena_str(a, id).p;
}

/* "rfc822;you@example.com" */
static const char *orcpt_of(struct arena *a, struct str orcpt)
{
	const char *semicolon = orcpt.len ? memchr(orcpt.p, ';', orcpt.len) : NULL;
	return semicolon ? arena_str(a, str_cut(orcpt, (size_t)(semicolon - orcpt.p) + 1, orcpt.len)).p : "";
}

/* The event that proves that it left: the first of that state. */
static const struct store_event *handing_over(const struct store_trail *t, uint32_t rcpt)
{
	for (size_t i = 0; i < t->nevents; i++)
		if (t->events[i].rcpt == rcpt && t->events[i].state == STORE_HANDED_OVER)
			return &t->events[i];
	return NULL;
}

static void add_rcpt(struct finding *f, const struct store_trail *t, uint32_t rcpt)
{
	const struct store_message *m = &t->message;
	if (rcpt >= m->nrcpts || have(f, m->id, rcpt) || f->out->n == BOUNCE_CANDIDATES_MAX)
		return;
	const struct store_event *ev = handing_over(t, rcpt);
	*push(f) = (struct bounce_candidate){
		.id = m->id,
		.rcpt = rcpt,
		.address = arena_str(f->a, m->rcpts[rcpt].address).p,
		.orcpt = orcpt_of(f->a, m->rcpts[rcpt].orcpt),
		.message_id = bare(f->a, m->message_id),
		.subject = arena_str(f->a, m->subject).p,
		.nrcpts = m->nrcpts,
		.state = m->rcpts[rcpt].state,
		.handed_ms = ev ? ev->at_ms : 0,
		.host = ev ? arena_str(f->a, ev->host).p : "",
		.ip = ev ? arena_str(f->a, ev->address).p : "",
		.remote_id = ev ? arena_str(f->a, ev->remote_id).p : "",
	};
}

static bool is_reported(const struct bounce_report *r, struct str address)
{
	for (size_t i = 0; i < r->dsn.n; i++)
		if (str_ieq(address, r->dsn.v[i].address) || str_ieq(address, r->dsn.v[i].original))
			return true;
	return str_ieq(address, r->dsn.from);
}

/* All of a mail to a few; of a mail to many those whom the report names. */
static bool add_mail(struct finding *f, struct store_id id)
{
	struct store_trail t;
	int got = store_trail(f->s, id, f->a, &t, f->e);
	for (uint32_t i = 0; got == 1 && i < t.message.nrcpts; i++)
		if (t.message.nrcpts <= WHOLE_MAX || is_reported(f->r, t.message.rcpts[i].address))
			add_rcpt(f, &t, i);
	return got >= 0;
}

static bool add_ref(struct finding *f, const struct bounce_ref *ref)
{
	struct store_trail t;
	int got = store_trail(f->s, ref->id, f->a, &t, f->e);
	if (got == 1)
		add_rcpt(f, &t, ref->rcpt);
	return got >= 0;
}

static bool add_hits(struct finding *f, const struct store_query *q)
{
	struct store_hits hits = { 0 };
	if (!store_find(f->s, q, f->a, &hits, f->e))
		return false;
	for (size_t i = 0; i < hits.n; i++) {
		const struct bounce_ref ref = { hits.v[i].id, hits.v[i].rcpt };
		if (!have(f, ref.id, ref.rcpt) && !add_ref(f, &ref))
			return false;
	}
	return true;
}

/* The nth address that the report names: two of each recipient, and its writer's where there are none. */
static const char *address_at(const struct bounce_report *r, size_t i)
{
	if (!r->dsn.n)
		return i ? NULL : r->dsn.from;
	if (i / 2 >= r->dsn.n || i / 2 >= RECIPIENTS_LOOKED_AT)
		return NULL;
	return i % 2 ? r->dsn.v[i / 2].original : r->dsn.v[i / 2].address;
}

/* Asks for each address together with what q has already. */
static bool add_addresses(struct finding *f, struct store_query q)
{
	const char *address;
	for (size_t i = 0; (address = address_at(f->r, i)); i++) {
		q.recipient = str_of(address);
		if (*address && strchr(address, '@') && !strchr(address, '*') && !add_hits(f, &q))
			return false;
	}
	return true;
}

static bool find_named(struct finding *f)
{
	for (size_t i = 0; i < f->r->nown; i++)
		if (!add_mail(f, f->r->own[i]))
			return false;
	for (size_t i = 0; i < f->r->message_ids.n; i++) {
		struct store_query q = { .message_id = str_of(f->r->message_ids.v[i]), .limit = HITS_MAX };
		if (!add_hits(f, &q) || !add_addresses(f, q))
			return false;
	}
	return true;
}

static bool find_queue_ids(struct finding *f)
{
	for (size_t i = 0; i < f->r->remote_ids.n; i++) {
		struct store_query q = { .remote_id = str_of(f->r->remote_ids.v[i]), .limit = HITS_MAX };
		if (!add_addresses(f, q))
			return false;
	}
	return true;
}

static bool find_addresses(struct finding *f)
{
	/* By its arrival here; it may have been handed over days later. */
	struct store_query q = { .since_ms = f->r->at_ms - 2 * BOUNCE_WINDOW_S * 1000LL, .limit = HITS_MAX };
	return f->r->message_ids.n || add_addresses(f, q);
}

bool bounce_find(struct store *s, const struct bounce_report *r, enum bounce_stage stage, struct arena *a,
		 struct bounce_found *out, struct err *e)
{
	struct finding f = { s, r, a, out, e };
	bool ok = true;
	switch (stage) {
	case BOUNCE_STAGE_SIGNED:
		for (size_t i = 0; ok && i < r->nsigned; i++)
			ok = add_ref(&f, &r->signed_for[i]);
		return ok;
	case BOUNCE_STAGE_NAMED:
		return find_named(&f);
	case BOUNCE_STAGE_QUEUE_ID:
		return find_queue_ids(&f);
	default:
		return find_addresses(&f);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "store/merge.h"
#include "store/query.h"
#include "store/store_ops.h"

#include <string.h>

bool store_open(const struct store_options *o, struct store **out, struct err *e)
{
	return store_embedded.open(o, out, e);
}

void store_close(struct store **s)
{
	if (*s)
		(*s)->ops->close(*s);
	*s = NULL;
}

struct store_body *store_body_begin(struct store *s)
{
	return s->ops->body_begin(s);
}

bool store_body_append(struct store_body *b, struct str bytes, struct err *e)
{
	return b->ops->body_append(b, bytes, e);
}

bool store_body_prepend(struct store_body *b, struct str bytes, struct err *e)
{
	return b->ops->body_prepend(b, bytes, e);
}

uint64_t store_body_size(const struct store_body *b)
{
	return b->ops->body_size(b);
}

struct store_id store_body_id(struct store_body *b, int64_t now_ms)
{
	return b->ops->body_id(b, now_ms);
}

void store_body_take_id(struct store_body *to, struct store_body *from)
{
	to->ops->body_take_id(to, from);
}

void store_body_free(struct store_body **b)
{
	if (*b)
		(*b)->ops->body_free(*b);
	*b = NULL;
}

struct store_reader *store_body_look(const struct store_body *b)
{
	return b->ops->body_look(b);
}

struct store_reader *store_body_open(struct store *s, struct store_id id, struct err *e)
{
	return s->ops->body_open(s, id, e);
}

int store_reader_next(struct store_reader *r, struct str *piece, struct err *e)
{
	return r->ops->reader_next(r, piece, e);
}

void store_reader_free(struct store_reader **r)
{
	if (*r)
		(*r)->ops->reader_free(*r);
	*r = NULL;
}

static bool starts_well(const struct store_rcpt *r)
{
	return r->state == STORE_QUEUED || r->state == STORE_HELD || r->state == STORE_SUPPRESSED ||
	       r->state == STORE_CANCELLED;
}

static bool message_well(const struct store_message *m, struct err *e)
{
	if (!m->nrcpts || m->nrcpts > STORE_RCPTS_MAX)
		return ERR_FILL(e, ERR_LIMIT, (long)m->nrcpts, "store message", "with %zu recipients",
				m->nrcpts);
	for (size_t i = 0; i < m->nrcpts; i++)
		if (!starts_well(&m->rcpts[i]) || !m->rcpts[i].address.len)
			return ERR_FILL(e, ERR_USAGE, (long)i, "store message", "with recipient %zu %s", i,
					store_state_name(m->rcpts[i].state));
	return true;
}

bool store_accept(struct store *s, struct store_body **body, const struct store_message *m, void *user,
		  struct err *e)
{
	if (!message_well(m, e)) {
		store_body_free(body);
		return false;
	}
	return s->ops->accept(s, STEAL(*body), m, user, e);
}

bool store_mark(struct store *s, const struct store_mark *marks, size_t n, void *user, struct err *e)
{
	if (!n || n > STORE_MARKS_MAX)
		return ERR_FILL(e, ERR_LIMIT, (long)n, "store states", "of %zu recipients", n);
	for (size_t i = 0; i < n; i++)
		if (marks[i].state <= STORE_NO_STATE || marks[i].state >= STORE_STATES ||
		    (marks[i].dot && marks[i].state != STORE_SENDING) ||
		    (marks[i].owed && marks[i].state != STORE_HANDED_OVER &&
		     marks[i].state != STORE_BOUNCED) ||
		    marks[i].keep_claim != (marks[i].state == STORE_SENDING) ||
		    (marks[i].keep_claim && !marks[i].epoch))
			return ERR_FILL(e, ERR_USAGE, (long)i, "store states", "mark %zu is none", i);
	return s->ops->mark(s, marks, n, user, e);
}

int store_wake_fd(const struct store *s)
{
	return s->ops->wake_fd(s);
}

size_t store_take_done(struct store *s, struct store_done *out, size_t max)
{
	return s->ops->take_done(s, out, max);
}

void store_idle(struct store *s, size_t company)
{
	s->ops->idle(s, company);
}

size_t store_behind(struct store *s)
{
	return s->ops->behind(s);
}

void store_settle(struct store *s)
{
	s->ops->settle(s);
}

bool store_catch_up(struct store *s, int ms)
{
	return s->ops->catch_up(s, ms);
}

size_t store_claim(struct store *s, struct str lane, unsigned owner, int64_t now_ms, int64_t lease_ms,
		   struct store_claim *out, size_t max)
{
	return s->ops->claim(s, lane, owner, now_ms, lease_ms, out, max);
}

size_t store_claim_message(struct store *s, struct store_id id, struct str lane, unsigned owner,
			   int64_t now_ms, int64_t lease_ms, struct store_claim *out, size_t max)
{
	return s->ops->claim_message(s, id, lane, owner, now_ms, lease_ms, out, max);
}

bool store_claim_renew(struct store *s, const struct store_claim *c, int64_t until_ms)
{
	return s->ops->claim_renew(s, c, until_ms);
}

void store_claim_release(struct store *s, const struct store_claim *c, int64_t now_ms)
{
	s->ops->claim_release(s, c, now_ms);
}

size_t store_claims_expire(struct store *s, int64_t now_ms)
{
	return s->ops->claims_expire(s, now_ms);
}

void store_each_live(struct store *s, bool (*fn)(void *user, const struct store_live *row), void *user)
{
	s->ops->each_live(s, fn, user);
}

bool store_fetch(struct store *s, struct store_id id, struct arena *a, struct store_message *out,
		 struct err *e)
{
	return s->ops->fetch(s, id, a, out, e);
}

struct store_reader *store_fetch_open(struct store *s, struct store_id id, struct arena *a,
				      struct store_message *out, struct err *e)
{
	return s->ops->fetch_open(s, id, a, out, e);
}

int store_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out, struct err *e)
{
	return s->ops->trail(s, id, a, out, e);
}

void store_hold(struct store *s)
{
	s->ops->hold(s);
}

void store_let_go(struct store *s)
{
	s->ops->let_go(s);
}

bool store_find(struct store *s, const struct store_query *q, struct arena *a, struct store_hits *out,
		struct err *e)
{
	return merge_needed(q) ? merge_find(s, q, a, out, e) : s->ops->find(s, q, a, out, e);
}

bool store_under_way(struct store *s, struct store_id id, int64_t now_ms, store_rcpt_fn *of, void *user)
{
	return s->ops->under_way(s, id, now_ms, of, user);
}

void store_sending(struct store *s, struct arena *a, struct store_sending *out)
{
	s->ops->sending(s, a, out);
}

int64_t store_lane_next(struct store *s, struct str lane, size_t *n)
{
	return s->ops->lane_next(s, lane, n);
}

uint32_t store_lane_account(struct store *s, struct str lane, int64_t now_ms)
{
	return s->ops->lane_account(s, lane, now_ms);
}

void store_turn(struct store *s, struct str lane, struct store_id id, uint32_t rcpt, int64_t now_ms,
		struct store_turn *out)
{
	s->ops->turn(s, lane, id, rcpt, now_ms, out);
}

bool store_lanes(struct store *s, struct arena *a, struct store_lanes *out, struct err *e)
{
	return s->ops->lanes(s, a, out, e);
}

bool store_suppress(struct store *s, const struct store_suppressed *v, void *user, struct err *e)
{
	if (v->address.len > STORE_ADDRESS_MAX || !v->address.len ||
	    !memchr(v->address.p, '@', v->address.len))
		return ERR_FILL(e, ERR_USAGE, (long)v->address.len, "suppress", "what is no address");
	return s->ops->suppress(s, v, user, e);
}

bool store_is_suppressed(struct store *s, struct str address, int64_t now_ms, struct arena *a,
			 struct store_suppressed *out)
{
	return s->ops->is_suppressed(s, address, now_ms, a, out);
}

void store_each_suppressed(struct store *s, bool (*fn)(void *user, const struct store_suppressed *v),
			   void *user)
{
	s->ops->each_suppressed(s, fn, user);
}

struct store_place store_place(struct store *s)
{
	return s->ops->place(s);
}

bool store_changes(struct store *s, struct store_place from, store_change_fn *each, void *user, struct err *e)
{
	return s->ops->changes(s, from, each, user, e);
}

void store_tidy(struct store *s, int64_t now_ms)
{
	s->ops->tidy(s, now_ms);
}

void store_health(struct store *s, struct store_health *out)
{
	s->ops->health(s, out);
}

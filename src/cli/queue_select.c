/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/queue_select.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/finding.h"

enum { PLACES_MAX = 200 };

static bool wrong(struct err *e, const char *what, const char *mend)
{
	ERR_FILL(e, ERR_USAGE, 0, "take", "%s", what);
	return err_detail(e, "%s", mend);
}

static bool is_id(const char *s)
{
	struct store_id id;
	const char *slash = strchr(s, '/');
	return store_id_read((struct str){ s, slash ? (size_t)(slash - s) : strlen(s) }, &id);
}

static bool filter_argument(const char *s, struct store_query *q, struct err *e)
{
	struct str *field = strchr(s, '@') ? &q->recipient : &q->lane;
	if (field->len)
		return wrong(e, s, "name one destination or one recipient at a time");
	*field = str_of(s);
	return true;
}

bool queue_filter(const struct queue_options *o, struct store_query *q, struct err *e)
{
	*q = (struct store_query){
		.recipient = str_of(o->domain ? arena_printf(o->arena, "@%s", o->domain + (*o->domain == '@'))
					      : o->recipient),
		.sender = str_of(o->sender),
		.account = str_of(o->account),
		.lane = str_of(o->destination),
		.finding = str_of(o->finding),
	};
	if (o->domain && o->recipient)
		return wrong(e, o->recipient, "--to-domain and --recipient exclude each other");
	for (size_t i = 0; i < o->nargs; i++)
		if (!is_id(o->args[i]) && !filter_argument(o->args[i], q, e))
			return false;
	return true;
}

static bool filters(const struct store_query *q)
{
	return q->recipient.len || q->sender.len || q->account.len || q->lane.len || q->finding.len;
}

static void count_place(struct queue_selection *s, struct arena *a, struct str lane, int64_t arrived_ms)
{
	size_t i = 0;
	while (i < s->nplaces && !str_eq(lane, s->places[i].lane))
		i++;
	if (i == PLACES_MAX)
		return;
	if (i == s->nplaces)
		s->places[s->nplaces++] =
			(struct queue_place){ arena_dup(a, lane.p, lane.len), 0, arrived_ms };
	s->places[i].n++;
	if (arrived_ms < s->places[i].oldest_ms)
		s->places[i].oldest_ms = arrived_ms;
}

static const char *known_finding(struct str id)
{
	char name[64] = "";
	if (id.len < sizeof(name))
		memcpy(name, id.p, id.len);
	const struct finding_entry *f = finding_entry_find(name);
	return f ? f->id : "";
}

static void add(struct queue_selection *s, struct store_id id, uint32_t rcpt, struct str finding)
{
	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->v = mem_grow(s->v, s->room, sizeof(*s->v));
	}
	s->mails += !s->n || s->v[s->n - 1].id.seq != id.seq;
	s->v[s->n++] = (struct queue_item){ id, rcpt, known_finding(finding) };
}

/* ---- by id ---- */

static bool is_meant(const struct queue_options *o, const struct store_rcpt *r)
{
	bool whom = !o->recipient || str_ieq(r->address, o->recipient);
	bool state = !o->state || r->state == o->state;
	return whom && state;
}

static bool select_id(const struct queue_options *o, struct store *s, const char *text,
		      struct queue_selection *out, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_id id;
	struct store_trail t;
	unsigned long only = STORE_RCPTS_MAX;
	const char *slash = strchr(text, '/');
	if (!store_id_read((struct str){ text, slash ? (size_t)(slash - text) : strlen(text) }, &id) ||
	    (slash && !str_number(str_of(slash + 1), STORE_RCPTS_MAX, &only)))
		return wrong(e, text, "an id is as trace shows it, with /N for one recipient only");
	int found = store_trail(s, id, a, &t, e);
	for (uint32_t i = 0; found > 0 && i < t.message.nrcpts; i++)
		if ((!slash || i == only) && is_meant(o, &t.message.rcpts[i])) {
			add(out, id, i, t.message.rcpts[i].finding);
			count_place(out, o->arena, t.message.rcpts[i].lane, t.message.arrived_ms);
		}
	return found >= 0;
}

static bool select_ids(const struct queue_options *o, struct store *s, struct queue_selection *out,
		       struct err *e)
{
	for (size_t i = 0; i < o->nargs; i++)
		if (!is_id(o->args[i]))
			return wrong(e, o->args[i], "ids and destinations do not go together");
	for (size_t i = 0; i < o->nargs; i++)
		if (!select_id(o, s, o->args[i], out, e))
			return false;
	out->named = true;
	return true;
}

/* ---- by what they have in common ---- */

static bool select_state(const struct queue_options *o, struct store *s, struct store_query q,
			 struct queue_selection *out, struct err *e)
{
	CLEANUP(arena_free) struct arena *page = arena_new(), *before = NULL;
	struct store_hits hits = { 0 };
	q.limit = STORE_FIND_MAX;
	do {
		if (!store_find(s, &q, page, &hits, e))
			return false;
		for (size_t i = 0; i < hits.n; i++) {
			add(out, hits.v[i].id, hits.v[i].rcpt, hits.v[i].finding);
			count_place(out, o->arena, hits.v[i].lane, hits.v[i].arrived_ms);
		}
		arena_free(&before); /* the cursor lives in the page just read */
		before = page;
		page = arena_new();
		q.cursor = str_of(hits.cursor);
	} while (hits.cursor);
	return true;
}

static bool select_bulk(const struct queue_options *o, struct store *s, struct queue_selection *out,
			struct err *e)
{
	struct store_query q;
	if (!queue_filter(o, &q, e))
		return false;
	if (!filters(&q) && !o->all && !o->state)
		return wrong(e, "no mail",
			     "name its id, @DOMAIN, a destination, --finding, --account, "
			     "--sender, or --all");
	for (int state = STORE_QUEUED; state <= STORE_DELAYED; state++) {
		q.state = (enum store_state)state;
		bool wanted = o->state ? q.state == o->state : steer_fits(o->what, q.state);
		if (wanted && !select_state(o, s, q, out, e))
			return false;
	}
	return true;
}

bool queue_select(const struct queue_options *o, struct store *s, struct queue_selection *out, struct err *e)
{
	*out = (struct queue_selection){ 0 };
	out->places = arena_alloc(o->arena, PLACES_MAX * sizeof(*out->places));
	return o->nargs && is_id(o->args[0]) ? select_ids(o, s, out, e) : select_bulk(o, s, out, e);
}

void queue_selection_clear(struct queue_selection *s)
{
	free(s->v);
	*s = (struct queue_selection){ 0 };
}

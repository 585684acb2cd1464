/* SPDX-License-Identifier: Apache-2.0 */
#include "show/queue_pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/finding.h"
#include "net/plain_address.h"
#include "relay/filter/filter_lane.h"

enum { PLACES_MAX = 200 };

static bool wrong(struct err *e, const char *what, const char *mend)
{
	ERR_FILL(e, ERR_USAGE, 0, "take", "%s", what);
	return err_detail(e, "%s", mend);
}

static bool filters(const struct store_query *q)
{
	return q->recipient.len || q->sender.len || q->account.len || q->lane.len || q->finding.len;
}

static void count_place(struct queue_selection *s, struct arena *a, struct str kept, int64_t arrived_ms)
{
	struct str lane = filter_lane_own(kept);
	if (!s->places)
		s->places = arena_alloc(a, PLACES_MAX * sizeof(*s->places));
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
	s->v[s->n++] = (struct steering_item){ id, rcpt, known_finding(finding) };
}

/* ---- by id ---- */

/* Whoever is named, in either form of its domain. */
struct whom {
	struct str forms[1 + ADDRESS_FORMS_MAX];
	size_t n;
};

static struct whom whom_of(struct str named, struct arena *a)
{
	struct whom x = { .forms = { named } };
	x.n = 1 + plain_address_forms(a, named, x.forms + 1);
	return x;
}

static bool is_meant(const struct queue_choice *w, const struct whom *x, const struct store_rcpt *r)
{
	bool named = !w->recipient.len;
	for (size_t i = 0; i < x->n && !named; i++)
		named = str_iequal(r->address, x->forms[i]);
	return named && (!w->state || r->state == w->state);
}

bool queue_pick_read(const char *text, struct store_id *id, uint32_t *only, struct err *e)
{
	unsigned long n = STORE_RCPTS_MAX;
	const char *slash = strchr(text, '/');
	if (!store_id_read((struct str){ text, slash ? (size_t)(slash - text) : strlen(text) }, id) ||
	    (slash && !str_number(str_of(slash + 1), STORE_RCPTS_MAX, &n)))
		return wrong(e, text, "an id is as trace shows it, with /N for one recipient only");
	*only = slash ? (uint32_t)n : QUEUE_PICK_EACH;
	return true;
}

static bool has(const struct queue_selection *s, struct store_id id, uint32_t rcpt)
{
	for (size_t i = s->n; i-- > 0;)
		if (s->v[i].rcpt == rcpt && store_id_same(s->v[i].id, id))
			return true;
	return false;
}

size_t queue_pick_trail(const struct queue_choice *w, const struct store_trail *t, uint32_t only,
			struct arena *a, struct queue_selection *out)
{
	const struct whom x = whom_of(w->recipient, a);
	size_t meant = 0;
	for (uint32_t i = 0; i < t->message.nrcpts; i++) {
		const struct store_rcpt *r = &t->message.rcpts[i];
		if ((only != QUEUE_PICK_EACH && i != only) || !is_meant(w, &x, r))
			continue;
		meant++;
		if (has(out, t->message.id, i))
			continue;
		add(out, t->message.id, i, r->finding);
		count_place(out, a, r->lane, t->message.arrived_ms);
	}
	out->named = true;
	return meant;
}

/* ---- by what they have in common ---- */

/* What may have arrived already goes out again only where a person means this very mail, or this state. */
static bool is_left(const struct queue_choice *w, const struct store_hit *h)
{
	return (w->what == STEER_RETRY || w->what == STEER_HOLD) && !w->state && h->state == STORE_IN_DOUBT &&
	       h->next_ms == STORE_NEVER;
}

/* In doubt, and to be sent again by itself: nobody holds it. */
static bool goes_on(const struct queue_choice *w, const struct store_hit *h)
{
	return w->what == STEER_RELEASE && h->state == STORE_IN_DOUBT && h->next_ms != STORE_NEVER;
}

static void pick_hit(const struct queue_choice *w, const struct store_hit *h, struct arena *a,
		     struct queue_selection *out)
{
	if (goes_on(w, h))
		return;
	if (is_left(w, h)) {
		if (!out->ndoubts++)
			out->doubt = (struct steering_item){ h->id, h->rcpt, "" };
		return;
	}
	add(out, h->id, h->rcpt, h->finding);
	count_place(out, a, h->lane, h->arrived_ms);
}

static bool pick_state(const struct queue_choice *w, struct store_query q, struct store *s, struct arena *a,
		       struct queue_selection *out, struct err *e)
{
	CLEANUP(arena_free) struct arena *page = arena_new(), *before = NULL;
	struct store_hits hits = { 0 };
	q.limit = STORE_FIND_MAX;
	do {
		if (!store_find(s, &q, page, &hits, e))
			return false;
		for (size_t i = 0; i < hits.n; i++)
			pick_hit(w, &hits.v[i], a, out);
		arena_free(&before); /* the cursor lives in the page just read */
		before = page;
		page = arena_new();
		q.cursor = str_of(hits.cursor);
	} while (hits.cursor);
	return true;
}

bool queue_pick_bulk(const struct queue_choice *w, struct store *s, struct arena *a,
		     struct queue_selection *out, struct err *e)
{
	struct store_query q = w->q;
	if (!filters(&q) && !w->all && !w->state)
		return wrong(e, "mail that is not named",
			     "name its id, @DOMAIN, a destination, --finding, --account, --sender, or --all");
	for (int state = STORE_QUEUED; state <= STORE_DELAYED; state++) {
		q.state = (enum store_state)state;
		bool wanted = w->state ? q.state == w->state : steer_fits(w->what, q.state);
		if (wanted && !pick_state(w, q, s, a, out, e))
			return false;
	}
	return true;
}

void queue_selection_clear(struct queue_selection *s)
{
	free(s->v);
	*s = (struct queue_selection){ 0 };
}

/* ---- what became of it ---- */

void queue_outcome_not(struct queue_outcome *out, struct steering_item item, const char *why)
{
	size_t i = 0;
	out->not_done++;
	while (i < out->nreasons && strncmp(out->reasons[i].why, why, QUEUE_REASON_BYTES - 1) != 0)
		i++;
	if (i == QUEUE_REASONS_MAX)
		i--;
	if (i == out->nreasons) {
		snprintf(out->reasons[i].why, QUEUE_REASON_BYTES, "%s", why);
		out->reasons[i].first = item;
		out->nreasons++;
	}
	out->reasons[i].n++;
}

void queue_outcome_left(struct queue_outcome *out, const struct queue_selection *s)
{
	for (size_t i = 0; i < s->ndoubts; i++)
		queue_outcome_not(out, s->doubt,
				  "in doubt, may have arrived already: name its id, or the state in-doubt");
}

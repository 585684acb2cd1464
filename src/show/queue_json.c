/* SPDX-License-Identifier: Apache-2.0 */
#include "show/queue_json.h"

#include <string.h>

#include "base/json_line.h"
#include "catalog/cause_json.h"
#include "relay/filter/filter_lane.h"
#include "relay/lane/lane_name.h"
#include "relay/why.h"

const enum store_state queue_states[QUEUE_STATES] = { STORE_QUEUED, STORE_DELAYED, STORE_HELD, STORE_SENDING,
						      STORE_IN_DOUBT };

static struct store_lane *other_named(const struct store_lanes *all, const struct store_lane *l)
{
	for (size_t i = 0; i < all->n; i++)
		if (&all->v[i] != l && z_eq(all->v[i].lane, l->lane))
			return &all->v[i];
	return NULL;
}

static void add_lane(struct store_lane *to, const struct store_lane *l)
{
	for (size_t i = 0; i < STORE_STATES; i++)
		to->count[i] += l->count[i];
	to->unreadable += l->unreadable;
	if (l->oldest_ms < to->oldest_ms)
		to->oldest_ms = l->oldest_ms;
	if (l->next_ms < to->next_ms)
		to->next_ms = l->next_ms;
}

void queue_lanes_own(struct store_lanes *all)
{
	size_t i = 0;
	while (i < all->n) {
		struct store_lane *l = &all->v[i++], *same;
		const char *own = filter_lane_own(str_of(l->lane)).p;
		if (own == l->lane)
			continue;
		l->lane = own;
		same = other_named(all, l);
		if (!same)
			continue;
		add_lane(same, l);
		memmove(l, l + 1, (all->n - i) * sizeof(*l));
		all->n--;
		i--;
	}
}

size_t queue_lane_total(const struct store_lane *l)
{
	size_t n = 0;
	for (size_t i = 0; i < QUEUE_STATES; i++)
		n += l->count[queue_states[i]];
	return n;
}

bool queue_lane_unreadable(const struct store_lane *l)
{
	return l->unreadable && l->unreadable >= queue_lane_total(l);
}

const struct finding_entry *queue_finding(struct arena *a, struct str id)
{
	return id.len ? finding_entry_find(arena_dup(a, id.p, id.len)) : NULL;
}

static json_t *text_of(struct str s)
{
	CLEANUP(mem_free) char *z = mem_dup(s.p, s.len);
	return text_json(z);
}

static void put_time(json_t *o, const char *key, int64_t ms)
{
	char text[JSON_TIME_BYTES];
	json_object_set_new(o, key, ms && ms != STORE_NEVER ? json_string(json_time(ms, text)) : json_null());
}

static void put_view(json_t *o, const struct lane_view *v)
{
	json_object_set_new(o, "route", text_json(v->route));
	json_object_set_new(o, "provider", text_json(v->provider));
	json_object_set_new(o, "sessions", json_integer(v->sessions));
	json_object_set_new(o, "sessions_max", json_integer(v->sessions_max));
	json_object_set_new(o, "due", json_integer((json_int_t)v->waiting));
	json_object_set_new(o, "due_more", json_boolean(v->more));
	put_time(o, "paused_until", v->next_ms);
}

struct store_lane queue_lane_said(const struct store_lane *l, const struct lane_view *v)
{
	struct store_lane out = *l;
	if (v && !l->code && !l->reply.len) {
		out.host = str_of(v->host);
		out.code = v->code;
		out.reply = str_of(v->reply);
	}
	if (v && !l->finding.len)
		out.finding = str_of(v->finding);
	return out;
}

/* What was answered there last; where nothing was, why the scheduler waits. */
static void put_reply(json_t *o, struct arena *a, const struct store_lane *lane, const struct lane_view *v)
{
	const struct store_lane said = queue_lane_said(lane, v), *l = &said;
	struct str reply = l->reply, finding = l->finding;
	bool own = queue_lane_unreadable(l);
	bool none =
		own || z_eq(l->lane, LANE_NONE); /* what was answered on the way they had once is not why */
	if (none) {
		reply = STR_LIT("");
		finding = str_of(own ? FINDING_OWN_COPY : "");
	}
	const struct finding_entry *f = queue_finding(a, finding);
	json_object_set_new(o, "code", json_integer(none ? 0 : l->code));
	json_object_set_new(o, "reply", text_of(reply));
	json_object_set_new(o, "host", text_of(none ? STR_LIT("") : l->host));
	json_object_set_new(o, "finding", text_of(finding));
	json_object_set_new(o, "title",
			    text_json(f ? why_title(f, none ? "" : arena_dup(a, l->host.p, l->host.len), a)
					: ""));
}

static json_t *lane_json(const struct queue_document *d, const struct store_lane *l)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct lane_view v;
	bool known = d->view(d->ctx, str_of(l->lane), a, &v);
	json_t *o = json_object(), *states = json_object();
	for (size_t i = 0; i < QUEUE_STATES; i++)
		json_object_set_new(states, store_state_name(queue_states[i]),
				    json_integer((json_int_t)l->count[queue_states[i]]));
	json_object_set_new(o, "destination", text_json(l->lane));
	json_object_set_new(o, "waiting", json_integer((json_int_t)queue_lane_total(l)));
	json_object_set_new(o, "states", states);
	put_time(o, "oldest", l->oldest_ms);
	put_time(o, "next", known && l->next_ms && v.next_ms > l->next_ms ? v.next_ms : l->next_ms);
	put_time(o, "reply_time", queue_lane_unreadable(l) ? 0 : l->reply_ms);
	json_object_set_new(o, "unreadable", json_integer((json_int_t)l->unreadable));
	put_reply(o, a, l, known ? &v : NULL);
	if (known)
		put_view(o, &v);
	return o;
}

json_t *queue_json(const struct queue_document *d)
{
	json_t *o = json_object(), *list = json_array();
	size_t n = 0;
	for (size_t i = 0; i < d->lanes->n; i++) {
		json_array_append_new(list, lane_json(d, &d->lanes->v[i]));
		n += queue_lane_total(&d->lanes->v[i]);
	}
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "running", json_boolean(d->running));
	json_object_set_new(o, "waiting", json_integer((json_int_t)n));
	json_object_set_new(o, "destinations", list);
	return o;
}

static json_t *places_json(const struct queue_selection *s)
{
	json_t *list = json_array();
	for (size_t i = 0; i < s->nplaces; i++) {
		json_t *o = json_object();
		json_object_set_new(o, "destination", text_json(s->places[i].lane));
		json_object_set_new(o, "recipients", json_integer((json_int_t)s->places[i].n));
		put_time(o, "oldest", s->places[i].oldest_ms);
		json_array_append_new(list, o);
	}
	return list;
}

static const char *const would[STEERS] = {
	[STEER_HOLD] = "hold",
	[STEER_RELEASE] = "release",
	[STEER_RETRY] = "try now",
	[STEER_BOUNCE] = "give up, telling the senders,",
	[STEER_CANCEL] = "withdraw, telling nobody,",
};

const char *queue_effect_words(enum steer what, const struct queue_selection *s, struct arena *a)
{
	return arena_printf(a, "This would %s %zu recipient%s of %zu mail%s", would[what], s->n,
			    s->n == 1 ? "" : "s", s->mails, s->mails == 1 ? "" : "s");
}

json_t *queue_outcome_json(enum steer what, const struct queue_selection *s, const struct queue_outcome *x,
			   bool dry)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	char id[STORE_ID_TEXT];
	json_t *o = json_object(), *list = json_array();
	for (size_t i = 0; i < x->nreasons; i++) {
		json_t *why = json_object();
		json_object_set_new(why, "why", text_json(x->reasons[i].why));
		json_object_set_new(why, "recipients", json_integer((json_int_t)x->reasons[i].n));
		json_object_set_new(why, "id", json_string(store_id_text(x->reasons[i].first.id, id)));
		json_array_append_new(list, why);
	}
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "do", json_string(steer_name(what)));
	json_object_set_new(o, "dry", json_boolean(dry));
	if (dry)
		json_object_set_new(o, "says",
				    text_json(arena_printf(a, "%s.", queue_effect_words(what, s, a))));
	json_object_set_new(o, "recipients", json_integer((json_int_t)s->n));
	json_object_set_new(o, "mails", json_integer((json_int_t)s->mails));
	json_object_set_new(o, "destinations", places_json(s));
	json_object_set_new(o, "done", json_integer((json_int_t)x->done));
	json_object_set_new(o, "not_done", list);
	return o;
}

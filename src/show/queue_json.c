/* SPDX-License-Identifier: Apache-2.0 */
#include "show/queue_json.h"

#include "base/json_line.h"
#include "catalog/cause_json.h"
#include "relay/why.h"

const enum store_state queue_states[QUEUE_STATES] = { STORE_QUEUED, STORE_DELAYED, STORE_HELD, STORE_SENDING,
						      STORE_IN_DOUBT };

size_t queue_lane_total(const struct store_lane *l)
{
	size_t n = 0;
	for (size_t i = 0; i < QUEUE_STATES; i++)
		n += l->count[queue_states[i]];
	return n;
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
	put_time(o, "paused_until", v->next_ms);
}

/* What was answered there last; where nothing was, why the scheduler waits. */
static void put_reply(json_t *o, struct arena *a, const struct store_lane *l, const struct lane_view *v)
{
	struct str reply = l->reply, finding = l->finding;
	if (v && !reply.len)
		reply = str_of(v->reply);
	if (v && !finding.len)
		finding = str_of(v->finding);
	const struct finding_entry *f = queue_finding(a, finding);
	json_object_set_new(o, "code", json_integer(l->code));
	json_object_set_new(o, "reply", text_of(reply));
	json_object_set_new(o, "host", text_of(l->host));
	json_object_set_new(o, "finding", text_of(finding));
	json_object_set_new(o, "title",
			    text_json(f ? why_title(f, arena_dup(a, l->host.p, l->host.len), a) : ""));
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
	put_time(o, "next", l->next_ms);
	put_time(o, "reply_time", l->reply_ms);
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

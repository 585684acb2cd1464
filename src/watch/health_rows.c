/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the health document that are rows of the history as they are. */
#include <string.h>

#include "base/json_line.h"
#include "catalog/cause_json.h"
#include "watch/health_inner.h"

void health_put(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, text_json(text));
}

void health_put_given(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, text && *text ? text_json(text) : json_null());
}

void health_put_number(json_t *o, const char *key, long long n)
{
	json_object_set_new(o, key, json_integer(n));
}

void health_put_time(json_t *o, const char *key, int64_t ms)
{
	char text[JSON_TIME_BYTES];
	json_object_set_new(o, key, ms ? json_string(json_time(ms, text)) : json_null());
}

/* One a line -> a list. */
static json_t *lines_json(const char *text)
{
	json_t *list = json_array();
	struct str rest = str_of(text), line;
	CLEANUP(arena_free) struct arena *a = arena_new();
	while (str_next(&rest, "\n", &line))
		json_array_append_new(list, text_json(arena_str(a, line).p));
	return list;
}

struct listing {
	const struct health_making *m;
	json_t *list;
};

static bool on_expiry(void *ctx, const struct history_expiry *x)
{
	const struct listing *l = ctx;
	const struct watch_monitor *w = watch_monitor_find(l->m->s, x->monitor);
	long long left = x->expires_ms - l->m->v.now_ms, day = 86400000;
	long long days = left >= 0 ? left / day : -((-left + day - 1) / day);
	const char *trouble = z_eq(x->kind, "own-certificate") ? x->detail : "";
	json_t *o = json_object();
	health_put(o, "kind", x->kind);
	health_put(o, "name", x->name);
	health_put(o, "detail", *trouble ? "" : x->detail);
	health_put_given(o, "trouble", trouble);
	health_put_given(o, "monitor", x->monitor);
	health_put_time(o, "expires", x->expires_ms);
	health_put_number(o, "days_left", days);
	bool soon = days <= (w ? (long long)w->warn_days : WATCH_WARN_DAYS);
	json_object_set_new(o, "warn", json_boolean(soon || *trouble));
	health_put_time(o, "seen", x->seen_ms);
	json_array_append_new(l->list, o);
	return true;
}

static bool on_record(void *ctx, const struct history_record *r)
{
	json_t *o = json_object();
	health_put(o, "name", r->name);
	health_put(o, "type", r->type);
	json_object_set_new(o, "values", lines_json(r->values));
	health_put_time(o, "since", r->since_ms);
	health_put_time(o, "seen", r->seen_ms);
	json_array_append_new(((struct listing *)ctx)->list, o);
	return true;
}

static bool on_change(void *ctx, const struct history_change *c)
{
	json_t *o = json_object();
	health_put_time(o, "at", c->at_ms);
	health_put(o, "name", c->name);
	health_put(o, "type", c->type);
	json_object_set_new(o, "before", lines_json(c->before));
	json_object_set_new(o, "after", lines_json(c->after));
	json_array_append_new(((struct listing *)ctx)->list, o);
	return true;
}

static const char *const day_keys[] = { "taken", "handed_over", "refused", "delayed", "bounced", "expired" };

/* Rows come by day and key; each day begins with zeros. */
static bool on_day(void *ctx, const char *day, const char *key, long long n)
{
	json_t *list = ((struct listing *)ctx)->list;
	json_t *last = json_array_get(list, json_array_size(list) - 1);
	const char *named = json_string_value(json_object_get(last, "day"));
	if (!named || strcmp(named, day) != 0) {
		last = json_object();
		health_put(last, "day", day);
		for (size_t i = 0; i < ARRAY_LEN(day_keys); i++)
			health_put_number(last, day_keys[i], 0);
		json_array_append_new(list, last);
	}
	if (json_object_get(last, key))
		health_put_number(last, key, n);
	return true;
}

static bool on_sample(void *ctx, const struct history_sample *s)
{
	json_t *o = json_object();
	health_put_time(o, "at", s->at_ms);
	health_put_number(o, "waiting", s->waiting);
	health_put_number(o, "held", s->held);
	health_put_number(o, "sending", s->sending);
	health_put_number(o, "oldest_s", s->oldest_s);
	json_array_append_new(((struct listing *)ctx)->list, o);
	return true;
}

static bool on_cap(void *ctx, const struct history_cap *c)
{
	json_t *o = json_object();
	health_put(o, "kind", c->kind);
	health_put(o, "name", c->name);
	health_put(o, "limit", c->limit);
	health_put_number(o, "used", c->used);
	health_put_number(o, "most", c->most);
	health_put_time(o, "at", c->at_ms);
	json_array_append_new(((struct listing *)ctx)->list, o);
	return true;
}

static bool on_alert(void *ctx, const struct history_alert *x)
{
	json_t *o = json_object();
	health_put_time(o, "at", x->at_ms);
	health_put(o, "alert", x->alert);
	health_put(o, "way", x->way);
	health_put(o, "kind", x->kind);
	health_put(o, "subject", x->subject);
	health_put(o, "result", x->result);
	json_array_append_new(((struct listing *)ctx)->list, o);
	return true;
}

/* Every k'th sample, so that a plot has no more points than it can show; the newest is kept. */
static json_t *thinned(json_t *all, size_t most)
{
	size_t n = json_array_size(all), step = most ? (n + most - 1) / most : 1;
	if (step <= 1)
		return all;
	json_t *few = json_array();
	for (size_t i = (n - 1) % step; i < n; i += step)
		json_array_append(few, json_array_get(all, i));
	json_decref(all);
	return few;
}

static struct listing listing(const struct health_making *m)
{
	return (struct listing){ m, json_array() };
}

bool health_put_expiring(const struct health_making *m, json_t *o)
{
	struct listing expiring = listing(m);
	bool ok = !m->h || history_expiries(m->h, on_expiry, &expiring, m->e);
	json_object_set_new(o, "expiring", expiring.list);
	return ok;
}

bool health_put_dns(const struct health_making *m, json_t *o)
{
	struct listing records = listing(m), changes = listing(m);
	bool ok = !m->h || (history_records(m->h, on_record, &records, m->e) &&
			    history_changes(m->h, 0, HEALTH_CHANGES, on_change, &changes, m->e));
	json_t *dns = json_object();
	json_object_set_new(dns, "records", records.list);
	json_object_set_new(dns, "changes", changes.list);
	json_object_set_new(o, "dns", dns);
	return ok;
}

bool health_put_relay(const struct health_making *m, json_t *o)
{
	char since[JSON_TIME_BYTES];
	struct listing days = listing(m), queue = listing(m), caps = listing(m), alerts = listing(m);
	(void)json_time(m->v.since_ms, since);
	since[10] = 0; /* the day */
	bool ok = !m->h || (history_days(m->h, since, on_day, &days, m->e) &&
			    history_samples(m->h, m->v.since_ms, on_sample, &queue, m->e) &&
			    history_caps(m->h, on_cap, &caps, m->e) &&
			    history_alerts(m->h, 0, HEALTH_ALERTS, on_alert, &alerts, m->e));
	json_object_set_new(o, "days", days.list);
	json_object_set_new(o, "queue", thinned(queue.list, m->v.points));
	json_object_set_new(o, "caps", caps.list);
	json_object_set_new(o, "alerts", alerts.list);
	return ok;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/health.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_line.h"
#include "catalog/cause_json.h"
#include "watch/course.h"
#include "watch/health_points.h"

enum { LATE_MS = 30000 };

struct making {
	struct history *h; /* NULL: none */
	const struct watch_settings *s;
	struct health_view v;
	struct err *e;
};

static void put(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, text_json(text));
}

/* null for "". */
static void put_given(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, text && *text ? text_json(text) : json_null());
}

static void put_number(json_t *o, const char *key, long long n)
{
	json_object_set_new(o, key, json_integer(n));
}

/* null for 0. */
static void put_time(json_t *o, const char *key, int64_t ms)
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

/* ---- monitors ---- */

static bool read_course(const struct making *m, const struct watch_monitor *w, struct course *c)
{
	CLEANUP(mem_free) char *text = NULL;
	*c = (struct course){ 0 };
	int found = m->h ? history_state(m->h, w->name, &text, m->e) : 0;
	if (found > 0)
		(void)course_read(c, w->target, str_of(text));
	return found >= 0;
}

struct gathering {
	struct health_points *points;
	char *title, *summary; /* title: of the newest run with that finding */
	const char *finding;
};

static bool on_run(void *ctx, const struct history_run *r)
{
	struct gathering *g = ctx;
	health_points_add(g->points, r);
	free(g->summary);
	g->summary = mem_strdup(r->summary);
	if (z_eq(r->finding, g->finding)) {
		free(g->title);
		g->title = mem_strdup(r->title);
	}
	return true;
}

static json_t *finding_json(const struct course *c, const char *title)
{
	const struct finding_entry *f = *c->finding ? finding_entry_find(c->finding) : NULL;
	if (!f || c->now <= CONDITION_WELL)
		return json_null();
	json_t *o = json_object();
	put(o, "id", f->id);
	put(o, "title", title ? title : f->title);
	put(o, "class", f->class);
	put(o, "actor", actor_name(f->actor));
	put(o, "step", step_name(f->step));
	return o;
}

static bool is_late(const struct making *m, const struct watch_monitor *w, const struct course *c)
{
	int64_t patience = (w->every_s + (int64_t)w->request.timeout_s) * 1000 + LATE_MS;
	return c->next_ms && c->next_ms + patience < m->v.now_ms;
}

static json_t *monitor_json(const struct making *m, const struct watch_monitor *w, const struct course *c)
{
	CLEANUP(health_points_free) struct health_points *p = health_points_new(m->v.points);
	struct gathering g = { .points = p, .finding = c->finding };
	bool ok = !m->h || history_runs(m->h, w->name, m->v.since_ms, HEALTH_RUNS_MAX, on_run, &g, m->e);
	json_t *o = json_object();
	put(o, "name", w->name);
	put(o, "target", w->target);
	put_number(o, "every_ms", w->every_s * 1000LL);
	put(o, "state", condition_name(c->now));
	put_time(o, "since", c->since_ms);
	json_object_set_new(o, "open", json_boolean(course_is_open(c)));
	json_object_set_new(o, "late", json_boolean(is_late(m, w, c)));
	json_object_set_new(o, "finding", finding_json(c, g.title));
	put(o, "summary", g.summary ? g.summary : "It has not run yet.");
	put_time(o, "last", c->n ? c->looks[0].at_ms : 0);
	put_time(o, "next", c->next_ms);
	health_points_json(p, o);
	free(g.title);
	free(g.summary);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

static const char *bad_ones(const struct making *m, const enum condition *all, struct arena *a)
{
	struct strlist names = { 0 };
	for (size_t i = 0; i < m->s->nmonitors; i++)
		if (all[i] == CONDITION_BAD)
			strlist_add(&names, a, m->s->monitors[i].name);
	return strlist_join(&names, a, ", ");
}

static void put_state(const struct making *m, json_t *o, const enum condition *all)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	size_t n = m->s->nmonitors, count[CONDITIONS] = { 0 };
	enum condition worst = CONDITION_UNKNOWN;
	for (size_t i = 0; i < n; i++) {
		count[all[i]]++;
		worst = all[i] > worst ? all[i] : worst;
	}
	const char *says =
		!n ? "No monitor is configured: add monitor \"NAME\" { target = \"...\" }."
		: count[CONDITION_BAD]
			? arena_printf(a, "%zu of %zu monitors %s bad: %s.", count[CONDITION_BAD], n,
				       count[CONDITION_BAD] == 1 ? "is" : "are", bad_ones(m, all, a))
		: count[CONDITION_WARNING]
			? arena_printf(a, "All that were looked at work; %zu with a warning.",
				       count[CONDITION_WARNING])
		: count[CONDITION_UNKNOWN] ? arena_printf(a,
							  "%zu of %zu monitors are well; the others were not "
							  "looked at yet.",
							  count[CONDITION_WELL], n)
		: n == 1                   ? "The monitor is well."
					   : arena_printf(a, "All %zu monitors are well.", n);
	put(o, "state", condition_name(worst));
	put(o, "says", says);
}

static bool put_monitors(const struct making *m, json_t *o)
{
	enum condition all[WATCH_MONITORS_MAX + 1] = { 0 };
	json_t *list = json_array();
	bool ok = true;
	for (size_t i = 0; ok && i < m->s->nmonitors; i++) {
		const struct watch_monitor *w = &m->s->monitors[i];
		struct course c;
		ok = read_course(m, w, &c);
		all[i] = c.now;
		if (!ok || (m->v.monitor && !z_eq(m->v.monitor, w->name)))
			continue;
		json_t *one = monitor_json(m, w, &c);
		ok = one != NULL;
		json_array_append_new(list, one);
	}
	put_state(m, o, all);
	json_object_set_new(o, "monitors", list);
	return ok;
}

/* ---- what else is kept ---- */

struct listing {
	const struct making *m;
	json_t *list;
};

static bool on_expiry(void *ctx, const struct history_expiry *x)
{
	const struct listing *l = ctx;
	const struct watch_monitor *w = watch_monitor_find(l->m->s, x->monitor);
	long long left = x->expires_ms - l->m->v.now_ms, day = 86400000;
	long long days = left >= 0 ? left / day : -((-left + day - 1) / day);
	json_t *o = json_object();
	put(o, "kind", x->kind);
	put(o, "name", x->name);
	put(o, "detail", x->detail);
	put_given(o, "monitor", x->monitor);
	put_time(o, "expires", x->expires_ms);
	put_number(o, "days_left", days);
	json_object_set_new(o, "warn", json_boolean(days <= (w ? (long long)w->warn_days : WATCH_WARN_DAYS)));
	put_time(o, "seen", x->seen_ms);
	json_array_append_new(l->list, o);
	return true;
}

static bool on_record(void *ctx, const struct history_record *r)
{
	json_t *o = json_object();
	put(o, "name", r->name);
	put(o, "type", r->type);
	json_object_set_new(o, "values", lines_json(r->values));
	put_time(o, "since", r->since_ms);
	put_time(o, "seen", r->seen_ms);
	json_array_append_new(((struct listing *)ctx)->list, o);
	return true;
}

static bool on_change(void *ctx, const struct history_change *c)
{
	json_t *o = json_object();
	put_time(o, "at", c->at_ms);
	put(o, "name", c->name);
	put(o, "type", c->type);
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
		put(last, "day", day);
		for (size_t i = 0; i < ARRAY_LEN(day_keys); i++)
			put_number(last, day_keys[i], 0);
		json_array_append_new(list, last);
	}
	if (json_object_get(last, key))
		put_number(last, key, n);
	return true;
}

static bool on_sample(void *ctx, const struct history_sample *s)
{
	json_t *o = json_object();
	put_time(o, "at", s->at_ms);
	put_number(o, "waiting", s->waiting);
	put_number(o, "held", s->held);
	put_number(o, "sending", s->sending);
	put_number(o, "oldest_s", s->oldest_s);
	json_array_append_new(((struct listing *)ctx)->list, o);
	return true;
}

static bool on_cap(void *ctx, const struct history_cap *c)
{
	json_t *o = json_object();
	put(o, "kind", c->kind);
	put(o, "name", c->name);
	put(o, "limit", c->limit);
	put_number(o, "used", c->used);
	put_number(o, "most", c->most);
	put_time(o, "at", c->at_ms);
	json_array_append_new(((struct listing *)ctx)->list, o);
	return true;
}

static bool on_alert(void *ctx, const struct history_alert *x)
{
	json_t *o = json_object();
	put_time(o, "at", x->at_ms);
	put(o, "alert", x->alert);
	put(o, "way", x->way);
	put(o, "kind", x->kind);
	put(o, "subject", x->subject);
	put(o, "result", x->result);
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

static struct listing listing(const struct making *m)
{
	return (struct listing){ m, json_array() };
}

static bool put_dns(const struct making *m, json_t *o)
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

static bool put_relay(const struct making *m, json_t *o)
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

static bool put_all(const struct making *m, json_t *o)
{
	struct listing expiring = listing(m);
	put_number(o, "schema", 1);
	put_time(o, "now", m->v.now_ms);
	put_time(o, "since", m->v.since_ms);
	bool ok = put_monitors(m, o) && (!m->h || history_expiries(m->h, on_expiry, &expiring, m->e));
	json_object_set_new(o, "expiring", expiring.list);
	return ok && put_dns(m, o) && put_relay(m, o);
}

bool health_write(struct history *h, const struct watch_settings *s, const struct health_view *v, FILE *out,
		  struct err *e)
{
	struct making m = { h, s, *v, e };
	json_t *o = json_object();
	if (!m.v.since_ms)
		m.v.since_ms = m.v.now_ms - HEALTH_PERIOD_S * 1000LL;
	if (!m.v.points || m.v.points > HEALTH_POINTS_MAX)
		m.v.points = m.v.points ? HEALTH_POINTS_MAX : HEALTH_POINTS;
	bool ok = put_all(&m, o);
	if (ok && (json_dumpf(o, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) || fputc('\n', out) == EOF))
		ok = ERR_FILL(e, ERR_SYS, 0, "write", "the JSON document");
	json_decref(o);
	return ok;
}

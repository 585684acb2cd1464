/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/health.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/write.h"
#include "catalog/finding.h"
#include "catalog/write_json.h"
#include "watch/course.h"
#include "watch/health_inner.h"
#include "watch/health_points.h"

enum { LATE_MS = 30000 };

/* ---- monitors ---- */

static bool read_course(const struct health_making *m, const struct watch_monitor *w, struct course *c)
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
	health_put(o, "id", f->id);
	health_put(o, "title", title ? title : f->title);
	health_put(o, "class", f->class);
	health_put(o, "actor", actor_name(f->actor));
	health_put(o, "step", step_name(f->step));
	return o;
}

static bool is_late(const struct health_making *m, const struct watch_monitor *w, const struct course *c)
{
	int64_t patience = (w->every_s + (int64_t)w->request.timeout_s) * 1000 + LATE_MS;
	return c->next_ms && c->next_ms + patience < m->v.now_ms;
}

static json_t *monitor_json(const struct health_making *m, const struct watch_monitor *w,
			    const struct course *c)
{
	CLEANUP(health_points_free) struct health_points *p = health_points_new(m->v.points);
	struct gathering g = { .points = p, .finding = c->finding };
	bool ok = !m->h || history_runs(m->h, w->name, m->v.since_ms, HEALTH_RUNS_MAX, on_run, &g, m->e);
	json_t *o = json_object();
	health_put(o, "name", w->name);
	health_put(o, "target", w->target);
	health_put_number(o, "every_ms", w->every_s * 1000LL);
	health_put(o, "state", condition_name(c->now));
	health_put_time(o, "since", c->since_ms);
	json_object_set_new(o, "open", json_boolean(course_is_open(c)));
	json_object_set_new(o, "late", json_boolean(is_late(m, w, c)));
	json_object_set_new(o, "finding", finding_json(c, g.title));
	health_put(o, "summary", g.summary ? g.summary : "It has not run yet.");
	health_put_time(o, "last", c->n ? c->looks[0].at_ms : 0);
	health_put_time(o, "next", c->next_ms);
	health_points_json(p, o);
	free(g.title);
	free(g.summary);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

static const char *bad_ones(const struct health_making *m, const enum condition *all, struct arena *a)
{
	struct strlist names = { 0 };
	for (size_t i = 0; i < m->s->nmonitors; i++)
		if (all[i] == CONDITION_BAD)
			strlist_add(&names, a, m->s->monitors[i].name);
	return strlist_join(&names, a, ", ");
}

/* How many there are of each condition, as one sentence. */
static const char *says_of(const struct health_making *m, const enum condition *all, const size_t *count,
			   struct arena *a)
{
	size_t n = m->s->nmonitors, bad = count[CONDITION_BAD];
	if (!n)
		return "No monitor is configured: add monitor \"NAME\" { target = \"...\" }.";
	if (bad && n == 1)
		return arena_printf(a, "The monitor %s is bad.", bad_ones(m, all, a));
	if (bad)
		return arena_printf(a, "%zu of %zu monitors %s bad: %s.", bad, n, bad == 1 ? "is" : "are",
				    bad_ones(m, all, a));
	if (count[CONDITION_WARNING])
		return arena_printf(a, "All that were looked at work; %zu with a warning.",
				    count[CONDITION_WARNING]);
	if (count[CONDITION_UNKNOWN] == n)
		return "No monitor has run yet.";
	if (count[CONDITION_UNKNOWN])
		return arena_printf(a, "%zu of %zu monitors are well; the others were not looked at yet.",
				    count[CONDITION_WELL], n);
	return n == 1   ? "The monitor is well."
	       : n == 2 ? "Both monitors are well."
			: arena_printf(a, "All %zu monitors are well.", n);
}

static void put_state(const struct health_making *m, json_t *o, const enum condition *all)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	size_t count[CONDITIONS] = { 0 };
	enum condition worst = CONDITION_UNKNOWN;
	for (size_t i = 0; i < m->s->nmonitors; i++) {
		count[all[i]]++;
		worst = all[i] > worst ? all[i] : worst;
	}
	const char *says = says_of(m, all, count, a);
	health_put(o, "state", condition_name(worst));
	health_put(o, "says", says);
}

static bool put_monitors(const struct health_making *m, json_t *o)
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

/* As the relay told it last. */
static bool put_trouble(const struct health_making *m, json_t *o)
{
	CLEANUP(mem_free) char *text = NULL;
	int found = m->h ? history_document(m->h, HEALTH_RELAY, HEALTH_TROUBLE, &text, m->e) : 0;
	health_put_given(o, "trouble", text ? text : "");
	return found >= 0;
}

static bool put_all(const struct health_making *m, json_t *o)
{
	health_put_number(o, "schema", 1);
	health_put_time(o, "now", m->v.now_ms);
	health_put_time(o, "since", m->v.since_ms);
	return put_trouble(m, o) && put_monitors(m, o) && health_put_expiring(m, o) && health_put_dns(m, o) &&
	       health_put_relay(m, o);
}

bool health_write(struct history *h, const struct watch_settings *s, const struct health_view *v, FILE *out,
		  struct err *e)
{
	struct health_making m = { h, s, *v, e };
	json_t *o = json_object();
	if (!m.v.since_ms)
		m.v.since_ms = m.v.now_ms - HEALTH_PERIOD_S * 1000LL;
	if (!m.v.points || m.v.points > HEALTH_POINTS_MAX)
		m.v.points = m.v.points ? HEALTH_POINTS_MAX : HEALTH_POINTS;
	bool ok = put_all(&m, o);
	if (!ok) {
		json_decref(o);
		return false;
	}
	write_json(out, o, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	return write_end(out, "the JSON document", e);
}

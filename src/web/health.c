/* SPDX-License-Identifier: Apache-2.0 */
/* What the monitors know, as `postrider monitor list --json` prints it; the last check of one; another now.
 */
#include "watch/watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory_file.h"
#include "base/when.h"
#include "web/endpoints.h"
#include "web/web_inner.h"

static bool wrong(struct web_call *c, const char *name, const char *mend)
{
	web_problem(c, 400, "A parameter cannot be so", "%s: give %s.", name, mend);
	return false;
}

static bool read_view(struct web_call *c, struct health_view *v)
{
	const char *since = web_parameter(c, "since"), *points = web_parameter(c, "points");
	const char *monitor = web_parameter(c, "monitor");
	long long s;
	unsigned long n;
	*v = (struct health_view){ .now_ms = relay_now_ms() };
	v->monitor = monitor && *monitor ? monitor : NULL;
	if (since && *since) {
		const struct when_base base = { v->now_ms / 1000, 0, false };
		if (!when_read(str_of(since), &base, &s))
			return wrong(c, "since", "a time such as 2026-11-21T08:00:00Z, yesterday or 7d");
		v->since_ms = s * 1000;
	}
	if (points && *points) {
		if (!str_number(str_of(points), HEALTH_POINTS_MAX, &n) || !n)
			return wrong(c, "points", "a number from 1 to 2000");
		v->points = n;
	}
	return true;
}

/* Without monitors: the form of the answer all the same. */
static bool write_none(const struct health_view *v, FILE *out, struct err *e)
{
	CLEANUP(watch_settings_free) struct watch_settings *none = watch_settings_new();
	return health_write(NULL, none, v, out, e);
}

void health_show(struct web_call *c)
{
	struct err e = { 0 };
	struct health_view v;
	if (!read_view(c, &v))
		return;
	if (!c->web->watch) {
		web_problem(c, 503, "No history is kept",
			    "Why, the relay's log says; check the data folder.");
		return;
	}
	CLEANUP(memory_file_clear) struct memory_file m;
	memory_file_open(&m);
	bool ok = c->web->watch ? watch_health(c->web->watch, &v, m.file, &e) : write_none(&v, m.file, &e);
	ok = memory_file_whole(&m, &e) && ok;
	if (ok)
		web_answer(c, 200, "application/json", (struct str){ m.text, m.n });
	else
		web_problem_err(c, &e);
}

void monitor_show(struct web_call *c)
{
	struct err e = { 0 };
	char *json = NULL;
	bool word = !strcmp(c->parts[1], "last") || !strcmp(c->parts[1], "bad");
	int found = c->web->watch && word ? watch_document(c->web->watch, c->parts[0], c->parts[1], &json, &e)
					  : 0;
	if (found > 0)
		web_answer(c, 200, "application/json", str_of(json));
	else if (found < 0)
		web_problem_err(c, &e);
	else
		web_problem(c, 404, "There is no such check",
			    "The monitor has not run yet, or there is none of that name; ask for \"last\" or "
			    "\"bad\".");
	free(json);
}

void monitor_run(struct web_call *c)
{
	if (c->web->watch && watch_run_now(c->web->watch, c->parts[0]))
		web_answer_empty(c, 204);
	else
		web_problem(c, 404, "There is no such monitor", "They are listed at /api/v1/health.");
}

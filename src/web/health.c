/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/v1/health: what the monitors know, as `postrider monitor list --json` prints it. */
#include "watch/watch.h"

#include <stdio.h>
#include <stdlib.h>

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

void health_show(struct web_call *c)
{
	struct err e = { 0 };
	struct health_view v;
	char *text = NULL;
	size_t n = 0;
	if (!read_view(c, &v))
		return;
	if (!c->web->watch) {
		web_problem(c, 503, "No history is kept", "Why, the relay's log says; check the data folder.");
		return;
	}
	FILE *f = open_memstream(&text, &n);
	if (!f)
		mem_out();
	bool ok = watch_health(c->web->watch, &v, f, &e);
	fclose(f);
	if (ok)
		web_answer(c, 200, "application/json", (struct str){ text, n });
	else
		web_problem_err(c, &e);
	free(text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/v1/queue: what `postrider queue list --json` shows. */
#include "net/watch.h"
#include "show/queue_json.h"
#include "web/endpoints.h"
#include "web/web_inner.h"

enum { VIEWS_MAX = 1000 /* destinations of which the scheduler is asked; those with most recipients */ };

struct looking {
	struct store_lanes lanes;
	struct lane_view *views;
	bool *known;
	size_t n;
};

/* In the loop. */
static void view_all(void *ctx)
{
	struct web_call *c = ctx;
	if (web_gone(c))
		return;
	struct looking *l = c->state;
	for (size_t i = 0; i < l->n; i++)
		l->known[i] =
			lanes_view(c->web->relay->lanes, str_of(l->lanes.v[i].lane), c->arena, &l->views[i]);
	web_wake(c);
}

static bool view_of(void *ctx, struct str lane, struct arena *a, struct lane_view *out)
{
	const struct looking *l = ctx;
	(void)a;
	for (size_t i = 0; i < l->n; i++)
		if (l->known[i] && str_eq(lane, l->lanes.v[i].lane)) {
			*out = l->views[i];
			return true;
		}
	return false;
}

static void show(struct web_call *c)
{
	struct looking *l = c->state;
	const struct queue_document d = { &l->lanes, view_of, l, true };
	web_answer_json(c, 200, queue_json(&d));
}

void queue_show_all(struct web_call *c)
{
	struct err e = { 0 };
	struct looking *l = arena_alloc(c->arena, sizeof(*l));
	if (!store_lanes(c->web->relay->store, c->arena, &l->lanes, &e)) {
		web_problem_err(c, &e);
		return;
	}
	l->n = l->lanes.n < VIEWS_MAX ? l->lanes.n : VIEWS_MAX;
	l->views = arena_alloc(c->arena, (l->n + 1) * sizeof(*l->views));
	l->known = arena_alloc(c->arena, l->n + 1);
	c->state = l;
	web_defer(c, show);
	net_post(c->web->loop, view_all, c);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/v1/queue: what `postrider queue list --json` shows, and whether there is room for more. */
#include "catalog/cause_json.h"
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
		l->known[i] = lanes_view(c->web->relay->lanes, str_of(l->lanes.v[i].lane),
					 (struct store_id){ 0 }, 0, c->arena, &l->views[i]);
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

enum { ERR_TEXT_BYTES = 600 };

static json_t *room_json(const struct web_call *c)
{
	char why[ERR_TEXT_BYTES];
	struct store_health h;
	json_t *o = json_object();
	store_health(c->web->relay->store, &h);
	json_object_set_new(o, "accepting", json_boolean(h.accepting));
	if (!h.accepting)
		json_object_set_new(o, "why", text_json(err_text(&h.err, why, sizeof(why))));
	json_object_set_new(o, "free_bytes", json_integer((json_int_t)h.free_bytes));
	json_object_set_new(o, "reserve_bytes", json_integer((json_int_t)h.reserve_bytes));
	return o;
}

static void show(struct web_call *c)
{
	struct looking *l = c->state;
	const struct queue_document d = { &l->lanes, view_of, l, true };
	json_t *o = queue_json(&d);
	json_object_set_new(o, "store", room_json(c));
	web_answer_json(c, 200, o);
}

void queue_show_all(struct web_call *c)
{
	struct err e = { 0 };
	struct looking *l = arena_alloc(c->arena, sizeof(*l));
	if (!store_lanes(c->web->relay->store, c->arena, &l->lanes, &e)) {
		web_problem_err(c, &e);
		return;
	}
	queue_lanes_own(&l->lanes);
	l->n = l->lanes.n < VIEWS_MAX ? l->lanes.n : VIEWS_MAX;
	l->views = arena_alloc(c->arena, (l->n + 1) * sizeof(*l->views));
	l->known = arena_alloc(c->arena, l->n + 1);
	c->state = l;
	web_defer(c, show);
	net_post(c->web->loop, view_all, c);
}

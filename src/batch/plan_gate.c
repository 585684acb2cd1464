/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/plan_gate.h"

#include "relay/lane/route_caps.h"

void plan_gate_begin(struct plan_gate *g, struct arena *a, struct ledger *l, const char *kind,
		     const char *name, int64_t now_ms)
{
	struct ledger_row *row = l ? ledger_row(l, kind, name) : NULL;
	g->whose = arena_printf(a, "%s %s", kind, name);
	if (!row)
		return;
	caps_log_copy(&g->log, &row->log);
	caps_log_mend(&g->log, now_ms);
	caps_log_end_all(&g->log, now_ms);
	g->ramp = row->ramp;
}

void plan_gate_clear(struct plan_gate *g)
{
	caps_log_clear(&g->log);
}

/* Mails are spaced so that they keep to this rate; NULL: none. */
static const struct caps_limit *rate_of(const struct caps *c)
{
	const struct caps_limit *rate = NULL;
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].unit == CAPS_MESSAGES && (!rate || c->v[i].window_ms < rate->window_ms))
			rate = &c->v[i];
	return rate;
}

static const struct plan_cause *cause_of(struct plan_gate *g, const struct caps_limit *limit, struct arena *a)
{
	if (!limit)
		limit = rate_of(&g->caps);
	if (!limit)
		return NULL;
	struct plan_cause *c = &g->causes[limit - g->caps.v];
	if (!c->brief)
		*c = (struct plan_cause){ caps_limit_text(limit, a),
					  caps_reason(limit, g->route, g->whose, a) };
	return c;
}

int64_t plan_gate_ask(struct plan_gate *g, unsigned n, int64_t at_ms, struct arena *a,
		      const struct plan_cause **cause)
{
	struct caps_answer x = caps_ask(&g->caps, &g->log, n, at_ms);
	if (x.at_ms <= at_ms)
		return at_ms;
	*cause = cause_of(g, x.limit, a);
	return x.at_ms;
}

/* An account that has handed mail over on enough days may send more from then on: its own cap goes, which
 * stood last. */
static void prove(struct plan_gate *g, int64_t at_ms)
{
	bool before = ramp_is_proven(&g->ramp);
	(void)ramp_handed_over(&g->ramp, at_ms);
	if (!before && ramp_is_proven(&g->ramp))
		route_caps(g->route, true, &g->caps);
}

void plan_gate_pass(struct plan_gate *g, unsigned n, int64_t at_ms)
{
	if (g->caps.n || g->caps.spacing_ms)
		caps_note(&g->log, 1, n, at_ms);
	if (g->route)
		prove(g, at_ms);
}

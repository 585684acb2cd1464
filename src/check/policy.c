/* SPDX-License-Identifier: Apache-2.0 */
#include "check/policy.h"

#include <string.h>

#include "check/policy_view.h"

/* Questions of one round. */
struct round {
	struct {
		struct dns_question *q;
		const char *name, *type, *purpose;
	} v[POLICY_QUESTIONS_MAX];
	size_t n;
	bool all_done;
};

void policy_add(struct policy *pol, struct policy_task t)
{
	if (pol->n < POLICY_TASKS_MAX)
		pol->v[pol->n++] = t;
}

static bool is_asked(const struct round *r, const struct dns_want *w)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->v[i].type, w->type) && dns_name_eq(r->v[i].name, w->name))
			return true;
	return false;
}

static void ask_wants(struct policy *pol, struct round *r, const struct dns_wants *w, const char *purpose)
{
	for (size_t i = 0; i < w->n && r->n < POLICY_QUESTIONS_MAX; i++) {
		if (is_asked(r, &w->v[i]))
			continue;
		r->v[r->n].q = probe_ask(pol->p, w->v[i].name, w->v[i].type, DNS_NO_HOSTS);
		r->v[r->n].name = w->v[i].name;
		r->v[r->n].type = w->v[i].type;
		r->v[r->n++].purpose = purpose;
	}
}

/* Evaluates what is open and asks what it wants; final: nothing more can be known. */
static void evaluate(struct policy *pol, struct round *r, bool final)
{
	struct policy_view pv = { pol->p->ev, final };
	struct dns_view view = policy_view_of(&pv);
	r->n = 0;
	r->all_done = true;
	for (size_t i = 0; i < pol->n; i++) {
		struct policy_task *t = &pol->v[i];
		struct dns_wants w = { .arena = pol->arena };
		if (t->done)
			continue;
		t->done = t->judge(t, pol->arena, &view, &w);
		r->all_done = r->all_done && t->done;
		if (!t->done && !final)
			ask_wants(pol, r, &w, t->purpose);
	}
}

/* True when something became known that was not; until_ms 0: only what is answered.
 * A name that evidence cannot hold as it is (odd bytes out of somebody's record) is
 * recorded and stays unknown, or the rounds would never end. */
static bool collect(struct policy *pol, const struct round *r, uint64_t until_ms)
{
	struct probe *p = pol->p;
	bool news = false;
	for (size_t i = 0; i < r->n; i++) {
		if (until_ms)
			dns_wait(p->dns, r->v[i].q, until_ms);
		else if (!dns_done(r->v[i].q))
			continue;
		if (policy_view_fact(p->ev, r->v[i].name, r->v[i].type))
			continue;
		struct fact *f = probe_record_dns(p, r->v[i].q, r->v[i].purpose);
		f->dns.name = probe_text(p, r->v[i].name); /* as wanted: the resolver's form may differ */
		news = policy_view_fact(p->ev, r->v[i].name, r->v[i].type) || news;
	}
	return news;
}

void policy_go_on(struct policy *pol)
{
	CLEANUP(mem_free) struct round *r = mem_alloc(sizeof(*r));
	do
		evaluate(pol, r, false);
	while (collect(pol, r, 0));
}

void policy_run(struct policy *pol, uint64_t until_ms)
{
	CLEANUP(mem_free) struct round *r = mem_alloc(sizeof(*r));
	for (size_t i = 0; i < POLICY_ROUNDS_MAX; i++) {
		evaluate(pol, r, false);
		if (r->all_done)
			return;
		bool late = i > 0 && net_loop_now_ms(pol->p->loop) >= until_ms;
		if (late || net_loop_interrupted(pol->p->loop)) {
			probe_skip(pol->p, "domain-policy", "no time was left for all look-ups");
			return;
		}
		if (!collect(pol, r, until_ms))
			break;
	}
	evaluate(pol, r, true);
}

void policy_record(struct policy *pol)
{
	for (size_t i = 0; i < pol->n; i++)
		if (pol->v[i].done && pol->v[i].record)
			pol->v[i].record(&pol->v[i], pol->p);
}

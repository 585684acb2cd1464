/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/health_points.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_line.h"
#include "catalog/cause_json.h"
#include "catalog/finding.h"

/* Runs that stand as one. */
struct point {
	int64_t at_ms; /* of the last */
	unsigned runs, bad;
	int worst;
	bool away;
	char *verdict, *finding, *step; /* of the worst */
	long long elapsed_ms;           /* summed */
	long long step_ms[STEP_COUNT];
	unsigned step_n[STEP_COUNT];
};

struct health_points {
	struct point *v;
	size_t n, most, per; /* per: runs a point; doubled whenever there would be too many */
	size_t runs, well;
};

static int badness(const char *verdict)
{
	static const char *const order[] = { "ok", "warning", "error", "unknown", "failing" };
	for (int i = 0; i < (int)ARRAY_LEN(order); i++)
		if (z_eq(order[i], verdict))
			return i;
	return 0;
}

struct health_points *health_points_new(size_t most)
{
	struct health_points *p = mem_alloc(sizeof(*p));
	p->most = most < 2 ? 2 : most;
	p->per = 1;
	p->v = mem_grow(NULL, p->most, sizeof(*p->v));
	return p;
}

static void point_clear(struct point *x)
{
	free(x->verdict);
	free(x->finding);
	free(x->step);
}

void health_points_free(struct health_points **pp)
{
	struct health_points *p = *pp;
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		point_clear(&p->v[i]);
	free(p->v);
	mem_free(pp);
}

static void set(char **to, const char *text)
{
	free(*to);
	*to = mem_strdup(text);
}

/* "dns=3 connect=12" */
static void add_steps(struct point *x, const char *steps)
{
	struct str rest = str_of(steps), word;
	while (str_next(&rest, " ", &word)) {
		const char *equals = memchr(word.p, '=', word.len);
		size_t at = equals ? (size_t)(equals - word.p) : word.len;
		unsigned long ms;
		if (at == word.len || !str_number(str_cut(word, at + 1, word.len), 1UL << 40, &ms))
			continue;
		for (enum step s = 0; s < STEP_COUNT; s++)
			if (str_eq(str_cut(word, 0, at), step_name(s))) {
				x->step_ms[s] += (long long)ms;
				x->step_n[s]++;
			}
	}
}

static void take_words(struct point *x, int worst, const char *verdict, const char *finding, const char *step)
{
	if (x->verdict && worst < x->worst)
		return;
	x->worst = worst;
	set(&x->verdict, verdict);
	set(&x->finding, finding);
	set(&x->step, step);
}

/* Takes b, the later one, into a. */
static void join(struct point *a, struct point *b)
{
	a->at_ms = b->at_ms;
	a->runs += b->runs;
	a->bad += b->bad;
	a->away |= b->away;
	a->elapsed_ms += b->elapsed_ms;
	take_words(a, b->worst, b->verdict, b->finding, b->step);
	for (enum step s = 0; s < STEP_COUNT; s++) {
		a->step_ms[s] += b->step_ms[s];
		a->step_n[s] += b->step_n[s];
	}
	point_clear(b);
}

static void halve(struct health_points *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i += 2) {
		if (i + 1 < p->n)
			join(&p->v[i], &p->v[i + 1]);
		p->v[n++] = p->v[i];
	}
	p->n = n;
	p->per *= 2;
}

void health_points_add(struct health_points *p, const struct history_run *r)
{
	struct point x = { .at_ms = r->at_ms, .runs = 1, .away = r->away, .elapsed_ms = r->elapsed_ms };
	int worst = badness(r->verdict);
	x.bad = worst >= badness("unknown");
	add_steps(&x, r->steps);
	take_words(&x, worst, r->verdict, r->finding, r->step);
	p->runs++;
	p->well += !x.bad;
	if (p->n && p->v[p->n - 1].runs < p->per) {
		join(&p->v[p->n - 1], &x);
		return;
	}
	if (p->n == p->most)
		halve(p);
	p->v[p->n++] = x;
}

static json_t *given(const char *text)
{
	return *text ? text_json(text) : json_null();
}

static json_t *point_json(const struct point *x)
{
	char at[JSON_TIME_BYTES];
	json_t *o = json_object(), *steps = json_object();
	for (enum step s = 0; s < STEP_COUNT; s++)
		if (x->step_n[s])
			json_object_set_new(steps, step_name(s), json_integer(x->step_ms[s] / x->step_n[s]));
	json_object_set_new(o, "at", json_string(json_time(x->at_ms, at)));
	json_object_set_new(o, "verdict", text_json(x->verdict));
	json_object_set_new(o, "finding", given(x->finding));
	json_object_set_new(o, "step", given(x->step));
	json_object_set_new(o, "elapsed_ms", json_integer(x->elapsed_ms / x->runs));
	json_object_set_new(o, "away", json_boolean(x->away));
	json_object_set_new(o, "runs", json_integer(x->runs));
	json_object_set_new(o, "bad", json_integer(x->bad));
	json_object_set_new(o, "steps", steps);
	return o;
}

void health_points_json(const struct health_points *p, json_t *o)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->n; i++)
		json_array_append_new(list, point_json(&p->v[i]));
	double share = p->runs ? (double)(long)((double)p->well / (double)p->runs * 10000 + 0.5) / 10000 : 0;
	json_object_set_new(o, "runs", json_integer((json_int_t)p->runs));
	json_object_set_new(o, "well_share", p->runs ? json_real(share) : json_null());
	json_object_set_new(o, "history", list);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One run of one monitor: a check is ordered, and what it saw is kept. */
#include <jansson.h>
#include <stdlib.h>

#include "check/render_document_json.h"
#include "watch/drift.h"
#include "watch/secrets.h"
#include "watch/watch_inner.h"

/* The monitor may be gone when the check ends: it is known by name. */
struct run {
	struct watch *watch;
	char *monitor;
	int64_t at_ms;
};

void watched_clear(struct watched *x)
{
	free(x->title);
	free(x->summary);
	free(x->report);
	free(x->finding);
}

static void set(char **to, char *text)
{
	free(*to);
	*to = text;
}

/* ---- keeping ---- */

static char *report_of(const struct verdict *v)
{
	const struct render_options o = { .width = WATCH_REPORT_COLUMNS, .brief = v->word == VERDICT_OK };
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);
	bool ok = f && render_verdict(v, RENDER_TEXT, &o, f, NULL);
	if (f)
		fclose(f);
	if (ok)
		return text;
	free(text);
	return mem_strdup("");
}

static char *finding_of(const struct verdict *v)
{
	if (!v->n || v->findings[0].severity == SEVERITY_NOTE)
		return mem_strdup("");
	json_t *o = render_finding_json(v, &v->findings[0]);
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text ? text : mem_strdup("");
}

static void keep_words(struct watched *x, const struct harvest *h, const struct verdict *v)
{
	set(&x->title, mem_strdup(h->run.title));
	set(&x->summary, mem_strdup(h->run.summary));
	set(&x->report, v ? report_of(v) : mem_strdup(""));
	set(&x->finding, v ? finding_of(v) : mem_strdup(""));
}

struct before {
	char *values, *recent;
	int64_t since_ms;
};

static bool keep_before(void *ctx, const struct history_record *r)
{
	struct before *b = ctx;
	b->values = mem_strdup(r->values);
	b->recent = mem_strdup(r->recent);
	b->since_ms = r->since_ms;
	return false;
}

static bool keep_record(struct watch *w, const struct harvest_record *r, int64_t at_ms, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct before b = { 0 };
	int found = history_record(w->history, r->name, r->type, keep_before, &b, e);
	struct drift d = drift_of(b.values, b.recent ? b.recent : "", r->values, r->address, at_ms, a);
	const struct history_record now = { r->name, r->type, r->values, d.recent, 0, at_ms };
	const struct history_change change = { at_ms, r->name, r->type, b.values ? b.values : "", r->values };
	struct history_record put = now;
	put.since_ms = found > 0 && !d.changed ? b.since_ms : at_ms;
	bool ok = found >= 0 && history_record_put(w->history, &put, e) &&
		  (!d.changed || history_change_add(w->history, &change, e));
	free(b.values);
	free(b.recent);
	return ok;
}

static bool keep_document(struct watch *w, const struct harvest *h, const struct verdict *v, struct err *e)
{
	json_t *o = render_document_json(v);
	CLEANUP(mem_free) char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	const char *monitor = h->run.monitor;
	bool ok = !text || history_document_put(w->history, monitor, "last", h->run.at_ms, str_of(text), e);
	if (text && h->look.level == CONDITION_BAD)
		ok = ok && history_document_put(w->history, monitor, "bad", h->run.at_ms, str_of(text), e);
	return ok;
}

/* The secret's own end, as its owner wrote it down. */
static bool keep_secret_date(struct watch *w, const struct watch_monitor *m, int64_t at_ms, struct err *e)
{
	const struct history_expiry x = { "client-secret",      m->name, m->target, m->name,
					  m->secret_expires_ms, at_ms,   -1 };
	return !m->secret_expires_ms || history_expiry_put(w->history, &x, e);
}

static bool keep(struct watch *w, const struct watched *x, const struct harvest *h, const struct verdict *v,
		 struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	history_begin(w->history);
	bool ok = history_run_add(w->history, &h->run, e) && keep_secret_date(w, x->m, h->run.at_ms, e);
	for (size_t i = 0; ok && i < h->nexpiries; i++)
		ok = history_expiry_put(w->history, &h->expiries[i], e);
	for (size_t i = 0; ok && i < h->nrecords; i++)
		ok = keep_record(w, &h->records[i], h->run.at_ms, e);
	ok = ok && (!v || keep_document(w, h, v, e)) &&
	     history_state_put(w->history, x->m->name, course_write(&x->course, x->m->target, a), e);
	return history_end(w->history, ok, e);
}

static void take(struct watch *w, struct watched *x, const struct harvest *h, const struct verdict *v)
{
	struct err e = { 0 };
	int64_t now_ms = watch_now_ms();
	enum news n = course_take(&x->course, &h->look, x->m->quiet_s * 1000LL);
	x->next_ms =
		course_next_ms(&x->course, now_ms, x->m->every_s * 1000LL, x->m->again_s * 1000LL, x->share);
	x->course.next_ms = x->next_ms;
	keep_words(x, h, v);
	if (!keep(w, x, h, v, &e))
		watch_trouble(w, &e);
	gather_note(&w->gather, &x->gather, n, now_ms);
	watch_expiries(w, now_ms);
	watch_news(w);
	watch_set_timer(w);
}

/* ---- running ---- */

static void run_free(struct run *r)
{
	free(r->monitor);
	free(r);
}

static void tell_token(struct watch *w, const struct verdict *v, const char *monitor)
{
	const struct fact *f = evidence_next(v->ev, FACT_TOKEN, NULL);
	struct err e = { 0 };
	if (!f || !z_eq(f->token.refresh, "lost"))
		return;
	ERR_FILL(&e, ERR_USAGE, 0, "keep", "the new refresh token that came to monitor \"%s\"", monitor);
	err_detail(&e, "%s; where the old one ends now, sign in anew", f->token.refresh_error);
	watch_trouble(w, &e);
}

static void on_end(void *ctx, const struct runner_end *end)
{
	struct run *r = ctx;
	struct watch *w = r->watch;
	struct watched *x = watch_find(w, r->monitor);
	if (x)
		x->running = false;
	if (x && !w->stopping && end->state != RUNNER_CANCELLED) {
		CLEANUP(harvest_free)
		struct harvest *h = end->v ? harvest_of(end->v, r->monitor, r->at_ms)
					   : harvest_of_error(end->e, r->monitor, r->at_ms);
		take(w, x, h, end->v);
		if (end->v)
			tell_token(w, end->v, r->monitor);
	}
	run_free(r);
}

static struct run *run_new(struct watch *w, const struct watched *x)
{
	struct run *r = mem_alloc(sizeof(*r));
	*r = (struct run){ w, mem_strdup(x->m->name), watch_now_ms() };
	return r;
}

static void could_not(struct watch *w, struct watched *x, const struct err *e)
{
	CLEANUP(harvest_free) struct harvest *h = harvest_of_error(e, x->m->name, watch_now_ms());
	take(w, x, h, NULL);
}

/* Experiments cost the server connections: they are made when there is something to find out. */
static bool wants_experiments(const struct watched *x)
{
	return x->course.n && x->course.looks[0].level == CONDITION_BAD;
}

void watch_run_begin(struct watch *w, struct watched *x)
{
	CLEANUP(watch_secrets_wipe) struct watch_secrets s = { 0 };
	struct check_request q;
	struct err e = { 0 };
	char id[RUNNER_ID_BYTES];
	x->hurried = false;
	if (!watch_request(x->m, &s, &q, &e)) {
		could_not(w, x, &e);
		return;
	}
	q.experiments = wants_experiments(x);
	struct run *r = run_new(w, x);
	const struct runner_order o = { .request = &q, .ended = on_end, .ctx = r, .quiet = true };
	x->running = runner_start(w->runner, &o, id, &e);
	if (x->running)
		return;
	run_free(r);
	x->next_ms = watch_now_ms() + x->m->again_s * 1000LL; /* others wait already */
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "show/trail_reports.h"

#include "base/text_time.h"
#include "relay/notice/notice_rule.h"
#include "relay/notice/notice_told.h"

enum {
	FIRST_REPORTS = 4,
	MADE_WITHIN_MS = 3600 * 1000, /* of the last change */
	SECOND_MS = 1000,             /* a report came in a whole second, as its Date says it */
	AS_THE_REPORT_SAYS = 1        /* after what time a delay was told, the settings of then knew */
};

/* As what it is told. */
static enum notice_kind kind_of(const struct store_message *m, const struct store_event *v)
{
	if (v->rcpt >= m->nrcpts)
		return NOTICE_NONE;
	const struct notice_case c = { .flags = m->flags,
				       .null_sender = !m->reverse_path.len,
				       .notify = m->rcpts[v->rcpt].notify,
				       .state = v->state,
				       .owed = v->owed,
				       .arrived_ms = m->arrived_ms,
				       .at_ms = v->at_ms,
				       .tries = v->tries,
				       .late_s = AS_THE_REPORT_SAYS,
				       .asks = v->next_ms == STORE_NEVER };
	return notice_rule(&c);
}

static bool is_told_late(const struct trail_reports *r, const struct store_event *v)
{
	const struct notice_place place = { v->at_ms, v->rcpt };
	for (size_t i = 0; i < r->n; i++)
		if (notice_span_has(&r->v[i].span, NOTICE_DELAYED, place))
			return true;
	return false;
}

/* Of the tries that were late the first that a report has: it is told once. */
static void note_late(struct trail_reports *r, const struct store_trail *t)
{
	for (size_t i = 0; i < t->nevents; i++) {
		const struct store_event *ev = &t->events[i];
		struct trail_course *c = ev->rcpt < t->message.nrcpts ? &r->courses[ev->rcpt] : NULL;
		if (c && !c->late_ms && kind_of(&t->message, ev) == NOTICE_DELAYED && is_told_late(r, ev))
			c->late_ms = ev->at_ms;
	}
}

/* Whether it is withdrawn is asked of all events of a recipient. */
static struct trail_course *courses_of(const struct store_trail *t, struct arena *a)
{
	struct trail_course *v = arena_alloc(a, t->message.nrcpts * sizeof(*v));
	for (size_t i = 0; i < t->nevents; i++) {
		const struct store_event *ev = &t->events[i];
		struct trail_course *c = ev->rcpt < t->message.nrcpts ? &v[ev->rcpt] : NULL;
		if (c && !c->ended_ms && !store_state_live(ev->state))
			c->ended_ms = ev->at_ms;
	}
	return v;
}

/* A delay is told once; that, and a doubt, is not told any more of who came to an end meanwhile. */
static bool may_tell(const struct trail_report *r, const struct trail_course *c, enum notice_kind kind,
		     int64_t at_ms)
{
	bool withdrawn = c->ended_ms > at_ms && c->ended_ms < r->made_ms + SECOND_MS;
	return kind == NOTICE_DELAYED ? at_ms == c->late_ms && !withdrawn
				      : kind != NOTICE_DOUBT || !withdrawn;
}

static bool told_between(const struct store_trail *t, int64_t *first_ms, int64_t *last_ms)
{
	*first_ms = INT64_MAX;
	for (size_t i = 0; i < t->nevents; i++) {
		const struct store_event *v = &t->events[i];
		if (kind_of(&t->message, v) == NOTICE_NONE)
			continue;
		*first_ms = v->at_ms < *first_ms ? v->at_ms : *first_ms;
		*last_ms = v->at_ms;
	}
	return *first_ms != INT64_MAX;
}

static void find_page(struct store *s, const struct store_trail *t, struct store_query q, struct arena *a,
		      struct trail_reports *out)
{
	struct store_hits hits;
	struct err e = { 0 };
	q.recipient = t->message.reverse_path;
	q.limit = STORE_FIND_MAX;
	if (!store_find(s, &q, a, &hits, &e)) {
		out->all = false;
		return;
	}
	out->all = out->all && !hits.cursor;
	for (size_t i = 0; i < hits.n; i++) {
		const struct store_hit *h = &hits.v[i];
		struct trail_report r = { .id = h->id, .made_ms = h->arrived_ms };
		if (h->state == STORE_HELD && h->next_ms != STORE_NEVER)
			r.held_ms = h->next_ms;
		if (!notice_told_is_report(s, &hits.v[i], &r.span) ||
		    !store_id_same(r.span.about, t->message.id))
			continue;
		out->v = arena_grow(a, out->v, out->n, &out->room, FIRST_REPORTS, sizeof(*out->v));
		out->v[out->n++] = r;
	}
}

static bool is_untold(const struct trail_reports *r, const struct store_trail *t, const struct store_event *v)
{
	char id[STORE_ID_TEXT];
	return v->owed && kind_of(&t->message, v) != NOTICE_NONE && !*trail_reported(r, t, v, id);
}

static bool any_untold(const struct trail_reports *r, const struct store_trail *t)
{
	for (size_t i = 0; i < t->nevents; i++)
		if (is_untold(r, t, &t->events[i]))
			return true;
	return false;
}

/* What was told late, after a crash say, is looked for only where it is missed. */
void trail_reports_find(struct store *s, const struct store_trail *t, struct arena *a,
			struct trail_reports *out)
{
	int64_t first_ms, last_ms = 0;
	*out = (struct trail_reports){ .all = true };
	if (!told_between(t, &first_ms, &last_ms))
		return;
	const struct store_query soon = { .since_ms = first_ms / SECOND_MS * SECOND_MS,
					  .until_ms = last_ms + MADE_WITHIN_MS },
				 later = { .since_ms = soon.until_ms };
	out->courses = courses_of(t, a);
	find_page(s, t, soon, a, out);
	if (out->all && any_untold(out, t))
		find_page(s, t, later, a, out);
	note_late(out, t);
}

static const struct trail_report *report_of(const struct trail_reports *r, const struct store_trail *t,
					    const struct store_event *v)
{
	enum notice_kind kind = r && r->n ? kind_of(&t->message, v) : NOTICE_NONE;
	const struct notice_place place = { v->at_ms, v->rcpt };
	for (size_t i = 0; kind != NOTICE_NONE && i < r->n; i++)
		if (notice_span_has(&r->v[i].span, kind, place) &&
		    may_tell(&r->v[i], &r->courses[v->rcpt], kind, v->at_ms))
			return &r->v[i];
	return NULL;
}

const char *trail_reported(const struct trail_reports *r, const struct store_trail *t,
			   const struct store_event *v, char out[STORE_ID_TEXT])
{
	const struct trail_report *report = report_of(r, t, v);
	return report ? store_id_text(report->id, out) : "";
}

const char *trail_report_words(const struct trail_reports *r, const struct store_trail *t,
			       const struct store_event *v, struct arena *a)
{
	char id[STORE_ID_TEXT], until[TEXT_MAIL_DATE_BYTES];
	const struct trail_report *report = report_of(r, t, v);
	if (report && report->held_ms)
		return arena_printf(a, "its sender is told later: report queued as %s, held until %s",
				    store_id_text(report->id, id),
				    text_mail_date(report->held_ms / SECOND_MS, until));
	if (report)
		return arena_printf(a, "its sender is told: report queued as %s",
				    store_id_text(report->id, id));
	return r && r->all && is_untold(r, t, v)
		       ? "its sender is to be told of this: no report of it was found"
		       : "";
}

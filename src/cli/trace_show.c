/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_show.h"

#include <string.h>

#include "base/json_line.h"
#include "base/text_time.h"
#include "catalog/cause_paper.h"
#include "catalog/words.h"
#include "show/trail_events.h"
#include "show/trail_reports.h"
#include "show/trail_words.h"
#include "store/id.h"

enum { LEAD = 12, TIME_ROOM = 10, STATE_ROOM = 13, DAY_S = 86400, MS = 1000 };

/* "2026-11-21 12:03:04" in the zone that people wanted. */
static const char *local_time(const struct trace_show *s, struct arena *a, int64_t at_ms)
{
	char text[TEXT_TIME_BYTES];
	text_time(at_ms / MS + s->o->zone_s, text);
	return arena_printf(a, "%.10s %.8s", text, text + 11);
}

static const char *zone_name(const struct trace_show *s, struct arena *a)
{
	long long z = s->o->zone_s, m = (z < 0 ? -z : z) / 60;
	return z ? arena_printf(a, "UTC%c%02lld:%02lld", z < 0 ? '-' : '+', m / 60, m % 60) : "UTC";
}

static const char *z_of(struct arena *a, struct str s)
{
	return arena_dup(a, s.p, s.len);
}

static void row(struct trace_show *s, const char *lead, const char *text)
{
	if (*text)
		paper_item(&s->paper, 2, (struct paper_lead){ lead, LEAD, PAPER_DIM }, text);
}

static const char *sender_words(struct arena *a, struct str reverse_path)
{
	return reverse_path.len ? z_of(a, reverse_path) : "<> (a report, from nobody)";
}

static void about(struct trace_show *s, struct arena *a, const struct store_trail *t)
{
	const struct store_message *m = &t->message;
	char id[STORE_ID_TEXT];
	row(s, "Subject", z_of(a, m->subject));
	row(s, "From", sender_words(a, m->reverse_path));
	row(s, "Message-ID", z_of(a, m->message_id));
	row(s, "Our id", store_id_text(m->id, id));
	row(s, "Taken", arena_printf(a, "%s (%s)", local_time(s, a, m->arrived_ms), zone_name(s, a)));
	if (!s->o->verbose)
		return;
	row(s, "Size",
	    arena_printf(a, "%llu bytes%s", (unsigned long long)m->size,
			 t->body_here ? "" : ", no longer kept"));
	row(s, "Account", z_of(a, m->account));
	row(s, "Came in", arena_printf(a, STR_FMT " at " STR_FMT, STR_ARG(m->client), STR_ARG(m->listener)));
	row(s, "Settings", z_of(a, m->config));
}

/* ---- the timeline ---- */

static void day_heading(struct trace_show *s, struct arena *a, int64_t at_ms)
{
	long long day = (at_ms / MS + s->o->zone_s) / DAY_S;
	if (day == s->day)
		return;
	s->day = day;
	paper_text(&s->paper, 2, PAPER_DIM,
		   arena_printf(a, "%.10s (times in %s)", local_time(s, a, at_ms), zone_name(s, a)));
}

static void event_line(struct trace_show *s, struct arena *a, const struct store_trail *t,
		       const struct store_event *v)
{
	const char *time = local_time(s, a, v->at_ms) + 11;
	const char *state = arena_printf(a, "%-*s%s", TIME_ROOM, time, store_state_name(v->state));
	struct paper_lead lead = { state, TIME_ROOM + STATE_ROOM, trail_state_style(v->state) };
	paper_item(&s->paper, 2, lead, trail_event_words(a, t, v));
}

static void meaning_line(struct trace_show *s, struct arena *a, const struct store_trail *t,
			 const struct store_event *v)
{
	struct explanation x;
	const unsigned indent = 2 + TIME_ROOM + STATE_ROOM;
	if (v->state == STORE_HELD && v->next_ms && v->next_ms != STORE_NEVER)
		paper_text(&s->paper, indent, PAPER_DIM,
			   arena_printf(a, "%s %s", trail_held_then(v), local_time(s, a, v->next_ms)));
	const char *report = trail_report_words(s->reports, t, v, a);
	if (*report)
		paper_text(&s->paper, indent, PAPER_DIM, report);
	if (!trail_explain(a, t, v, &x))
		return;
	paper_text(&s->paper, indent, PAPER_PLAIN,
		   arena_printf(a, "that %s: %s",
				v->code && words_is_guess(x.meanings[0].confidence) ? "may mean" : "means",
				explain_fill(a, &x, x.meanings[0].entry->title)));
	if (v->state == STORE_DELAYED && v->next_ms && v->next_ms != STORE_NEVER)
		paper_text(&s->paper, indent, PAPER_DIM,
			   arena_printf(a, "next try %s (try %u was this)", local_time(s, a, v->next_ms),
					v->tries));
}

static void show_event(struct trace_show *s, struct arena *a, const struct store_trail *t,
		       const struct store_event *v)
{
	day_heading(s, a, v->at_ms);
	event_line(s, a, t, v);
	meaning_line(s, a, t, v);
}

void trace_show_event(struct trace_show *s, const struct store_trail *t, const struct store_event *v)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	show_event(s, a, t, v);
}

/* Plain "sending" is of interest only as long as nothing came of it, and a step only until the next. */
static bool is_told(const struct trace_show *s, const struct store_trail *t, size_t i)
{
	const struct store_event *v = &t->events[i];
	if (s->o->verbose || (v->state != STORE_SENDING && !trail_is_step(t, v)))
		return true;
	for (size_t k = i + 1; k < t->nevents; k++)
		if (t->events[k].rcpt == v->rcpt)
			return false;
	return true;
}

static void timeline(struct trace_show *s, struct arena *a, const struct store_trail *t, uint32_t rcpt)
{
	cause_paper_section(&s->paper, "Its way");
	s->day = 0;
	for (size_t i = 0; i < t->nevents; i++) {
		const struct store_event *v = &t->events[i];
		if ((v->rcpt == rcpt || v->rcpt == UINT32_MAX) && is_told(s, t, i))
			show_event(s, a, t, v);
	}
}

/* ---- one recipient ---- */

/* While it is not over well: why, and who has to do what. */
static void causes(struct trace_show *s, struct arena *a, const struct store_trail *t, uint32_t rcpt)
{
	struct answer_item why;
	if (!trail_answer(a, t, rcpt, &why))
		return;
	const struct cause *c = &why.cause;
	cause_paper_why(&s->paper, c);
	cause_paper_to_do(&s->paper, c);
	if (s->o->verbose)
		cause_paper_sure(&s->paper, a, c);
	paper_space(&s->paper);
	paper_text(&s->paper, 2, PAPER_DIM,
		   arena_printf(a, "Finding %s, class %s", c->entry->id, c->entry->class));
}

/* The sentence that can be read to somebody on the telephone. */
static void proof(struct trace_show *s, struct arena *a, const struct store_trail *t, uint32_t rcpt)
{
	const struct store_event *v = trail_last_said(t, rcpt);
	if (!v || !(v->code || v->reply.len))
		return;
	bool by_report = v->state == STORE_BOUNCED || v->state == STORE_CONFIRMED;
	const char *host = v->host.len ? z_of(a, v->host) : v->address.len ? z_of(a, v->address) : "it";
	cause_paper_section(&s->paper, "Proof");
	paper_text(&s->paper, 2, PAPER_PLAIN,
		   arena_printf(a, "%s answered %s at %s%s", host, trail_reply(a, v->code, v->reply),
				local_time(s, a, v->at_ms),
				v->state == STORE_HANDED_OVER ? ": handed over, which is not delivered"
				: by_report                   ? ", as a delivery report tells"
							      : ""));
}

static void recipient(struct trace_show *s, struct arena *a, const struct store_trail *t, uint32_t rcpt)
{
	const struct store_rcpt *r = &t->message.rcpts[rcpt];
	const char *word = trail_state_word(r->state);
	paper_item(&s->paper, 0,
		   (struct paper_lead){ word, (unsigned)strlen(word) + 2, trail_state_style(r->state) },
		   arena_printf(a, "to " STR_FMT, STR_ARG(r->address)));
	paper_text(&s->paper, 2, PAPER_PLAIN, trail_known(a, t, rcpt, trail_last(t, rcpt), s->now_ms));
	timeline(s, a, t, rcpt);
	causes(s, a, t, rcpt);
	proof(s, a, t, rcpt);
}

void trace_show_trail(struct trace_show *s, const struct store_trail *t, const uint32_t *only, size_t nonly)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	size_t n = only ? nonly : t->message.nrcpts, shown = n;
	if (!s->o->all && shown > TRACE_RCPTS_SHOWN)
		shown = TRACE_RCPTS_SHOWN;
	about(s, a, t);
	for (size_t i = 0; i < shown; i++) {
		uint32_t rcpt = only ? only[i] : (uint32_t)i;
		paper_space(&s->paper);
		if (rcpt < t->message.nrcpts)
			recipient(s, a, t, rcpt);
	}
	if (shown < n) {
		paper_space(&s->paper);
		paper_text(&s->paper, 0, PAPER_DIM,
			   arena_printf(a, "and %zu more recipients of it; --all shows them", n - shown));
	}
}

void trace_show_hit(struct trace_show *s, const struct store_hit *h)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	char id[STORE_ID_TEXT];
	const char *subject = h->subject.len ? arena_printf(a, "  \"" STR_FMT "\"", STR_ARG(h->subject)) : "";
	/* Never wrapped: a mail is a line, for the eye and for grep. */
	paper_command(&s->paper, 0,
		      arena_printf(a, "%.16s  %-*s %s  " STR_FMT " -> " STR_FMT "%s",
				   local_time(s, a, h->arrived_ms), STATE_ROOM - 2,
				   store_state_name(h->state), store_id_text(h->id, id),
				   STR_ARG(h->reverse_path), STR_ARG(h->recipient), subject));
}

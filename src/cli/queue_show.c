/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider queue show` and `why`: one mail, and what each of its recipients waits for. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/json_line.h"
#include "catalog/cause_json.h"
#include "catalog/write_json.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "cli/index_behind_json.h"
#include "cli/queue_inner.h"
#include "cli/queue_walk.h"
#include "cli/trace_due.h"
#include "cli/trace_show.h"
#include "show/trail_json.h"
#include "show/trail_events.h"
#include "show/trail_words.h"
#include "relay/copies.h"
#include "relay/why.h"

struct waiting {
	struct lane_view lane;
	struct why_case c;
	const char *says;
	int64_t eta_ms;
};

static void find_out(struct queue_run *r, struct arena *a, const struct store_trail *t, uint32_t i,
		     struct waiting *w)
{
	const struct store_rcpt *rcpt = &t->message.rcpts[i];
	const struct store_event *last = trail_last(t, i);
	bool known = queue_hand_place(r->hand, rcpt->lane, t->message.id, i, a, &w->lane);
	w->c = (struct why_case){ .rcpt = rcpt,
				  .why = last ? trail_held_why(a, t, last) : STR_LIT(""),
				  .lane = known ? &w->lane : NULL,
				  .running = queue_hand_running(r->hand),
				  .now_ms = r->now_ms,
				  .since_ms = last ? last->at_ms : 0,
				  .doubt = copies_code(t, i) };
	w->says = why_sentence(&w->c, a);
	w->eta_ms = why_eta_ms(&w->c);
}

/* Which mail, where only a recipient was named. */
static const char *about(struct arena *a, const struct store_trail *t)
{
	char id[STORE_ID_TEXT];
	const struct str subject = t->message.subject;
	return arena_printf(a, "%s%s" STR_FMT "%s", store_id_text(t->message.id, id),
			    subject.len ? " \"" : "", STR_ARG(subject), subject.len ? "\"" : "");
}

static void why_text(struct queue_run *r, struct arena *a, const struct store_trail *t, uint32_t i,
		     bool by_recipient)
{
	struct waiting w;
	const struct store_rcpt *rcpt = &t->message.rcpts[i];
	find_out(r, a, t, i, &w);
	paper_text(&r->paper, 0, PAPER_PLAIN,
		   by_recipient
			   ? arena_printf(a, STR_FMT ", %s: %s.", STR_ARG(rcpt->address), about(a, t), w.says)
			   : arena_printf(a, STR_FMT ": %s.", STR_ARG(rcpt->address), w.says));
}

static void why_json(struct queue_run *r, struct arena *a, const struct store_trail *t, uint32_t i)
{
	struct waiting w;
	char id[STORE_ID_TEXT], time[JSON_TIME_BYTES];
	const struct store_rcpt *rcpt = &t->message.rcpts[i];
	find_out(r, a, t, i, &w);
	json_t *o = json_object();
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "id", json_string(store_id_text(t->message.id, id)));
	json_object_set_new(o, "rcpt", json_integer(i));
	json_object_set_new(o, "recipient", text_json(arena_dup(a, rcpt->address.p, rcpt->address.len)));
	json_object_set_new(o, "state", json_string(store_state_name(rcpt->state)));
	json_object_set_new(o, "destination", text_json(arena_dup(a, rcpt->lane.p, rcpt->lane.len)));
	json_object_set_new(o, "says", text_json(w.says));
	json_object_set_new(o, "eta",
			    w.eta_ms == STORE_NEVER
				    ? json_null()
				    : json_string(json_time(w.eta_ms ? w.eta_ms : r->now_ms, time)));
	index_behind_json(o, &r->behind);
	if (w.c.lane)
		json_object_set_new(o, "ahead", json_integer((json_int_t)w.lane.ahead));
	write_json(stdout, o, JSON_COMPACT);
}

static bool is_meant(const struct queue_run *r, const struct store_rcpt *x)
{
	return !r->o->recipient || str_ieq(x->address, r->o->recipient);
}

static void tell_why(struct queue_run *r, struct arena *a, const struct store_trail *t)
{
	for (uint32_t i = 0; i < t->message.nrcpts; i++)
		if (!is_meant(r, &t->message.rcpts[i]))
			continue;
		else if (r->o->json)
			why_json(r, a, t, i);
		else
			why_text(r, a, t, i, false);
}

static bool why_hit(void *ctx, const struct store_hit *h, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct queue_run *r = ctx;
	struct store_trail t;
	int found = store_trail(queue_hand_store(r->hand), h->id, a, &t, e);
	if (found > 0)
		store_message_seen(&r->sending, &t.message);
	if (found > 0 && r->o->json)
		why_json(r, a, &t, h->rcpt);
	else if (found > 0)
		why_text(r, a, &t, h->rcpt, true);
	return found >= 0;
}

/* What waits for an address or a domain, newest first. */
static bool why_recipient(struct queue_run *r, const char *text, bool *any, struct err *e)
{
	struct queue_walk w = { .run = r, .hit = why_hit, .ctx = r };
	if (!queue_walk(&w, (struct store_query){ .recipient = str_of(text), .states = STORE_LIVE_STATES },
			e))
		return false;
	*any = w.n > 0;
	queue_walk_end(&w);
	return true;
}

static void show(struct queue_run *r, struct arena *a, struct store_trail *t)
{
	const struct trace_options o = { .zone_s = r->o->zone_s, .verbose = true };
	struct trail_reports reports;
	trail_reports_find(queue_hand_store(r->hand), t, a, &reports);
	struct trace_show s = { r->paper, &o, r->now_ms, 0, &reports };
	trace_due(r->hand, t, NULL, TRACE_RCPTS_SHOWN);
	if (r->o->json) {
		json_t *document = trail_json(t);
		trail_json_reports(document, t, &reports);
		index_behind_json(document, &r->behind);
		json_write_line(stdout, document);
		return;
	}
	trace_show_trail(&s, t, NULL, 0);
	paper_space(&r->paper);
	paper_head(&r->paper, 0, "Now");
	tell_why(r, a, t);
}

/* 1, 0, -1 as store_trail. */
static int look_up(struct queue_run *r, struct arena *a, const char *text, struct store_trail *t,
		   struct err *e)
{
	struct store_id id;
	if (!store_id_read(str_of(text), &id)) {
		ERR_FILL(e, ERR_USAGE, 0, "take", "\"%s\" for an id", text);
		err_detail(e, "find it with postrider trace: recipient, subject, Message-ID ...%s",
			   r->o->verb == QUEUE_WHY ? "; or give an address, or @DOMAIN" : "");
		return -1;
	}
	return folder_trail(queue_hand_store(r->hand), id, a, t, e);
}

/* 1 told, 0 there is no such mail, -1 with *e. */
static int tell(struct queue_run *r, const char *text, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	bool any = false;
	if (r->o->verb == QUEUE_WHY && strchr(text, '@'))
		return why_recipient(r, text, &any, e) ? any : -1;
	int found = look_up(r, a, text, &t, e);
	if (found > 0)
		store_message_seen(&r->sending, &t.message);
	if (found > 0 && r->o->verb == QUEUE_WHY)
		tell_why(r, a, &t);
	else if (found > 0)
		show(r, a, &t);
	return found;
}

int queue_show(struct queue_run *r, struct err *e)
{
	int status = EXIT_WELL;
	if (!r->o->nargs) {
		ERR_FILL(e, ERR_USAGE, 0, "show", "a mail that is not named");
		err_detail(e, "name its id: postrider queue why ID (postrider trace finds it)");
		return -1;
	}
	for (size_t i = 0; i < r->o->nargs; i++) {
		int found = tell(r, r->o->args[i], e);
		if (found < 0)
			return -1;
		if (found)
			continue;
		fprintf(stderr,
			strchr(r->o->args[i], '@') ? "postrider: nothing waits for %s\n"
						   : "postrider: there is no mail %s\n",
			r->o->args[i]);
		status = EXIT_NOT_WELL;
	}
	return status;
}

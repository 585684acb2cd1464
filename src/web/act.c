/* SPDX-License-Identifier: Apache-2.0 */
/* hold, release, retry, bounce, cancel: of one message, or of all that have something in common.
 *
 *     POST /api/v1/messages/ID/VERB   {"recipient", "state", "reason", "until", "dry"}
 *     POST /api/v1/queue/VERB         {"destination", "domain", "recipient", "sender", "account", "finding",
 *                                      "state", "all", "reason", "until", "dry"}
 *
 * With "dry" only the effect is told. */
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "net/watch.h"
#include "show/queue_json.h"
#include "show/trace_query.h"
#include "web/endpoints.h"
#include "web/web_inner.h"

enum {
	BATCH = 400, /* in one turn of the loop */
	REASON_MAX = 300,
	MESSAGE_KEYS = 5, /* those of an order to one message ... */
	QUEUE_KEYS = 11,  /* ... and to many */
};

struct acting {
	struct queue_choice choice;
	struct steer_order order;
	struct queue_selection selection;
	struct queue_outcome outcome;
	size_t at; /* those before it are done */
	bool dry;
	json_t *asked;
};

static void forget(struct web_call *c)
{
	struct acting *x = c->state;
	queue_selection_clear(&x->selection);
	json_decref(x->asked);
}

static bool wrong(struct web_call *c, const char *name, const char *mend)
{
	web_problem(c, 400, "A value cannot be so", "\"%s\": give %s.", name, mend);
	return false;
}

/* ---- what was asked ---- */

static bool read_text(struct web_call *c, const char *name, struct str *out)
{
	const struct acting *x = c->state;
	const json_t *v = json_object_get(x->asked, name);
	*out = (struct str){ "", 0 };
	if (!v || json_is_null(v))
		return true;
	if (!json_is_string(v) || json_string_length(v) > WEB_TEXT_MAX)
		return wrong(c, name, "a text");
	*out = (struct str){ json_string_value(v), json_string_length(v) };
	return true;
}

static bool read_flag(struct web_call *c, const char *name, bool *out)
{
	const struct acting *x = c->state;
	const json_t *v = json_object_get(x->asked, name);
	*out = json_is_true(v);
	return !v || json_is_boolean(v) || wrong(c, name, "true or false");
}

static bool read_state(struct web_call *c)
{
	struct acting *x = c->state;
	struct str s;
	if (!read_text(c, "state", &s) || !s.len)
		return !c->status;
	x->choice.state = store_state_of(s);
	if (!store_state_live(x->choice.state) || !steer_fits(x->choice.what, x->choice.state))
		return wrong(c, "state", "a state that the word fits: queued, held, delayed or in-doubt");
	return true;
}

static bool read_until(struct web_call *c)
{
	struct acting *x = c->state;
	const struct when_base base = { x->order.now_ms / 1000, 0, true };
	struct str s;
	long long until;
	if (!read_text(c, "until", &s) || !s.len)
		return !c->status;
	if (x->order.what != STEER_HOLD || !when_read(s, &base, &until) || until * 1000 <= x->order.now_ms)
		return wrong(c, "until",
			     "a time to come, such as 2026-11-22T08:00:00Z; only hold ends by itself");
	x->order.until_ms = until * 1000;
	return true;
}

/* A key that nobody knows was meant to narrow the choice: without it more would be dealt with. */
static bool knows_all(struct web_call *c, size_t nnames)
{
	static const char *const names[] = {
		"recipient",   "state",  "reason", "until",   "dry", /* of a message */
		"destination", "domain", "sender", "account", "finding", "all"
	};
	const struct acting *x = c->state;
	const char *key;
	json_t *v;
	json_object_foreach(x->asked, key, v)
	{
		size_t i = 0;
		while (i < nnames && strcmp(names[i], key) != 0)
			i++;
		if (i == nnames)
			return wrong(c, key, "only keys that /api/v1/openapi.json names here");
	}
	return true;
}

static bool read_order(struct web_call *c)
{
	struct acting *x = c->state;
	struct str reason;
	const char *dry = web_parameter(c, "dry");
	if (!knows_all(c, c->parts[1] ? MESSAGE_KEYS : QUEUE_KEYS) || !read_text(c, "reason", &reason) ||
	    !read_flag(c, "dry", &x->dry) || !read_until(c) || !read_state(c) ||
	    !read_text(c, "recipient", &x->choice.recipient))
		return false;
	x->dry = x->dry || (dry && strcmp(dry, "false") != 0);
	x->order.reason = str_of(text_printable(c->arena, str_cut(reason, 0, REASON_MAX)));
	x->order.by = str_of(*c->who.name ? c->who.name : "the API");
	return true;
}

static bool read_filter(struct web_call *c)
{
	struct acting *x = c->state;
	struct store_query *q = &x->choice.q;
	struct str domain;
	if (!read_text(c, "domain", &domain) || !read_text(c, "sender", &q->sender) ||
	    !read_text(c, "account", &q->account) || !read_text(c, "destination", &q->lane) ||
	    !read_text(c, "finding", &q->finding) || !read_flag(c, "all", &x->choice.all))
		return false;
	q->recipient = x->choice.recipient;
	if (domain.len && q->recipient.len)
		return wrong(c, "domain", "this or \"recipient\", not both");
	if (domain.len)
		q->recipient = str_of(arena_printf(c->arena, "@" STR_FMT, STR_ARG(domain)));
	trace_query_forms(q, c->arena);
	return true;
}

static bool read_call(struct web_call *c, const char *verb)
{
	struct acting *x = arena_alloc(c->arena, sizeof(*x));
	json_t *asked = NULL;
	if (!steer_of(str_of(verb), &x->choice.what)) {
		web_problem(c, 404, "There is nothing here",
			    "The words are hold, release, retry, bounce, cancel.");
		return false;
	}
	if (buf_waiting(&c->body) && !web_body_json(c, &asked))
		return false;
	x->asked = asked ? asked : json_object();
	x->order = (struct steer_order){ .what = x->choice.what, .now_ms = relay_now_ms() };
	c->state = x;
	c->forget = forget;
	return read_order(c);
}

/* ---- doing it ---- */

static void answer(struct web_call *c)
{
	struct acting *x = c->state;
	queue_outcome_left(&x->outcome, &x->selection);
	if (!x->dry)
		messages_catch_up(c); /* who looks now sees it done */
	web_answer_json(c, 200, queue_outcome_json(x->order.what, &x->selection, &x->outcome, x->dry));
}

static void step(void *ctx);

static void on_steered(void *ctx, const struct steering_outcome *o)
{
	struct web_call *c = ctx;
	if (web_gone(c))
		return;
	struct acting *x = c->state;
	size_t left = x->selection.n - x->at, n = left < BATCH ? left : BATCH;
	x->outcome.done += o->done;
	for (size_t i = 0; i < o->nno; i++)
		queue_outcome_not(&x->outcome, x->selection.v[x->at + o->no[i].item], o->no[i].why);
	x->at += n;
	if (x->at < x->selection.n)
		net_post(c->web->loop, step, c); /* mail has its turn in between */
	else
		web_wake(c);
}

/* In the loop. */
static void step(void *ctx)
{
	struct web_call *c = ctx;
	if (web_gone(c))
		return;
	struct acting *x = c->state;
	size_t left = x->selection.n - x->at, n = left < BATCH ? left : BATCH;
	steering_start(c->web->relay, &x->order, x->selection.v + x->at, n, on_steered, c);
}

static void act(struct web_call *c)
{
	struct acting *x = c->state;
	if (x->dry || !x->selection.n) {
		answer(c);
		return;
	}
	web_defer(c, answer);
	net_post(c->web->loop, step, c);
}

void act_on_message(struct web_call *c)
{
	struct store_id id;
	struct store_trail t;
	struct err e = { 0 };
	uint32_t only;
	if (!read_call(c, c->parts[1]))
		return;
	struct acting *x = c->state;
	int found = queue_pick_read(c->parts[0], &id, &only, &e) ? messages_look_up(c, id, &t, &e) : 0;
	if (found < 0) {
		web_problem_err(c, &e);
	} else if (!found) {
		web_problem(c, 404, "There is no such message", "Find it with GET /api/v1/messages.");
	} else {
		(void)queue_pick_trail(&x->choice, &t, only, c->arena, &x->selection);
		act(c);
	}
}

/* Who may steer may not yet give up everything at once. */
static bool may(struct web_call *c)
{
	const struct acting *x = c->state;
	bool hard = x->choice.what == STEER_BOUNCE || x->choice.what == STEER_CANCEL;
	if (!hard || x->dry || c->who.role >= RELAY_ROLE_ADMIN)
		return true;
	web_problem(c, 403, "This is not yours to do",
		    "Giving up many mails at once wants the role \"admin\".");
	return false;
}

void act_on_queue(struct web_call *c)
{
	struct err e = { 0 };
	if (!read_call(c, c->parts[0]) || !read_filter(c) || !may(c))
		return;
	struct acting *x = c->state;
	messages_catch_up(c);
	struct reader *look = readers_take(c->web->readers);
	bool ok = queue_pick_bulk(&x->choice, reader_store(look), c->arena, &x->selection, &e);
	readers_give(c->web->readers, look);
	if (ok)
		act(c);
	else if (e.kind == ERR_USAGE)
		web_problem(c, 400, "Nothing was named",
			    "Say which: \"destination\", \"domain\", \"recipient\", \"sender\", \"account\", "
			    "\"finding\", \"state\", or \"all\": true.");
	else
		web_problem_err(c, &e);
}

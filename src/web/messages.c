/* SPDX-License-Identifier: Apache-2.0 */
/* Finding mails and showing one: what `postrider trace --json` knows. */
#include <string.h>
#include <time.h>

#include "base/when.h"
#include "show/trace_query.h"
#include "show/trail_json.h"
#include "web/endpoints.h"
#include "web/web_inner.h"

enum {
	LIMIT = 50,
	LOOK_MS = 200,   /* so long one answer looks on before it hands its cursor over */
	FRESH_MS = 5000, /* an id given that lately may not be searchable yet */
	AHEAD_MS = 1000, /* no id is of a later time than this: clocks differ by less */
	CATCH_UP_MS = 250
};

struct finding_call {
	struct web_call *c;
	struct trace_plan plan;
	size_t limit, only; /* only: of the plan, given by the cursor */
	bool resumed;
	struct str cursor;
	json_t *list;
	struct store_sending sending; /* in hand at this moment */
	const char *as, *next;
};

static bool wrong(struct web_call *c, const char *name, const char *value, const char *mend)
{
	web_problem(c, 400, "A parameter cannot be so", "%s=%.100s: give %s.", name, value, mend);
	return false;
}

/* ---- the question ---- */

static bool split_words(struct web_call *c, const char *text, struct trace_plan *plan)
{
	struct err e = { 0 };
	char *words[TRACE_WORDS_MAX + 1];
	struct str rest = str_of(text), word;
	size_t n = 0;
	while (n <= TRACE_WORDS_MAX && str_next(&rest, " \t\r\n", &word))
		words[n++] = arena_dup(c->arena, word.p, word.len);
	*plan = (struct trace_plan){ .n = 1 };
	plan->v[0].as = "";
	if (!n || trace_plan_of(words, n, c->arena, plan, &e))
		return true;
	web_problem_err(c, &e);
	return false;
}

/* A parameter wins over what a word was taken for. */
static void put_texts(struct web_call *c, struct store_query *q)
{
	const struct {
		const char *name;
		struct str *to;
	} all[] = { { "recipient", &q->recipient },
		    { "sender", &q->sender },
		    { "message_id", &q->message_id },
		    { "subject", &q->subject },
		    { "remote_id", &q->remote_id },
		    { "account", &q->account },
		    { "lane", &q->lane },
		    { "finding", &q->finding } };
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const char *v = web_parameter(c, all[i].name);
		if (v && *v)
			*all[i].to = str_of(v);
	}
}

static bool put_time(struct web_call *c, const char *name, bool end, int64_t *out)
{
	const char *v = web_parameter(c, name);
	const struct when_base base = { relay_now_ms() / 1000, 0, end };
	long long s;
	if (!v || !*v)
		return true;
	if (!when_read(str_of(v), &base, &s))
		return wrong(c, name, v, "a time such as 2026-11-21T08:00:00Z, yesterday or 2h");
	*out = s * 1000;
	return true;
}

/* state=delayed,held or state=delayed&state=held */
static void add_states(void *ctx, const char *value)
{
	unsigned *states = ctx;
	struct str rest = str_of(value), word;
	while (str_next(&rest, ", ", &word))
		*states |= 1u << store_state_of(word);
}

static bool put_states(struct web_call *c, struct store_query *q)
{
	const char *state = web_parameter(c, "state");
	web_each_parameter(c, "state", add_states, &q->states);
	if (q->states & 1u << STORE_NO_STATE)
		return wrong(c, "state", state,
			     "states of the contract, such as handed-over, or several as delayed,held");
	return true;
}

static bool put_rest(struct web_call *c, struct store_query *q)
{
	put_texts(c, q);
	return put_states(c, q) && put_time(c, "since", false, &q->since_ms) &&
	       put_time(c, "until", true, &q->until_ms);
}

/* "TRY.CURSOR": which reading of the words it goes on with. */
static bool read_cursor(struct finding_call *f)
{
	const char *v = web_parameter(f->c, "cursor");
	const char *dot = v ? strchr(v, '.') : NULL;
	unsigned long only;
	if (!v || !*v)
		return true;
	bool good = dot && dot[1] && str_number((struct str){ v, (size_t)(dot - v) }, f->plan.n - 1, &only);
	if (!good || f->plan.v[only].id.seq) /* the answer of an id is whole */
		return wrong(f->c, "cursor", v,
			     "the cursor of the answer before, with the same other parameters");
	f->resumed = true;
	f->only = only;
	f->cursor = str_of(dot + 1);
	return true;
}

static bool read_limit(struct finding_call *f)
{
	const char *v = web_parameter(f->c, "limit");
	unsigned long n = LIMIT;
	if (v && (!str_number(str_of(v), STORE_FIND_MAX, &n) || !n))
		return wrong(f->c, "limit", v, "a number from 1 to 1000");
	f->limit = n;
	return true;
}

/* ---- the answer ---- */

static int64_t steady_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A message named by its id: its recipients, as hits. */
static bool find_id(struct finding_call *f, struct store *s, const struct trace_try *x, struct err *e)
{
	struct store_trail t;
	int r = store_trail(s, x->id, f->c->arena, &t, e);
	if (r > 0)
		store_message_seen(&f->sending, &t.message);
	for (uint32_t i = 0; r > 0 && i < t.message.nrcpts && i < f->limit; i++)
		json_array_append_new(f->list, trail_hit_json(&t, i));
	return r >= 0;
}

static bool find_query(struct finding_call *f, struct store *s, struct store_query q, size_t which,
		       struct err *e)
{
	int64_t until = steady_ms() + LOOK_MS;
	struct store_hits hits = { 0 };
	q.cursor = f->cursor;
	q.sending = &f->sending;
	trace_query_forms(&q, f->c->arena);
	do {
		q.limit = f->limit - json_array_size(f->list);
		if (!store_find(s, &q, f->c->arena, &hits, e))
			return false;
		for (size_t i = 0; i < hits.n; i++)
			json_array_append_new(f->list, hit_json(&hits.v[i]));
		q.cursor = str_of(hits.cursor);
	} while (hits.cursor && json_array_size(f->list) < f->limit && steady_ms() < until);
	f->next = hits.cursor ? arena_printf(f->c->arena, "%zu.%s", which, hits.cursor) : NULL;
	return true;
}

static bool find(struct finding_call *f, struct store *s, struct err *e)
{
	for (size_t i = f->only; i < f->plan.n && !json_array_size(f->list) && !f->next; i++) {
		const struct trace_try *x = &f->plan.v[i];
		bool ok = x->id.seq ? find_id(f, s, x, e) : find_query(f, s, x->q, i, e);
		f->as = x->as;
		if (!ok)
			return false;
		if (f->resumed)
			break;
	}
	return true;
}

static void answer(struct finding_call *f)
{
	json_t *o = json_object();
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "as", json_string(f->as));
	json_object_set(o, "messages", f->list);
	json_object_set_new(o, "cursor", f->next ? json_string(f->next) : json_null());
	web_answer_json(f->c, 200, o);
}

/* Where the recipient is said, a word cannot be the beginning of another: nothing would be left of it. */
static void leave_guess(struct finding_call *f)
{
	const char *v = web_parameter(f->c, "recipient");
	if (v && *v && f->plan.n > 1 && f->plan.v[f->plan.n - 1].beginning)
		f->plan.n--;
}

static bool ask(struct finding_call *f)
{
	const char *q = web_parameter(f->c, "q");
	if (!split_words(f->c, q ? q : "", &f->plan))
		return false;
	leave_guess(f);
	for (size_t i = 0; i < f->plan.n; i++)
		if (!put_rest(f->c, &f->plan.v[i].q))
			return false;
	return read_cursor(f) && read_limit(f);
}

void messages_catch_up(struct web_call *c)
{
	(void)store_catch_up(c->web->relay->store, CATCH_UP_MS);
}

void messages_find(struct web_call *c)
{
	struct err e = { 0 };
	struct finding_call f = { .c = c, .as = "" };
	if (!ask(&f))
		return;
	f.list = json_array();
	messages_catch_up(c);
	store_sending(c->web->relay->store, c->arena, &f.sending);
	struct reader *look = readers_take(c->web->readers);
	bool ok = find(&f, reader_store(look), &e);
	readers_give(c->web->readers, look);
	if (ok)
		answer(&f);
	else
		web_problem_err(c, &e);
	json_decref(f.list);
}

/* ---- one ---- */

/* What the search does not know yet, the relay itself does. */
static bool look_live(struct web_call *c, struct store_id id, struct store_trail *t)
{
	struct err e = { 0 };
	*t = (struct store_trail){ .body_here = true };
	if (!store_fetch(c->web->relay->store, id, c->arena, &t->message, &e))
		return false;
	t->events = arena_alloc(c->arena, sizeof(*t->events));
	t->events[0] = (struct store_event){ .rcpt = UINT32_MAX,
					     .at_ms = t->message.arrived_ms,
					     .state = STORE_QUEUED,
					     .next_ms = STORE_NEVER,
					     .config = t->message.config,
					     .why = t->message.sender_why };
	t->nevents = 1;
	return true;
}

static bool is_fresh(struct store_id id)
{
	int64_t now = relay_now_ms();
	return id.seq >= store_id_floor(now - FRESH_MS) && id.seq <= store_id_floor(now + AHEAD_MS);
}

int messages_look_up(struct web_call *c, struct store_id id, struct store_trail *t, struct err *e)
{
	for (bool waited = false;; waited = true) {
		struct reader *look = readers_take(c->web->readers);
		int r = store_trail(reader_store(look), id, c->arena, t, e);
		readers_give(c->web->readers, look);
		if (r || waited || !is_fresh(id))
			return r;
		if (look_live(c, id, t))
			return 1;
		messages_catch_up(c);
	}
}

static json_t *with_reports(struct web_call *c, const struct store_trail *t)
{
	json_t *o = trail_json(t);
	struct trail_reports reports;
	struct reader *look = readers_take(c->web->readers);
	trail_reports_find(reader_store(look), t, c->arena, &reports);
	readers_give(c->web->readers, look);
	trail_json_reports(o, t, &reports);
	return o;
}

void messages_show(struct web_call *c)
{
	struct store_id id;
	struct store_trail t;
	struct store_sending sending;
	struct err e = { 0 };
	int r = store_id_read(str_of(c->parts[0]), &id) ? messages_look_up(c, id, &t, &e) : 0;
	if (r > 0) {
		store_sending(c->web->relay->store, c->arena, &sending);
		store_message_seen(&sending, &t.message);
	}
	if (r > 0)
		web_answer_json(c, 200, with_reports(c, &t));
	else if (r < 0)
		web_problem_err(c, &e);
	else
		web_problem(c, 404, "There is no such message",
			    "What is past its time is dropped; mail refused at the door is not kept.");
}

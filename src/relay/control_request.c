/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked at the control socket, and the answers. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "catalog/cause_json.h"
#include "catalog/finding.h"
#include "relay/control_inner.h"
#include "relay/steering.h"

/* A request whose changes are on their way through the store. */
struct control_job {
	struct relay_ticket ticket; /* first; of a change to the suppression list */
	struct control_peer *peer;  /* NULL: it has gone */
	struct arena *arena;
	const char **names; /* "ID/RCPT" or "ID/RCPT/FINDING", of those that can be steered */
	json_t *not_done;
	bool inside; /* its request is still being read */
};

static void answer(struct control_peer *p, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);
	if (text) {
		buf_adds(&p->out, text);
		buf_add(&p->out, "\n", 1);
	}
	free(text);
	json_decref(o);
}

void control_refuse(struct control_peer *p, const char *error, const char *mend)
{
	json_t *o = json_object();
	json_object_set_new(o, "ok", json_false());
	json_object_set_new(o, "error", json_string(error));
	json_object_set_new(o, "mend", json_string(mend));
	answer(p, o);
}

static json_t *well(void)
{
	json_t *o = json_object();
	json_object_set_new(o, "ok", json_true());
	return o;
}

static void put_number(json_t *o, const char *key, unsigned long long n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void put_text(json_t *o, const char *key, const char *s)
{
	json_object_set_new(o, key, text_json(s));
}

/* ---- hello, lanes ---- */

/* Who reads the store beside us cannot see that it is old. */
static void put_behind(json_t *o, struct store *s)
{
	struct store_health h;
	char text[400];
	store_health(s, &h);
	bool fails = h.index_err.kind != ERR_NONE;
	if (!h.unsearchable || (!fails && h.unsearchable < CONTROL_BEHIND_MIN))
		return;
	put_number(o, "behind", h.unsearchable);
	put_text(o, "behind_why", fails ? err_text(&h.index_err, text, sizeof(text)) : "it catches up");
}

static void on_hello(struct control_peer *p)
{
	const struct relay *r = p->control->relay;
	json_t *o = well();
	put_text(o, "relay", "postrider " POSTRIDER_VERSION);
	put_text(o, "hostname", r->settings->hostname);
	put_text(o, "config", r->settings->hash);
	json_object_set_new(o, "draining", json_boolean(r->draining));
	put_number(o, "connections", r->ndoors);
	put_number(o, "sessions", r->lanes ? lanes_busy(r->lanes) : 0);
	put_number(o, "taken", r->counts.taken);
	put_number(o, "handed_over", r->counts.handed_over);
	put_number(o, "delayed", r->counts.delayed);
	put_number(o, "failed", r->counts.failed);
	put_behind(o, r->store);
	answer(p, o);
}

static json_t *lane_json(const struct lane_view *v)
{
	json_t *o = json_object();
	put_text(o, "lane", v->lane);
	put_text(o, "route", v->route);
	put_text(o, "provider", v->provider);
	put_text(o, "rule", v->rule);
	put_number(o, "sessions", v->sessions);
	put_number(o, "sessions_max", v->sessions_max);
	put_number(o, "others", v->others);
	put_number(o, "ahead", v->ahead);
	put_number(o, "turns", v->turns);
	json_object_set_new(o, "claimed", json_boolean(v->claimed));
	json_object_set_new(o, "all_busy", json_boolean(v->all_busy));
	json_object_set_new(o, "failed", json_boolean(v->failed));
	put_number(o, "seat", v->seat);
	put_number(o, "seats_max", v->seats_max);
	put_number(o, "seats_before", v->seats_before);
	put_number(o, "rate", v->rate);
	put_number(o, "rate_s", v->rate_s);
	put_number(o, "waiting", v->waiting);
	json_object_set_new(o, "more", json_boolean(v->more));
	put_number(o, "next_ms", (unsigned long long)v->next_ms);
	put_number(o, "slot_ms", (unsigned long long)v->slot_ms);
	put_text(o, "reply", v->reply);
	put_text(o, "finding", v->finding);
	put_text(o, "host", v->host);
	put_number(o, "code", v->code);
	return o;
}

/* {"lanes": [NAME...], "id": ID, "rcpt": N}: id and rcpt where one recipient's place there is asked, too. */
static void on_lanes(struct control_peer *p, json_t *asked)
{
	struct store_id id = { 0 };
	const char *of = json_string_value(json_object_get(asked, "id"));
	uint32_t rcpt = (uint32_t)json_integer_value(json_object_get(asked, "rcpt"));
	if (of && !store_id_read(str_of(of), &id))
		id = (struct store_id){ 0 };
	json_t *names = json_object_get(asked, "lanes"), *name, *list = json_array(), *o = well();
	struct lanes *lanes = p->control->relay->lanes;
	size_t i;
	json_array_foreach(names, i, name)
	{
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct lane_view v;
		struct str s = { json_string_value(name), json_string_length(name) };
		if (i >= CONTROL_ITEMS_MAX)
			break;
		if (s.p && s.len < STORE_TEXT_MAX && lanes && lanes_view(lanes, s, id, rcpt, a, &v))
			json_array_append_new(list, lane_json(&v));
	}
	json_object_set_new(o, "lanes", list);
	answer(p, o);
}

static void on_sending(struct control_peer *p)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_sending all;
	char id[STORE_ID_TEXT];
	json_t *o = well(), *list = json_array();
	store_sending(p->control->relay->store, a, &all);
	for (size_t i = 0; i < all.n; i++)
		json_array_append_new(list, json_sprintf("%s/%u", store_id_text(all.v[i].id, id),
							 (unsigned)all.v[i].rcpt));
	json_object_set_new(o, "items", list);
	answer(p, o);
}

/* ---- steering ---- */

void control_job_orphan(struct control_peer *p)
{
	if (p->job)
		p->job->peer = NULL;
	p->job = NULL;
}

static void not_done(struct control_job *j, const char *item, const char *why)
{
	json_t *o = json_object();
	put_text(o, "item", item);
	put_text(o, "why", why);
	json_array_append_new(j->not_done, o);
}

static void on_steered(void *ctx, const struct steering_outcome *x)
{
	struct control_job *j = ctx;
	struct control_peer *p = j->peer;
	struct arena *a = j->arena; /* j is in it */
	bool inside = j->inside;
	for (size_t i = 0; i < x->nno; i++)
		not_done(j, j->names[x->no[i].item], x->no[i].why);
	if (p) {
		json_t *o = well();
		put_number(o, "done", x->done);
		json_object_set(o, "not", j->not_done);
		answer(p, o);
		p->job = NULL;
	}
	json_decref(j->not_done);
	arena_free(&a);
	if (p && !inside)
		p->control->answered(p);
}

/* "ID/RCPT" or "ID/RCPT/FINDING"; a finding that the catalogue does not know is left out. */
static bool read_item(struct str s, struct steering_item *out)
{
	char name[64] = "";
	if (!store_id_read_rcpt(&s, STORE_RCPTS_MAX, &out->id, &out->rcpt))
		return false;
	if (s.len < sizeof(name))
		memcpy(name, s.p + (s.len && *s.p == '/'), s.len - (s.len && *s.p == '/'));
	const struct finding_entry *f = finding_entry_find(name);
	out->finding = f ? f->id : "";
	return true;
}

static struct str text_of(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	struct str s = { json_string_value(v), json_string_length(v) };
	return s.p ? str_cut(s, 0, 300) : (struct str){ "", 0 };
}

static struct steer_order order_of(enum steer what, json_t *asked, struct arena *a)
{
	json_int_t until = json_integer_value(json_object_get(asked, "until_ms"));
	return (struct steer_order){
		.what = what,
		.by = str_of(text_printable(a, text_of(asked, "by"))),
		.reason = str_of(text_printable(a, text_of(asked, "reason"))),
		.now_ms = relay_now_ms(),
		.until_ms = until > 0 ? until : 0,
	};
}

static void on_steer(struct control_peer *p, enum steer what, json_t *asked)
{
	json_t *items = json_object_get(asked, "items"), *item;
	size_t n = json_array_size(items), i;
	if (!n || n > CONTROL_ITEMS_MAX) {
		control_refuse(p, "which recipients?", "\"items\": [\"ID/RCPT\"], 1 to 500 of them");
		return;
	}
	struct arena *a = arena_new();
	struct control_job *j = arena_alloc(a, sizeof(*j));
	struct steering_item *v = arena_alloc(a, n * sizeof(*v));
	size_t good = 0;
	*j = (struct control_job){ .peer = p, .arena = a, .not_done = json_array(), .inside = true };
	j->names = arena_alloc(a, n * sizeof(*j->names));
	p->job = j;
	const struct steer_order o = order_of(what, asked, a);
	json_array_foreach(items, i, item)
	{
		const char *name = arena_strdup(a, json_is_string(item) ? json_string_value(item) : "");
		if (read_item(str_of(name), &v[good]))
			j->names[good++] = name;
		else
			not_done(j, name, "this is no ID/RCPT");
	}
	steering_start(p->control->relay, &o, v, good, on_steered, j);
	if (p->job)
		p->job->inside = false;
}

/* ---- the suppression list ---- */

static void on_suppressed(struct relay_ticket *t, const struct store_done *d)
{
	struct control_job *j = (struct control_job *)t;
	struct control_peer *p = j->peer;
	struct arena *a = j->arena; /* j is in it */
	char text[400];
	if (p && d->verdict == STORE_DONE)
		answer(p, well());
	else if (p)
		control_refuse(p, err_text(&d->err, text, sizeof(text)), "try again");
	if (p)
		p->job = NULL;
	arena_free(&a);
	if (p)
		p->control->answered(p);
}

/* Without until_ms the address is taken off the list; until_ms 0: until it is lifted. */
static void on_suppress(struct control_peer *p, json_t *asked)
{
	struct arena *a = arena_new();
	struct control_job *j = arena_alloc(a, sizeof(*j));
	struct err e = { 0 };
	char text[400];
	const json_t *until = json_object_get(asked, "until_ms");
	int64_t now = relay_now_ms();
	*j = (struct control_job){ .ticket = { on_suppressed }, .peer = p, .arena = a };
	const struct store_suppressed v = {
		.address = text_of(asked, "address"),
		.why = str_of(text_printable(a, text_of(asked, "why"))),
		.proof = str_of(text_printable(a, text_of(asked, "proof"))),
		.since_ms = now,
		.until_ms = !json_is_integer(until)         ? now
			    : json_integer_value(until) > 0 ? json_integer_value(until)
							    : STORE_NEVER,
	};
	p->job = j;
	if (v.address.len && store_suppress(p->control->relay->store, &v, &j->ticket, &e))
		return;
	p->job = NULL;
	control_refuse(p, v.address.len ? err_text(&e, text, sizeof(text)) : "which address?",
		       "\"address\": \"you@example.com\"");
	arena_free(&a);
}

void control_request(struct control_peer *p, struct str line)
{
	json_error_t e;
	enum steer what;
	json_t *asked = json_loadb(line.p, line.len, JSON_REJECT_DUPLICATES, &e);
	struct str word = text_of(asked, "do");
	if (!json_is_object(asked))
		control_refuse(p, "this is no JSON object on one line", "{\"do\": \"hello\"}");
	else if (str_eq(word, "hello"))
		on_hello(p);
	else if (str_eq(word, "lanes"))
		on_lanes(p, asked);
	else if (str_eq(word, "sending"))
		on_sending(p);
	else if (str_eq(word, "suppress"))
		on_suppress(p, asked);
	else if (steer_of(word, &what))
		on_steer(p, what, asked);
	else
		control_refuse(
			p, "nobody knows what to do",
			"\"do\" is one of hello lanes sending hold release retry bounce cancel suppress");
	json_decref(asked);
}

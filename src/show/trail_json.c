/* SPDX-License-Identifier: Apache-2.0 */
#include "show/trail_json.h"

#include "base/json_line.h"
#include "catalog/cause_json.h"
#include "catalog/write_json.h"
#include "relay/copies.h"
#include "relay/filter/filter_lane.h"
#include "relay/why.h"
#include "show/trail_events.h"
#include "show/trail_words.h"

static json_t *str_json(struct str s)
{
	CLEANUP(mem_free) char *z = mem_dup(s.p, s.len);
	return text_json(z);
}

static void put(json_t *o, const char *key, struct str s)
{
	json_object_set_new(o, key, str_json(s));
}

static void put_given(json_t *o, const char *key, struct str s)
{
	if (s.len)
		put(o, key, s);
}

static void put_time(json_t *o, const char *key, int64_t ms)
{
	char text[JSON_TIME_BYTES];
	if (ms && ms != STORE_NEVER)
		json_object_set_new(o, key, json_string(json_time(ms, text)));
}

static void put_number(json_t *o, const char *key, unsigned long long n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static json_t *meaning_json(struct arena *a, const struct store_trail *t, const struct store_event *v,
			    const struct explanation *x)
{
	struct cause c = answer_cause(a, x);
	trail_settle_cause(a, t, v, &c);
	json_t *o = json_object();
	json_object_set_new(o, "id", json_string(c.entry->id));
	json_object_set_new(o, "class", json_string(c.entry->class));
	json_object_set_new(o, "title", text_json(c.title));
	json_object_set_new(o, "why", text_json(c.why));
	json_object_set_new(o, "actor", json_string(actor_name(c.actor)));
	json_object_set_new(o, "fixes", cause_fixes_json(&c));
	json_object_set_new(o, "retry", json_string(x->retry));
	json_object_set_new(o, "confidence", json_real(cause_rounded(c.confidence)));
	return o;
}

/* Who was talked to, and how safely. */
static void put_server(json_t *o, const struct store_event *v)
{
	put_given(o, "host", v->host);
	put_given(o, "address", v->address);
	put_given(o, "tls", v->tls);
	put_given(o, "tls_proof", str_of(store_proof_name(v->proof)));
}

static json_t *event_json(const struct store_trail *t, const struct store_event *v)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct explanation x;
	json_t *o = json_object();
	put_time(o, "time", v->at_ms);
	if (v->rcpt < t->message.nrcpts) {
		put_number(o, "rcpt", v->rcpt);
		put(o, "recipient", t->message.rcpts[v->rcpt].address);
		if (v->host.len)
			put_given(o, "hop", str_of(trail_hop(t->message.rcpts[v->rcpt].lane)));
	}
	put(o, "state", str_of(store_state_name(v->state)));
	if (v->dot)
		json_object_set_new(o, "dot", json_true());
	put_server(o, v);
	if (v->code)
		put_number(o, "code", v->code);
	put_given(o, "reply", v->reply);
	put_given(o, "finding", v->finding);
	put_given(o, "remote_id", v->remote_id);
	put_number(o, "tries", v->tries);
	if (store_state_live(v->state))
		put_time(o, "next", v->next_ms);
	put_given(o, "why", trail_held_why(a, t, v));
	put_given(o, "config", v->config);
	put(o, "says", str_of(trail_event_words(a, t, v)));
	if (trail_explain(a, t, v, &x))
		json_object_set_new(o, "meaning", meaning_json(a, t, v, &x));
	return o;
}

static json_t *rcpt_json(const struct store_trail *t, uint32_t i)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct store_rcpt *r = &t->message.rcpts[i];
	const struct store_event *last = trail_last(t, i), *said = trail_last_said(t, i);
	json_t *o = json_object();
	put_number(o, "rcpt", i);
	put(o, "recipient", r->address);
	put(o, "state", str_of(store_state_name(r->state)));
	put_number(o, "tries", r->tries);
	if (store_state_live(r->state)) {
		put_time(o, "next", r->next_ms);
		put_time(o, "expires", r->expires_ms);
	}
	put_given(o, "lane", filter_lane_own(r->lane));
	put_given(o, "hop", str_of(trail_hop(r->lane)));
	put_given(o, "finding", r->finding);
	if (copies_in_doubt(t, i))
		put_number(o, "copies_in_doubt", copies_in_doubt(t, i));
	if (last)
		put_time(o, "changed", last->at_ms);
	if (said) {
		put_server(o, said);
		put_number(o, "code", said->code);
		put_given(o, "reply", said->reply);
		put_given(o, "remote_id", said->remote_id);
	}
	put(o, "says", str_of(trail_known(a, t, i, last, 0)));
	return o;
}

json_t *trail_json(const struct store_trail *t)
{
	const struct store_message *m = &t->message;
	char id[STORE_ID_TEXT];
	json_t *o = json_object(), *rcpts = json_array(), *trail = json_array();
	put_number(o, "schema", 1);
	put(o, "id", str_of(store_id_text(m->id, id)));
	put_time(o, "arrived", m->arrived_ms);
	put(o, "sender", m->reverse_path);
	put_given(o, "sender_given", m->sender_given);
	put(o, "from", m->from);
	put(o, "subject", m->subject);
	put(o, "message_id", m->message_id);
	put_given(o, "envid", m->envid);
	put_number(o, "size", m->size);
	put_given(o, "account", m->account);
	put_given(o, "client", m->client);
	put_given(o, "listener", m->listener);
	put_given(o, "config", m->config);
	json_object_set_new(o, "body_here", json_boolean(t->body_here));
	for (uint32_t i = 0; i < m->nrcpts; i++)
		json_array_append_new(rcpts, rcpt_json(t, i));
	for (size_t i = 0; i < t->nevents; i++)
		json_array_append_new(trail, event_json(t, &t->events[i]));
	json_object_set_new(o, "recipients", rcpts);
	json_object_set_new(o, "trail", trail);
	return o;
}

void trail_json_reports(json_t *document, const struct store_trail *t, const struct trail_reports *r)
{
	json_t *events = json_object_get(document, "trail");
	char id[STORE_ID_TEXT];
	for (size_t i = 0; i < t->nevents; i++)
		put_given(json_array_get(events, i), "report",
			  str_of(trail_reported(r, t, &t->events[i], id)));
}

json_t *trail_event_json(const struct store_trail *t, const struct store_event *v)
{
	json_t *o = event_json(t, v);
	char id[STORE_ID_TEXT];
	put(o, "id", str_of(store_id_text(t->message.id, id)));
	return o;
}

/* What the finding is called where its host alone is known; "" it is none of this catalogue. */
static const char *title_of(struct arena *a, const struct store_hit *h)
{
	const struct finding_entry *f = finding_entry_find(arena_dup(a, h->finding.p, h->finding.len));
	return f ? why_title(f, arena_dup(a, h->host.p, h->host.len), a) : "";
}

json_t *hit_json(const struct store_hit *h)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	char id[STORE_ID_TEXT];
	json_t *o = json_object();
	put(o, "id", str_of(store_id_text(h->id, id)));
	put_number(o, "rcpt", h->rcpt);
	put_time(o, "arrived", h->arrived_ms);
	put(o, "sender", h->reverse_path);
	put(o, "recipient", h->recipient);
	put(o, "subject", h->subject);
	put(o, "message_id", h->message_id);
	put_number(o, "size", h->size);
	put_given(o, "account", h->account);
	put(o, "state", str_of(store_state_name(h->state)));
	put_number(o, "tries", h->tries);
	if (store_state_live(h->state))
		put_time(o, "next", h->next_ms);
	put_time(o, "changed", h->changed_ms);
	put_given(o, "lane", filter_lane_own(h->lane));
	put_given(o, "hop", str_of(trail_hop(h->lane)));
	put_given(o, "finding", h->finding);
	if (h->finding.len)
		put_given(o, "title", str_of(title_of(a, h)));
	put_given(o, "host", h->host);
	put_given(o, "address", h->address);
	if (h->code)
		put_number(o, "code", h->code);
	put_given(o, "reply", h->reply);
	put_given(o, "remote_id", h->remote_id);
	return o;
}

struct store_hit trail_hit(const struct store_trail *t, uint32_t rcpt)
{
	const struct store_message *m = &t->message;
	const struct store_rcpt *r = &m->rcpts[rcpt];
	const struct store_event *last = trail_last(t, rcpt), *said = trail_last_said(t, rcpt);
	struct store_hit h = { .id = m->id,
			       .rcpt = rcpt,
			       .arrived_ms = m->arrived_ms,
			       .size = m->size,
			       .reverse_path = m->reverse_path,
			       .recipient = r->address,
			       .message_id = m->message_id,
			       .subject = m->subject,
			       .account = m->account,
			       .lane = r->lane,
			       .finding = r->finding,
			       .state = r->state,
			       .tries = r->tries,
			       .next_ms = r->next_ms,
			       .changed_ms = last ? last->at_ms : m->arrived_ms };
	if (said) {
		h.code = said->code;
		h.host = said->host;
		h.address = said->address;
		h.reply = said->reply;
		h.remote_id = said->remote_id;
	}
	return h;
}

json_t *trail_hit_json(const struct store_trail *t, uint32_t rcpt)
{
	const struct store_hit h = trail_hit(t, rcpt);
	return hit_json(&h);
}

void json_write_line(FILE *out, json_t *o)
{
	write_json(out, o, JSON_COMPACT | JSON_REAL_PRECISION(SHOW_JSON_DIGITS));
}

void json_write_document(FILE *out, json_t *o)
{
	write_json(out, o, JSON_INDENT(2) | JSON_REAL_PRECISION(SHOW_JSON_DIGITS));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A log as JSON lines: each fate that is not well (with --all each one), and last the summary. */
#include "base/text_time.h"
#include "catalog/cause_json.h"
#include "explain/render_json.h"
#include "explain/render_log.h"

static void put_str(json_t *o, struct arena *a, const char *key, struct str s)
{
	explain_json_put(o, key, arena_dup(a, s.p ? s.p : "", s.len));
}

static void put_time(json_t *o, const char *key, long long time_s)
{
	char t[TEXT_TIME_BYTES];
	json_object_set_new(o, key, time_s ? json_string(text_time(time_s, t)) : json_null());
}

static void put_count(json_t *o, const char *key, unsigned long long n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void put_finding(json_t *o, struct arena *a, const struct finding_entry *f, double confidence)
{
	explain_json_put(o, "id", f ? f->id : "");
	explain_json_put(o, "class", f ? f->class : "");
	explain_json_put(o, "title", f ? explain_log_title(a, f) : "");
	explain_json_put(o, "actor", f ? actor_name(f->actor) : "");
	explain_json_put(o, "retry", f ? retry_name(finding_class_find(f->class)->retry) : "");
	json_object_set_new(o, "confidence", json_real(cause_rounded(confidence)));
}

void explain_json_event(struct explain_renderer *r, const struct log_event *e)
{
	if (!r->show.all && !log_state_is_bad(e->state))
		return;
	CLEANUP(arena_free) struct arena *a = arena_new();
	json_t *o = json_object();
	put_str(o, a, "input", e->reply);
	put_count(o, "line", e->line);
	put_time(o, "time", e->time_s);
	explain_json_put(o, "state", log_state_name(e->state));
	json_object_set_new(o, "final", json_boolean(e->final));
	put_str(o, a, "queue_id", e->queue_id);
	put_str(o, a, "message_id", e->message_id);
	put_str(o, a, "from", e->from);
	put_str(o, a, "to", e->to);
	put_str(o, a, "remote", e->relay);
	put_str(o, a, "remote_ip", e->relay_ip);
	put_str(o, a, "client", e->client);
	json_object_set_new(o, "code", e->code ? json_integer(e->code) : json_null());
	put_str(o, a, "enhanced", e->enhanced);
	explain_json_put(o, "step", e->step);
	put_count(o, "tries", e->tries);
	if (e->nmeanings)
		put_finding(o, a, e->meanings[0].entry, e->meanings[0].confidence);
	else
		put_finding(o, a, NULL, 0);
	explain_json_write(r, o);
}

static json_t *cause_json(struct arena *a, const struct log_cause *c)
{
	json_t *o = json_object();
	put_finding(o, a, c->finding, c->confidence);
	put_count(o, "recipients", c->hit);
	put_count(o, "lines", c->events);
	put_count(o, "refused", c->refused);
	put_count(o, "delayed", c->delayed);
	put_count(o, "at_door", c->at_door);
	put_time(o, "first", c->first_s);
	put_time(o, "last", c->last_s);
	explain_json_put(o, "example", c->example.reply);
	put_count(o, "example_line", c->example.line);
	return o;
}

static json_t *causes_json(const struct log_report *l)
{
	json_t *list = json_array();
	for (size_t i = 0; i < l->digest->ncauses; i++)
		json_array_append_new(list, cause_json(l->arena, &l->digest->causes[i]));
	return list;
}

static json_t *places_json(const struct log_place *v, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();
		explain_json_put(o, "name", v[i].name);
		put_count(o, "failed", v[i].failed);
		put_count(o, "delayed", v[i].delayed);
		put_count(o, "taken", v[i].taken);
		put_count(o, "most_wrong", v[i].most_wrong);
		explain_json_put(o, "id", v[i].finding ? v[i].finding->id : "");
		explain_json_put(o, "class", v[i].finding ? v[i].finding->class : "");
		explain_json_put(o, "example", v[i].example.reply);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *states_json(const struct log_digest *d)
{
	json_t *o = json_object();
	for (unsigned s = 0; s < LOG_STATES; s++)
		put_count(o, log_state_name((enum log_state)s), d->states[s]);
	return o;
}

static json_t *classes_json(const struct log_digest *d)
{
	json_t *o = json_object();
	for (size_t i = 0; i < d->nclasses; i++)
		put_count(o, d->classes[i].class->id, d->classes[i].hit);
	return o;
}

static json_t *first_json(const struct log_report *l)
{
	if (!l->first)
		return json_null();
	struct cause c = answer_cause(l->arena, l->first);
	json_t *o = json_object();
	explain_json_put(o, "input", l->first->input);
	explain_json_cause(o, l->first, &c);
	return o;
}

void explain_json_log(struct explain_renderer *r, const struct log_report *l)
{
	const struct log_totals *t = l->totals;
	const struct log_digest *d = l->digest;
	json_t *o = json_object(), *s = json_object();
	explain_json_put(s, "input", l->name);
	explain_json_put(s, "format", t->format);
	json_object_set_new(s, "complete", json_boolean(!l->partial));
	explain_json_put(s, "says", log_sentence(l->arena, l));
	put_count(s, "bytes", t->bytes);
	put_count(s, "lines", t->lines);
	put_count(s, "understood", t->understood);
	put_count(s, "messages", t->messages);
	put_count(s, "recipients", d->recipients);
	put_count(s, "dropped", t->dropped);
	put_time(s, "first_seen", t->first_s);
	put_time(s, "last_seen", t->last_s);
	json_object_set_new(s, "states", states_json(d));
	json_object_set_new(s, "classes", classes_json(d));
	json_object_set_new(s, "causes", causes_json(l));
	json_object_set_new(s, "destinations", places_json(d->domains, d->ndomains));
	json_object_set_new(s, "clients", places_json(d->clients, d->nclients));
	json_object_set_new(s, "replies", places_json(d->replies, d->nreplies));
	json_object_set_new(s, "mend_first", first_json(l));
	json_object_set_new(o, "summary", s);
	json_object_set_new(o, "schema", json_integer(1));
	explain_json_write(r, o);
}

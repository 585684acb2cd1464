/* SPDX-License-Identifier: Apache-2.0 */
/* The contract's JSON document of a search. */
#include <jansson.h>

#include "base/text_time.h"
#include "base/write.h"
#include "catalog/write_json.h"
#include "check/evidence_json.h"
#include "check/render_discovery.h"

static void put(json_t *o, const char *key, const char *s)
{
	json_object_set_new(o, key, text_json(s));
}

static json_t *candidate_json(const struct tried *t)
{
	json_t *o = json_object();
	put(o, "host", t->candidate->host);
	json_object_set_new(o, "port", json_integer(t->candidate->port));
	put(o, "security", t->candidate->security);
	put(o, "source", t->candidate->source);
	put(o, "why", t->candidate->why);
	put(o, "vouched", t->candidate->vouched);
	put(o, "provider", t->candidate->provider);
	put(o, "outcome", outcome_name(t->outcome));
	put(o, "says", t->attempt->says);
	put(o, "user", t->attempt->user);
	put(o, "auth", t->attempt->auth);
	put(o, "finding", t->attempt->finding);
	json_object_set_new(o, "session", json_integer(t->attempt->in_session));
	return o;
}

static json_t *candidates_json(const struct discovery *d)
{
	json_t *list = json_array();
	for (size_t i = 0; i < d->n; i++)
		json_array_append_new(list, candidate_json(&d->v[i]));
	return list;
}

static json_t *document(const struct discovery *d)
{
	char started[TEXT_TIME_BYTES];
	json_t *o = json_object();
	json_object_set_new(o, "schema", json_integer(1));
	put(o, "tool", "postrider " POSTRIDER_VERSION);
	put(o, "started", text_time(d->ev->started_s, started));
	json_object_set_new(o, "elapsed_ms", json_integer(d->ev->elapsed_ms));
	put(o, "address", d->address);
	json_object_set_new(o, "found", json_boolean(d->found));
	put(o, "summary", d->summary);
	json_object_set_new(o, "best", d->best ? candidate_json(d->best) : json_null());
	json_object_set_new(o, "candidates", candidates_json(d));
	json_object_set_new(o, "notes", strlist_json(&d->notes));
	put(o, "config", d->config);
	json_object_set_new(o, "facts", facts_json(d->ev));
	json_object_set_new(o, "transcript", transcript_json(d->ev));
	return o;
}

bool render_discovery_json(const struct discovery *d, FILE *out, struct err *e)
{
	write_json(out, document(d), JSON_INDENT(2));
	return write_end(out, "the JSON document", e);
}

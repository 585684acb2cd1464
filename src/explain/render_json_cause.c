/* SPDX-License-Identifier: Apache-2.0 */
/* A cause in the contract's JSON, and how each document is written. */
#include <jansson.h>

#include "catalog/cause_json.h"
#include "catalog/write_json.h"
#include "explain/render_json.h"

enum { DIGITS = 6 };

void explain_json_put(json_t *o, const char *key, const char *s)
{
	json_object_set_new(o, key, text_json(s));
}

static void put_number(json_t *o, const char *key, unsigned n)
{
	json_object_set_new(o, key, n ? json_integer(n) : json_null());
}

void explain_json_cause(json_t *o, const struct explanation *x, const struct cause *c)
{
	put_number(o, "code", x->code);
	explain_json_put(o, "enhanced", x->enhanced);
	explain_json_put(o, "provider", x->provider);
	explain_json_put(o, "id", c->entry->id);
	explain_json_put(o, "class", c->entry->class);
	explain_json_put(o, "title", c->title);
	explain_json_put(o, "why", c->why);
	explain_json_put(o, "actor", actor_name(c->actor));
	json_object_set_new(o, "fixes", cause_fixes_json(c));
	explain_json_put(o, "retry", x->retry);
	json_object_set_new(o, "confidence", json_real(cause_rounded(c->confidence)));
	json_object_set_new(o, "instead", cause_instead_json(c));
	explain_json_put(o, "tell", c->tell);
	explain_json_put(o, "step", x->step);
	explain_json_put(o, "severity", x->refusal ? "failure" : severity_name(c->entry->severity));
	json_object_set_new(o, "failure", json_boolean(x->refusal));
	explain_json_put(o, "text", x->text);
	explain_json_put(o, "host", x->host);
	explain_json_put(o, "recipient", x->recipient);
	explain_json_put(o, "decide", x->decide);
	json_object_set_new(o, "refs", cause_refs_json(c));
}

void explain_json_write(struct explain_renderer *r, json_t *o)
{
	write_json(r->out, o, (r->show.many ? JSON_COMPACT : JSON_INDENT(2)) | JSON_REAL_PRECISION(DIGITS));
}

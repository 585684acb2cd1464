/* SPDX-License-Identifier: Apache-2.0 */
/* The contract's JSON document of a check. */
#include <jansson.h>

#include "base/text_time.h"
#include "base/write.h"
#include "catalog/cause_json.h"
#include "catalog/write_json.h"
#include "check/evidence_json.h"
#include "check/render_document_json.h"
#include "check/render_inner.h"

static void put(json_t *o, const char *key, const char *s)
{
	json_object_set_new(o, key, text_json(s));
}

json_t *render_target_json(const struct verdict *v)
{
	const struct fact *f = evidence_next(v->ev, FACT_TARGET, NULL);
	json_t *o = json_object();
	if (!f)
		return o;
	put(o, "input", f->target.input);
	put(o, "form", f->target.form);
	put(o, "host", f->target.host);
	json_object_set_new(o, "port", json_integer(f->target.port));
	put(o, "security", f->target.security);
	put(o, "domain", f->target.domain);
	put(o, "provider", render_provider(v, false));
	return o;
}

json_t *render_step_json(const struct verdict *v, enum step s)
{
	json_t *o = json_object();
	put(o, "step", step_name(s));
	put(o, "status", step_status_name(v->steps[s].status));
	json_object_set_new(o, "elapsed_ms", json_integer(v->steps[s].elapsed_ms));
	put(o, "says", v->steps[s].says);
	return o;
}

static json_t *steps_json(const struct verdict *v)
{
	json_t *list = json_array();
	for (enum step s = 0; s < STEP_COUNT; s++)
		json_array_append_new(list, render_step_json(v, s));
	return list;
}

static json_t *proof_json(const struct verdict *v, const struct finding *f)
{
	json_t *list = json_array();
	for (size_t i = 0; i < f->nfacts; i++) {
		json_t *o = json_object();
		json_object_set_new(o, "fact", json_integer(f->facts[i]->n));
		put(o, "text", render_fact(v, f->facts[i]));
		json_array_append_new(list, o);
	}
	return list;
}

json_t *render_finding_json(const struct verdict *v, const struct finding *f)
{
	const struct cause c = render_cause(v, f);
	json_t *o = json_object();
	put(o, "id", f->entry->id);
	put(o, "class", f->entry->class);
	put(o, "step", step_name(f->step));
	put(o, "severity", severity_name(f->severity));
	json_object_set_new(o, "confidence", json_real(cause_rounded(f->confidence)));
	put(o, "actor", actor_name(f->entry->actor));
	put(o, "title", c.title);
	put(o, "why", c.why);
	json_object_set_new(o, "fixes", cause_fixes_json(&c));
	json_object_set_new(o, "evidence", proof_json(v, f));
	json_object_set_new(o, "instead", cause_instead_json(&c));
	put(o, "tell", c.tell);
	json_object_set_new(o, "refs", cause_refs_json(&c));
	return o;
}

static json_t *experiments_json(const struct verdict *v)
{
	json_t *list = json_array();
	for (const struct fact *f = NULL; (f = evidence_next(v->ev, FACT_EXPERIMENT, f));) {
		json_t *o = json_object();
		put(o, "asked", f->experiment.asked);
		put(o, "changed", f->experiment.changed);
		put(o, "result", f->experiment.result);
		json_array_append_new(list, o);
	}
	return list;
}

json_t *render_document_json(const struct verdict *v)
{
	char started[TEXT_TIME_BYTES];
	json_t *o = json_object(), *findings = json_array();
	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(findings, render_finding_json(v, &v->findings[i]));
	json_object_set_new(o, "schema", json_integer(1));
	put(o, "tool", "postrider " POSTRIDER_VERSION);
	put(o, "started", text_time(v->ev->started_s, started));
	json_object_set_new(o, "elapsed_ms", json_integer(v->ev->elapsed_ms));
	json_object_set_new(o, "target", render_target_json(v));
	put(o, "verdict", verdict_word_name(v->word));
	put(o, "summary", v->summary);
	json_object_set_new(o, "steps", steps_json(v));
	json_object_set_new(o, "findings", findings);
	json_object_set_new(o, "experiments", experiments_json(v));
	json_object_set_new(o, "facts", facts_json(v->ev));
	json_object_set_new(o, "transcript", transcript_json(v->ev));
	return o;
}

bool render_json(const struct verdict *v, const struct render_options *o, FILE *out, struct err *e)
{
	(void)o; /* the document is always whole: programs choose for themselves */
	write_json(out, render_document_json(v), JSON_INDENT(2));
	return write_end(out, "the JSON document", e);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check/evidence_json.h"

#include "base/text_time.h"
#include "base/write.h"
#include "catalog/cause_json.h"
#include "catalog/write_json.h"

json_t *strlist_json(const struct strlist *l)
{
	json_t *array = json_array();
	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(array, text_json(l->v[i]));
	return array;
}

static json_t *field_json(const struct fact *f, const struct fact_field *field)
{
	const void *at = (const char *)f + field->offset;
	switch (field->type) {
	case FACT_STR:
		return text_json(*(const char *const *)at);
	case FACT_NUM:
		return json_integer(*(const long *)at);
	case FACT_YES:
		return json_boolean(*(const bool *)at);
	case FACT_LIST:
		break;
	}
	return strlist_json(at);
}

json_t *fact_json(const struct fact *f)
{
	size_t n;
	const struct fact_field *field = fact_fields(f->kind, &n);
	json_t *o = json_object();
	json_object_set_new(o, "n", json_integer(f->n));
	json_object_set_new(o, "t_ms", json_integer(f->t_ms));
	json_object_set_new(o, "kind", json_string(fact_kind_name(f->kind)));
	json_object_set_new(o, "session", json_integer(f->session));
	for (size_t i = 0; i < n; i++)
		json_object_set_new(o, field[i].name, field_json(f, &field[i]));
	return o;
}

json_t *facts_json(const struct evidence *ev)
{
	json_t *array = json_array();
	for (size_t i = 0; i < ev->n; i++)
		json_array_append_new(array, fact_json(ev->facts[i]));
	return array;
}

json_t *transcript_json(const struct evidence *ev)
{
	json_t *array = json_array();
	for (size_t i = 0; i < ev->nlines; i++) {
		const struct transcript_line *l = &ev->lines[i];
		json_t *o = json_object();
		json_object_set_new(o, "t_ms", json_integer(l->t_ms));
		json_object_set_new(o, "session", json_integer(l->session));
		json_object_set_new(o, "dir", json_stringn(&l->dir, 1));
		json_object_set_new(o, "text", text_json(l->text));
		json_array_append_new(array, o);
	}
	return array;
}

static json_t *document(const struct evidence *ev)
{
	char started[TEXT_TIME_BYTES];
	json_t *o = json_object();
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "started", json_string(text_time(ev->started_s, started)));
	json_object_set_new(o, "elapsed_ms", json_integer(ev->elapsed_ms));
	if (ev->dropped)
		json_object_set_new(o, "dropped", json_integer((json_int_t)ev->dropped));
	json_object_set_new(o, "facts", facts_json(ev));
	json_object_set_new(o, "transcript", transcript_json(ev));
	return o;
}

bool evidence_save(const struct evidence *ev, FILE *f, struct err *e)
{
	write_json(f, document(ev), JSON_INDENT(1));
	return write_end(f, "the evidence", e);
}

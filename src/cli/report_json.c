/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report_json.h"

#include <jansson.h>

#include "base/memory_file.h"
#include "base/write.h"
#include "catalog/cause_json.h"
#include "catalog/write_json.h"

static json_t *texts_of(const struct strlist *l)
{
	json_t *list = json_array();
	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(list, text_json(l->v[i]));
	return list;
}

static json_t *gives_away(const struct report *r)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct report_disclosure d;
	json_t *o = json_object();
	report_disclosed(r, a, &d);
	json_object_set_new(o, "addresses", texts_of(&d.addresses));
	json_object_set_new(o, "hosts", texts_of(&d.hosts));
	json_object_set_new(o, "ips", texts_of(&d.ips));
	json_object_set_new(o, "subject", json_boolean(d.subject));
	json_object_set_new(o, "dialogue", json_boolean(d.transcript));
	return o;
}

/* NULL with *e. */
static json_t *markdown_of(const struct report *r, struct err *e)
{
	CLEANUP(memory_file_clear) struct memory_file m;
	memory_file_open(&m);
	bool ok = report_render(r, RENDER_MARKDOWN, m.file, e);
	ok = memory_file_whole(&m, e) && ok;
	return ok ? text_json(m.text) : NULL;
}

bool report_json(const struct report *r, bool preview, FILE *out, struct err *e)
{
	json_t *o = json_object(), *text = preview ? NULL : markdown_of(r, e);
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "about", text_json(r->about));
	json_object_set_new(o, "gives_away", gives_away(r));
	if (!preview && !text) {
		json_decref(o);
		return false;
	}
	if (text)
		json_object_set_new(o, "markdown", text);
	write_json(out, o, JSON_INDENT(2));
	return write_end(out, "the report", e);
}

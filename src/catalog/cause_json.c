/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/cause_json.h"

#include "base/text.h"
#include "catalog/fix_line.h"

json_t *text_json(const char *s)
{
	json_t *j = json_string(s ? s : "");
	if (j)
		return j;
	CLEANUP(arena_free) struct arena *a = arena_new();
	return json_string(text_printable(a, str_of(s)));
}

double cause_rounded(double confidence)
{
	return (double)(long)(confidence * 100 + 0.5) / 100;
}

/* "command" has all as one text, as it was before systems had a line each. */
static void add_commands(json_t *o, const char *command)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	json_t *list = json_array();
	struct str rest = str_of(command);
	struct fix_line l;
	json_object_set_new(o, "command", text_json(fix_line_join(a, command)));
	while (fix_line_next(&rest, a, &l)) {
		json_t *one = json_object();
		if (*l.system)
			json_object_set_new(one, "system", text_json(l.system));
		json_object_set_new(one, "line", text_json(l.line));
		json_array_append_new(list, one);
	}
	json_object_set_new(o, "commands", list);
}

json_t *cause_fixes_json(const struct cause *c)
{
	json_t *list = json_array();
	for (size_t i = 0; i < c->nfixes; i++) {
		const struct finding_fix *x = &c->fixes[i];
		json_t *o = json_object();
		json_object_set_new(o, "actor", text_json(actor_name(x->actor)));
		json_object_set_new(o, "text", text_json(x->text));
		if (*x->command)
			add_commands(o, x->command);
		json_array_append_new(list, o);
	}
	return list;
}

json_t *cause_instead_json(const struct cause *c)
{
	json_t *list = json_array();
	for (size_t i = 0; i < c->ninstead; i++) {
		const struct cause_other *x = &c->instead[i];
		json_t *o = json_object();
		json_object_set_new(o, "id", json_string(x->entry->id));
		json_object_set_new(o, "title", text_json(x->title));
		json_object_set_new(o, "confidence", json_real(cause_rounded(x->confidence)));
		json_array_append_new(list, o);
	}
	return list;
}

json_t *cause_refs_json(const struct cause *c)
{
	json_t *list = json_array();
	for (const char *const *r = c->entry->refs; *r; r++)
		json_array_append_new(list, text_json(*r));
	return list;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "show/suppression_json.h"

#include <string.h>

#include "base/json_line.h"
#include "base/text.h"
#include "catalog/cause_json.h"
#include "catalog/finding.h"

const char *suppression_words(const struct store_suppressed *v, struct arena *a)
{
	const char *why = arena_str(a, v->why).p;
	const struct finding_entry *f = finding_entry_find(why);
	return f ? f->title : why;
}

bool suppression_is_address(struct str s)
{
	size_t at = s.len;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c == 0x7f || strchr("<>,;", c))
			return false;
		at = c == '@' ? i : at;
	}
	return at + 1 < s.len;
}

static json_t *time_json(int64_t ms)
{
	char text[JSON_TIME_BYTES];
	return json_string(json_time(ms, text));
}

json_t *suppression_json(const struct store_suppressed *v, int64_t now_ms)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	json_t *o = json_object();
	json_object_set_new(o, "address", json_string(text_printable(a, v->address)));
	json_object_set_new(o, "why", json_string(text_printable(a, v->why)));
	json_object_set_new(o, "says", text_json(suppression_words(v, a)));
	if (v->proof.len)
		json_object_set_new(o, "proof", json_string(text_printable(a, v->proof)));
	json_object_set_new(o, "since", time_json(v->since_ms));
	if (v->until_ms != STORE_NEVER)
		json_object_set_new(o, "until", time_json(v->until_ms));
	json_object_set_new(o, "active", json_boolean(v->until_ms > now_ms));
	return o;
}

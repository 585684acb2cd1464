/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/token_note.h"

#include <jansson.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/text.h"

/* RFC 6750, 3.1 by name; Google and Microsoft by the HTTP status of the same. */
static const struct {
	const char *status, *reason;
} reasons[] = {
	{ "invalid_token", "the token has run out, was withdrawn, or was made for another server" },
	{ "401", "the token has run out, was withdrawn, or was made for another server" },
	{ "insufficient_scope", "the token lacks a permission" },
	{ "403", "the token lacks a permission" },
	{ "invalid_request",
	  "the token, or the user it is sent with, is not of the kind that is taken here" },
	{ "400", "the token, or the user it is sent with, is not of the kind that is taken here" },
};

static void free_json(json_t **j)
{
	json_decref(*j);
}

/* A number, as some servers write the status, counts as its digits. */
static const char *field(struct arena *a, const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);
	if (json_is_integer(v))
		return arena_printf(a, "%lld", (long long)json_integer_value(v));
	if (!json_is_string(v) || json_string_length(v) > TOKEN_NOTE_FIELD_MAX)
		return "";
	return text_printable(a, (struct str){ json_string_value(v), json_string_length(v) });
}

static const char *reason_of(const char *status)
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (!strcmp(reasons[i].status, status))
			return reasons[i].reason;
	return "";
}

/* RFC 7628 requires the status only; alone it has to be one that is known, as many an answer has one. */
static bool is_note(const json_t *o)
{
	const json_t *status = json_object_get(o, "status");
	bool where = json_object_get(o, "scope") || json_object_get(o, "openid-configuration");
	bool alone = json_is_string(status) && json_object_size(o) == 1;
	return json_object_get(o, "schemes") || (status && where) ||
	       (alone && *reason_of(json_string_value(status)));
}

bool token_note_find(struct arena *a, struct str text, struct token_note *out)
{
	for (size_t at = 0; at < text.len; at++) {
		if (text.p[at] != '{')
			continue;
		struct str object = str_cut(text, at, at + TOKEN_NOTE_MAX);
		CLEANUP(free_json) json_t *o = json_loadb(object.p, object.len, JSON_DISABLE_EOF_CHECK, NULL);
		if (!json_is_object(o) || !is_note(o))
			continue;
		*out = (struct token_note){ field(a, o, "status"), field(a, o, "schemes"),
					    field(a, o, "scope") };
		return true;
	}
	return false;
}

static const char *quoted(struct arena *a, const char *name, const char *value)
{
	CLEANUP(free_json) json_t *v = json_string(value);
	char text[2 * TOKEN_NOTE_FIELD_MAX + 8];
	size_t n = v ? json_dumpb(v, text, sizeof(text), JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : 0;
	return *value && n && n <= sizeof(text) ? arena_printf(a, ",\"%s\":%.*s", name, (int)n, text) : "";
}

const char *token_note_text(struct arena *a, const struct token_note *n)
{
	const char *all = arena_printf(a, "%s%s%s", quoted(a, "status", n->status),
				       quoted(a, "schemes", n->schemes), quoted(a, "scope", n->scope));
	return *all ? arena_printf(a, "{%s}", all + 1) : "";
}

const char *token_note_reason(const struct token_note *n)
{
	return reason_of(n->status);
}

/* No member of it may hold anything else, as a token would. */
static bool is_note_only(struct str text)
{
	static const char *const names[] = { "status", "schemes", "scope", "openid-configuration" };
	CLEANUP(free_json) json_t *o = json_loadb(text.p, text.len, 0, NULL);
	size_t known = 0;
	for (size_t i = 0; json_is_object(o) && i < ARRAY_LEN(names); i++)
		known += json_is_string(json_object_get(o, names[i]));
	return json_is_object(o) && is_note(o) && known == json_object_size(o);
}

bool token_note_is_coded(struct str coded)
{
	static const char first[] = "eyJzdGF0dXMi"; /* {"status": also where the rest was cut off */
	struct buf plain = { .max = TOKEN_NOTE_MAX };
	bool only = str_eq(str_cut(coded, 0, strlen(first)), first) ||
		    ((base64_decode(&plain, coded) || base64url_decode(&plain, coded)) &&
		     is_note_only(buf_str(&plain)));
	buf_wipe(&plain);
	return only;
}

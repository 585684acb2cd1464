/* SPDX-License-Identifier: Apache-2.0 */
#include "net/introspection.h"

#include <jansson.h>

#include "base/base64.h"
#include "base/text.h"
#include "net/form.h"

static const long long last_time = 253402300799; /* 9999-12-31T23:59:59Z */

void introspection_form(const char *token, struct buf *out)
{
	form_add_field(out, "token", token);
	form_add_field(out, "token_type_hint", "access_token");
	buf_add(out, "", 1);
}

void introspection_who(const char *client_id, const char *secret, struct buf *out)
{
	CLEANUP(buf_wipe) struct buf both = { 0 };
	form_add_coded(&both, client_id);
	buf_adds(&both, ":");
	form_add_coded(&both, secret);
	buf_adds(out, "Authorization: Basic ");
	base64_encode(out, buf_str(&both));
	buf_add(out, "", 1);
}

/* The JSON library reads nested values by recursion, and a fiber's stack is small. */
static bool is_shallow(struct str s)
{
	unsigned depth = 0;
	bool quoted = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '[') && ++depth > INTROSPECTION_DEPTH_MAX)
			return false;
		else if (!quoted && (c == '}' || c == ']') && depth)
			depth--;
	}
	return true;
}

/* A name with a line break in it is nobody's. */
static const char *text_of(const json_t *j, struct arena *a)
{
	struct str s = { json_string_value(j), json_string_length(j) };
	return s.len && !text_has_control(s) ? arena_strdup(a, s.p) : "";
}

static const char *member(const json_t *o, struct arena *a, const char *name)
{
	return text_of(json_object_get(o, name), a);
}

/* Seconds since 1970 (RFC 7519, 2), maybe with a fraction; 0: none, or no time at all. */
static long long time_of(const json_t *o, const char *name)
{
	double v = json_number_value(json_object_get(o, name));
	return v >= 1 && v <= (double)last_time ? (long long)v : 0;
}

static struct strlist audience_of(const json_t *o, struct arena *a)
{
	struct strlist l = { 0 };
	const json_t *j = json_object_get(o, "aud");
	if (json_is_string(j))
		strlist_add(&l, a, text_of(j, a));
	for (size_t i = 0; i < json_array_size(j) && i < INTROSPECTION_LIST_MAX; i++)
		strlist_add(&l, a, text_of(json_array_get(j, i), a));
	return l;
}

static void read_members(const json_t *o, struct arena *a, struct introspection *out)
{
	const json_t *verified = json_object_get(o, "email_verified");
	*out = (struct introspection){
		.active = json_is_true(json_object_get(o, "active")),
		.username = member(o, a, "username"),
		.preferred_username = member(o, a, "preferred_username"),
		.email = member(o, a, "email"),
		.sub = member(o, a, "sub"),
		.email_doubted = verified && !json_is_true(verified),
		.scope = member(o, a, "scope"),
		.issuer = member(o, a, "iss"),
		.type = member(o, a, "token_type"),
		.bound = json_object_get(o, "cnf"),
		.audience = audience_of(o, a),
		.dated = json_object_get(o, "exp"),
		.expires = time_of(o, "exp"),
		.not_before = time_of(o, "nbf"),
	};
}

bool introspection_read(struct str body, struct arena *a, struct introspection *out)
{
	if (!body.len || body.len > INTROSPECTION_BYTES_MAX || !is_shallow(body))
		return false;
	json_t *o = json_loadb(body.p, body.len, JSON_REJECT_DUPLICATES, NULL);
	bool ok = json_is_boolean(json_object_get(o, "active")); /* the one member that must be there */
	if (ok)
		read_members(o, a, out);
	json_decref(o);
	return ok;
}

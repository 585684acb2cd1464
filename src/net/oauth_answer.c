/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "net/oauth.h"

enum { SECRET_CHARS_MIN = 32, GUID_CHARS = 36 }; /* a longer run of token characters is taken for a secret */

/* The JSON library frees without wiping. */
static void wipe_json(json_t **root)
{
	const char *key;
	json_t *value;
	json_object_foreach(*root, key, value)
	{
		if (json_is_string(value))
			mem_wipe((void *)(uintptr_t)json_string_value(value), json_string_length(value));
	}
	json_decref(*root);
}

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~+/=", c));
}

/* 8-4-4-4-12 hex digits: ids of applications, tenants and traces, which people need. */
static bool is_guid(struct str s)
{
	if (s.len < GUID_CHARS || s.len > GUID_CHARS + 1 || (s.len > GUID_CHARS && s.p[GUID_CHARS] != '.'))
		return false;
	for (size_t i = 0; i < GUID_CHARS; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s.p[i] != '-' : !strchr("0123456789abcdefABCDEF", s.p[i]))
			return false;
	}
	return true;
}

static bool is_secret(struct str text, size_t from, size_t to)
{
	struct str run = str_cut(text, from, to);
	bool of_url = from > 0 && text.p[from - 1] == ':' && str_istarts(run, "//");
	return run.len >= SECRET_CHARS_MIN && !of_url && !is_guid(run);
}

/* Words of an endpoint may echo what was sent. */
static const char *without_secrets(struct arena *a, struct str text)
{
	CLEANUP(buf_clear) struct buf out = { 0 };
	text = str_cut(text, 0, OAUTH_TEXT_BYTES_MAX);
	for (size_t i = 0, end; i < text.len; i = end) {
		end = i;
		while (end < text.len && is_token_char(text.p[end]))
			end++;
		if (end == i)
			end++;
		if (is_secret(text, i, end))
			buf_adds(&out, "[hidden]");
		else
			buf_add(&out, text.p + i, end - i);
	}
	return text_printable(a, buf_str(&out));
}

static struct str text_of(const json_t *o, const char *name)
{
	const json_t *j = json_object_get(o, name);
	return json_is_string(j) ? (struct str){ json_string_value(j), json_string_length(j) } : STR_LIT("");
}

bool oauth_token_is_plausible(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= 0x20 || s.p[i] > 0x7e)
			return false;
	return s.len > 0 && s.len <= OAUTH_TOKEN_BYTES_MAX;
}

/* A number; some servers write it as text. */
static long seconds(const json_t *o)
{
	const json_t *j = json_object_get(o, "expires_in");
	struct str s = text_of(o, "expires_in");
	unsigned long n = 0;
	enum { MOST = 10 * 365 * 86400 };
	if (json_is_integer(j) && json_integer_value(j) > 0 && json_integer_value(j) <= MOST)
		return (long)json_integer_value(j);
	return str_number(s, MOST, &n) ? (long)n : 0;
}

/* RFC 6749, 5.2; Google's other APIs nest {"error":{"status","message"}}. */
static void read_error(const json_t *o, struct arena *a, struct oauth_answer *out)
{
	const json_t *inner = json_object_get(o, "error");
	bool nested = json_is_object(inner);
	out->error = without_secrets(a, nested ? text_of(inner, "status") : text_of(o, "error"));
	out->description =
		without_secrets(a, nested ? text_of(inner, "message") : text_of(o, "error_description"));
}

bool oauth_answer_read(struct str body, struct arena *a, struct oauth_answer *out)
{
	*out = (struct oauth_answer){ .error = "", .description = "" };
	CLEANUP(wipe_json) json_t *o = json_loadb(body.len ? body.p : "", body.len, 0, NULL);
	if (!json_is_object(o))
		return false;
	struct str token = text_of(o, "access_token");
	read_error(o, a, out);
	if (*out->error || *out->description)
		return true;
	if (!oauth_token_is_plausible(token))
		return false;
	out->expires_in = seconds(o);
	struct str refresh = text_of(o, "refresh_token");
	if (oauth_token_is_plausible(refresh))
		buf_add(&out->refresh, refresh.p, refresh.len);
	return buf_add(&out->token, token.p, token.len);
}

void oauth_answer_wipe(struct oauth_answer *x)
{
	buf_wipe(&x->token);
	buf_wipe(&x->refresh);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "net/oauth.h"

enum { CLAIM_ITEMS_MAX = 100 };

static const long long last_time = 253402300799; /* 9999-12-31T23:59:59Z */

static const char *printable(struct arena *a, const json_t *j)
{
	struct str s = { json_string_value(j), json_string_length(j) };
	return text_printable(a, str_cut(s, 0, OAUTH_TEXT_BYTES_MAX));
}

/* A text, or a list of texts. */
static void add_texts(const json_t *j, struct arena *a, struct strlist *out)
{
	if (json_is_string(j))
		strlist_add(out, a, printable(a, j));
	for (size_t i = 0; i < json_array_size(j) && i < CLAIM_ITEMS_MAX; i++)
		if (json_is_string(json_array_get(j, i)))
			strlist_add(out, a, printable(a, json_array_get(j, i)));
}

/* The first of several claims that is there; "" when none is. */
static const char *first_of(const json_t *o, struct arena *a, const char *const *names)
{
	for (; *names; names++) {
		struct strlist texts = { 0 };
		add_texts(json_object_get(o, *names), a, &texts);
		const char *joined = strlist_join(&texts, a, " ");
		if (*joined)
			return joined;
	}
	return "";
}

/* NumericDate (RFC 7519, 2): seconds, a fraction is allowed. */
static long long time_of(const json_t *o, const char *name)
{
	double v = json_number_value(json_object_get(o, name));
	return v >= 1 && v <= (double)last_time ? (long long)v : 0;
}

static void read_claims(const json_t *o, struct arena *a, struct token_claims *out)
{
#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })
	out->audience = first_of(o, a, NAMES("aud"));
	out->scope = first_of(o, a, NAMES("scp", "scope"));
	out->user = first_of(o, a, NAMES("upn", "preferred_username", "unique_name", "email"));
	out->tenant = first_of(o, a, NAMES("tid"));
	out->app = first_of(o, a, NAMES("appid", "azp", "client_id"));
	out->issuer = first_of(o, a, NAMES("iss"));
	const char *kind = first_of(o, a, NAMES("idtyp"));
	const char *upn = first_of(o, a, NAMES("upn"));
#undef NAMES
	add_texts(json_object_get(o, "roles"), a, &out->roles);
	out->issued = time_of(o, "iat");
	out->expires = time_of(o, "exp");
	out->delegated = strcmp(kind, "app") != 0 && (*out->scope || *upn || !strcmp(kind, "user"));
}

static void free_json(json_t **j)
{
	json_decref(*j);
}

/* One part as a JSON object, or NULL. */
static json_t *part_json(struct str part)
{
	CLEANUP(buf_wipe) struct buf raw = { .max = OAUTH_TOKEN_BYTES_MAX };
	if (!base64url_decode(&raw, part))
		return NULL;
	json_t *o = json_loadb(buf_str(&raw).p, buf_waiting(&raw), 0, NULL);
	if (json_is_object(o))
		return o;
	json_decref(o);
	return NULL;
}

enum { PARTS_OF_JWS = 3, PARTS_OF_JWE = 5 };

/* Splits at dots; the number of parts, of which the first two are kept. */
static size_t split(struct str token, struct str part[2])
{
	size_t n = 0, from = 0;
	for (size_t i = 0; i <= token.len; i++) {
		if (i < token.len && token.p[i] != '.')
			continue;
		if (n < 2)
			part[n] = str_cut(token, from, i);
		from = i + 1;
		n++;
	}
	return n;
}

void token_claims_read(struct str token, struct arena *a, struct token_claims *out)
{
	struct str part[2] = { { "", 0 }, { "", 0 } };
	*out = (struct token_claims){ .form = "opaque",
				      .audience = "",
				      .scope = "",
				      .user = "",
				      .tenant = "",
				      .app = "",
				      .issuer = "" };
	size_t parts = oauth_token_is_plausible(token) ? split(token, part) : 0;
	if (!parts) {
		out->form = "malformed";
		return;
	}
	CLEANUP(free_json) json_t *head = part_json(part[0]);
	if (!head || (parts == PARTS_OF_JWE && json_object_get(head, "enc"))) {
		if (!head && str_eq(str_cut(token, 0, 3), "eyJ"))
			out->form = "malformed";
		return; /* encrypted, or no JWT at all: only the server can read it */
	}
	CLEANUP(free_json) json_t *claims = parts == PARTS_OF_JWS ? part_json(part[1]) : NULL;
	out->form = claims ? "jwt" : "malformed";
	if (claims)
		read_claims(claims, a, out);
}

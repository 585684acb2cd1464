/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/bearer_verdict.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECOND_MS = 1000,
	CLOCKS_APART_MS = 30000 /* a token's beginning by the provider's clock; its end has no grace */
};

static const struct {
	const char *status, *number, *text; /* RFC 6750, 3.1 */
} results[BEARER_RESULTS] = {
	[BEARER_INVALID] = { "invalid_token", "401",
			     "Login failed: the access token is not valid, or not any more: get a new one" },
	[BEARER_SCOPE] = { "insufficient_scope", "403",
			   "Login failed: the access token was not given out for this server" },
	[BEARER_NAMELESS] = { "invalid_token", "401",
			      "Login failed: the access token is of nobody who may send here" },
	[BEARER_UNTESTED] = { "temporarily_unavailable", "503", "The access token could not be tested" },
};

/* The token's scopes and those that are wanted are both words between blanks (RFC 6749, 3.3). */
static bool has_scope(const struct relay_identity_provider *p, const struct introspection *i)
{
	struct str rest = str_of(p->scope), word;
	while (str_next(&rest, " ", &word))
		if (word.len && !str_lists(str_of(i->scope), " ", word))
			return false;
	return true;
}

static bool is_for_us(const struct relay_identity_provider *p, const struct introspection *i)
{
	for (size_t n = 0; n < p->audience.n; n++)
		for (size_t m = 0; m < i->audience.n; m++)
			if (!strcmp(p->audience.v[n], i->audience.v[m]))
				return true;
	return !p->audience.n;
}

/* "Bearer", or nothing said; a refresh token or one bound to a key is not to be shown like this. */
static bool is_bearer(const struct introspection *i)
{
	return !i->bound && (!*i->type || str_ieq(str_of(i->type), "Bearer"));
}

static bool is_in_time(const struct introspection *i, int64_t now_ms)
{
	return (!i->dated || i->expires * SECOND_MS > now_ms) &&
	       i->not_before * SECOND_MS <= now_ms + CLOCKS_APART_MS;
}

static const char *user_of(const struct relay_identity_provider *p, const struct introspection *i)
{
	switch (p->claim) {
	case RELAY_CLAIM_USERNAME:
		return i->username;
	case RELAY_CLAIM_PREFERRED_USERNAME:
		return i->preferred_username;
	case RELAY_CLAIM_EMAIL:
		return i->email_doubted ? "" : i->email;
	case RELAY_CLAIM_SUB:
		return i->sub;
	}
	return "";
}

static enum bearer_result result_of(const struct relay_identity_provider *p, const struct introspection *i,
				    int64_t now_ms)
{
	if (!i->active || !is_bearer(i) || !is_in_time(i, now_ms) ||
	    (*p->issuer && strcmp(p->issuer, i->issuer) != 0))
		return BEARER_INVALID;
	if (!is_for_us(p, i) || !has_scope(p, i))
		return BEARER_SCOPE;
	return *user_of(p, i) ? BEARER_GOOD : BEARER_NAMELESS;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

struct bearer_verdict bearer_judge(const struct relay_identity_provider *p, const struct introspection *i,
				   int64_t now_ms)
{
	struct bearer_verdict v = { .result = result_of(p, i, now_ms),
				    .user = "",
				    .keep_ms = (int64_t)p->keep_s * SECOND_MS };
	if (v.result != BEARER_GOOD) {
		v.keep_ms = least(v.keep_ms, BEARER_REFUSED_KEEP_MS);
		return v;
	}
	v.user = user_of(p, i);
	if (i->dated)
		v.keep_ms = least(v.keep_ms, i->expires * SECOND_MS - now_ms);
	return v;
}

void bearer_error_json(const struct relay_identity_provider *p, enum bearer_result r, bool xoauth2,
		       struct buf *out)
{
	json_t *o = json_object();
	(void)json_object_set_new(o, "status", json_string(xoauth2 ? results[r].number : results[r].status));
	if (xoauth2)
		(void)json_object_set_new(o, "schemes", json_string("bearer"));
	if (*p->scope)
		(void)json_object_set_new(o, "scope", json_string(p->scope));
	char *text = json_dumps(o, JSON_COMPACT);
	buf_adds(out, text ? text : "{}");
	buf_add(out, "", 1);
	free(text);
	json_decref(o);
}

const char *bearer_result_text(enum bearer_result r)
{
	return results[r].text ? results[r].text : "";
}

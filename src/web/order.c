/* SPDX-License-Identifier: Apache-2.0 */
#include "web/order.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "mail/ipaddr.h"

struct reading {
	struct arena *a;
	struct check_request *r;
	struct err *e;
};

static bool wrong(const struct reading *x, const char *name, const char *mend)
{
	ERR_FILL(x->e, ERR_USAGE, 0, "take", "\"%s\"", name);
	return err_detail(x->e, "%s", mend);
}

static bool text_of(const struct reading *x, const char *name, const json_t *v, const char **out)
{
	const char *s = json_string_value(v);
	if (!s || strlen(s) != json_string_length(v))
		return wrong(x, name, "a text is wanted there");
	if (text_has_control(str_of(s)))
		return wrong(x, name, "control characters cannot stand there: was a line end pasted along?");
	*out = s;
	return true;
}

/* ---- values ---- */

typedef bool take_fn(const struct reading *x, const char *name, const json_t *v, size_t offset);

static bool take_text(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	return text_of(x, name, v, (const char **)(void *)((char *)x->r + offset));
}

static bool take_oauth_text(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	x->r->oauth = true;
	return take_text(x, name, v, offset);
}

static bool take_url(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	if (!take_oauth_text(x, name, v, offset))
		return false;
	const char *url = x->r->token_url;
	return !*url || z_istarts(url, "https://") ||
	       wrong(x, name, "an address such as https://login.example.com/token");
}

static bool take_list(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	struct strlist *l = (struct strlist *)(void *)((char *)x->r + offset);
	const json_t *one;
	const char *s = NULL;
	size_t i;
	if (json_is_string(v))
		return text_of(x, name, v, &s) && (strlist_add(l, x->a, s), true);
	if (!json_is_array(v) || json_array_size(v) > REQUEST_RECIPIENTS_MAX)
		return wrong(x, name, "a list of at most 20 texts is wanted there");
	json_array_foreach(v, i, one)
	{
		if (!text_of(x, name, one, &s))
			return false;
		strlist_add(l, x->a, s);
	}
	return true;
}

static bool take_flag(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	*((bool *)((char *)x->r + offset)) = json_is_true(v);
	return json_is_boolean(v) || wrong(x, name, "true or false");
}

static bool take_security(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	const char *s = json_string_value(v);
	(void)offset;
	return (s && request_security_of(s, &x->r->security)) ||
	       wrong(x, name, "one of auto, none, starttls, tls");
}

static bool take_until(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	const char *s = json_string_value(v);
	(void)offset;
	return (s && request_until_of(s, &x->r->until)) ||
	       wrong(x, name, "one of connect, tls, auth, envelope, message");
}

static bool take_auth(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	static const char *const names[] = { "auto",     "none",          "plain",   "login",
					     "cram-md5", "scram-sha-256", "xoauth2", "oauthbearer" };
	const char *s = json_string_value(v);
	(void)offset;
	for (size_t i = 0; s && i < ARRAY_LEN(names); i++)
		if (!strcmp(s, names[i])) {
			x->r->auth = names[i];
			return true;
		}
	return wrong(x, name,
		     "one of auto, none, plain, login, cram-md5, scram-sha-256, xoauth2, oauthbearer");
}

static bool take_ip(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	struct ipaddr ip;
	const char *s = json_string_value(v);
	return (s && ipaddr_read(str_of(s), &ip) && take_text(x, name, v, offset)) ||
	       wrong(x, name, "an IP address such as 192.0.2.7");
}

static bool take_family(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	(void)offset;
	x->r->family = (int)json_integer_value(v);
	return (json_is_integer(v) && (x->r->family == 4 || x->r->family == 6)) || wrong(x, name, "4 or 6");
}

static bool take_timeout(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	json_int_t n = json_integer_value(v);
	(void)offset;
	if (n < 1 || n > ORDER_TIMEOUT_MAX_S)
		return wrong(x, name, "whole seconds from 1 to 180");
	x->r->timeout_s = (unsigned)n;
	return true;
}

static bool take_from(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	(void)offset;
	if (!text_of(x, name, v, &x->r->from))
		return false;
	x->r->null_from = !strcmp(x->r->from, "<>");
	if (x->r->null_from)
		x->r->from = "";
	return true;
}

static bool take_target(const struct reading *x, const char *name, const json_t *v, size_t offset)
{
	(void)offset;
	return text_of(x, name, v, &x->r->input);
}

#define AT(member) offsetof(struct check_request, member)

struct row {
	const char *name;
	take_fn *take;
	size_t offset;
};

static const struct row rows[] = {
	{ "target", take_target, 0 },
	{ "security", take_security, 0 },
	{ "user", take_text, AT(user) },
	{ "password", take_text, AT(password) },
	{ "auth", take_auth, 0 },
	{ "from", take_from, 0 },
	{ "to", take_list, AT(to) },
	{ "until", take_until, 0 },
	{ "sending_ip", take_ip, AT(sending_ip) },
	{ "dkim_selector", take_text, AT(dkim_selector) },
	{ "dnsbl", take_list, AT(dnsbl) },
	{ "family", take_family, 0 },
	{ "timeout_s", take_timeout, 0 },
	{ "experiments", take_flag, AT(experiments) },
};

static const struct row oauth_rows[] = {
	{ "client_id", take_oauth_text, AT(client_id) },
	{ "tenant_id", take_oauth_text, AT(tenant_id) },
	{ "client_secret", take_oauth_text, AT(client_secret) },
	{ "refresh_token", take_oauth_text, AT(refresh_token) },
	{ "token_url", take_url, AT(token_url) },
	{ "scope", take_oauth_text, AT(scope) },
	{ "token", take_oauth_text, AT(token) },
};

static bool take_all(const struct reading *x, const json_t *o, const struct row *all, size_t n)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		size_t i = 0;
		if (json_is_null(v) || (all == rows && !strcmp(key, "oauth")))
			continue;
		while (i < n && strcmp(all[i].name, key) != 0)
			i++;
		if (i == n)
			return wrong(x, key, "nobody knows that key; see /api/v1/openapi.json");
		if (!all[i].take(x, key, v, all[i].offset))
			return false;
	}
	return true;
}

/* A profile says itself who logs in where: only how far it goes may be said. */
static bool leaves_the_rest(const struct reading *x, const json_t *o)
{
	static const char *const may[] = { "target", "to", "until", "timeout_s", "experiments" };
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		size_t i = 0;
		while (i < ARRAY_LEN(may) && strcmp(key, may[i]) != 0)
			i++;
		if (i == ARRAY_LEN(may) && !json_is_null(v))
			return wrong(x, key, "the profile says that: leave it out, or name a server instead");
	}
	return true;
}

bool order_read(const json_t *o, struct arena *a, struct check_request *out, struct err *e)
{
	const struct reading x = { a, out, e };
	const json_t *oauth = json_object_get(o, "oauth");
	*out = request_defaults();
	if (!take_all(&x, o, rows, ARRAY_LEN(rows)))
		return false;
	if (oauth && !json_is_object(oauth) && !json_is_null(oauth))
		return wrong(&x, "oauth", "an object is wanted there");
	if (oauth && !take_all(&x, oauth, oauth_rows, ARRAY_LEN(oauth_rows)))
		return false;
	if (!*out->input)
		return wrong(&x, "target", "an address, a server or a domain is wanted");
	if (z_istarts(out->input, "profile:") && !leaves_the_rest(&x, o))
		return false;
	return request_read_target(out->input, a, out, e);
}

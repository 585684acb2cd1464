/* SPDX-License-Identifier: Apache-2.0 */
#include "check/request.h"

#include <arpa/inet.h>
#include <string.h>

#include "catalog/provider.h"

static const char *const form_names[] = { "auto", "address", "host", "domain", "profile" };
static const char *const security_names[] = { "auto", "none", "starttls", "tls" };
static const char *const until_names[] = { "auto", "connect", "tls", "auth", "envelope", "message" };

static bool index_of(const char *const *names, size_t n, const char *name, unsigned *out)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(names[i], name)) {
			*out = i;
			return true;
		}
	return false;
}

const char *request_form_name(enum request_form f)
{
	return form_names[f];
}

const char *request_security_name(enum request_security s)
{
	return security_names[s];
}

bool request_security_of(const char *name, enum request_security *s)
{
	unsigned i;
	if (!strcmp(name, "ssl"))
		name = "tls";
	if (!index_of(security_names, ARRAY_LEN(security_names), name, &i))
		return false;
	*s = (enum request_security)i;
	return true;
}

const char *request_until_name(enum request_until u)
{
	return until_names[u];
}

bool request_until_of(const char *name, enum request_until *u)
{
	unsigned i;
	if (!index_of(until_names, ARRAY_LEN(until_names), name, &i) || !i)
		return false;
	*u = (enum request_until)i;
	return true;
}

struct check_request request_defaults(void)
{
	return (struct check_request){ .input = "",
				       .host = "",
				       .domain = "",
				       .user = "",
				       .from = "",
				       .auth = "auto",
				       .sending_ip = "",
				       .dkim_selector = "",
				       .timeout_s = REQUEST_TIMEOUT_S,
				       .experiments = true };
}

bool request_has_secret(const struct check_request *r)
{
	return strcmp(r->auth, "none") != 0 && (r->password || r->token || r->oauth);
}

static bool is_address_literal(const char *s)
{
	unsigned char bytes[16];
	return inet_pton(AF_INET, s, bytes) == 1 || inet_pton(AF_INET6, s, bytes) == 1;
}

/* host [":" port] | "[" v6 "]" [":" port] | v6 */
static bool read_host(const char *text, struct arena *a, struct check_request *r, struct err *e)
{
	const char *colon = strrchr(text, ':'), *close = strchr(text, ']');
	if (is_address_literal(text) || !colon || strstr(text, "://") || (close && colon < close)) {
		size_t n = strlen(text);
		r->host = *text == '[' && n > 2 && text[n - 1] == ']' ? arena_dup(a, text + 1, n - 2)
								      : arena_strdup(a, text);
		return true;
	}
	unsigned long port;
	if (!str_number(str_of(colon + 1), 65535, &port) || !port) {
		ERR_FILL(e, ERR_USAGE, 0, "take", "\"%s\" as a target", text);
		return err_detail(e, "the port must be a number from 1 to 65535, usually 587 or 465");
	}
	r->port = (unsigned)port;
	r->form = FORM_HOST;
	size_t n = (size_t)(colon - text);
	bool bracket = *text == '[' && n > 2 && text[n - 1] == ']';
	r->host = bracket ? arena_dup(a, text + 1, n - 2) : arena_dup(a, text, n);
	return true;
}

/* What the form of the text says it is, or a word in front. */
static bool read_form(const char *text, struct arena *a, struct check_request *r, struct err *e)
{
	if (z_istarts(text, "host:")) {
		r->form = FORM_HOST;
		return read_host(text + 5, a, r, e);
	}
	if (z_istarts(text, "domain:")) {
		r->form = FORM_DOMAIN;
		r->domain = text + 7;
		return true;
	}
	if (z_istarts(text, "profile:")) { /* cli fills in what the configuration says */
		r->form = FORM_PROFILE;
		return true;
	}
	const char *at = strrchr(text, '@');
	if (at) {
		r->form = FORM_ADDRESS;
		r->domain = at + 1;
		return true;
	}
	if (!read_host(text, a, r, e))
		return false;
	if (is_address_literal(r->host) || provider_by_host(r->host))
		r->form = FORM_HOST;
	return true;
}

bool request_read_target(const char *text, struct arena *a, struct check_request *r, struct err *e)
{
	struct str s = str_trim(str_of(text));
	if (!s.len) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "an empty target");
		return err_detail(
			e, "give an address (you@example.com), a server (mail.example.com:587) or a domain");
	}
	r->input = arena_dup(a, s.p, s.len);
	return read_form(r->input, a, r, e);
}

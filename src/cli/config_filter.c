/* SPDX-License-Identifier: Apache-2.0 */
/* The filters and signatures of postrider.conf: what is done with a message on its way. */
#include <string.h>

#include "cli/config_relay_inner.h"

/* How a milter is written: "/" path | host ":" port; and as others do: "unix:" path | "local:" path |
 * "inet:" host ":" port | "inet:" port "@" host, and inet6.  Here alone, not in config_fit.c too. */

/* The path of a socket; NULL: it is none. */
static const char *socket_of(const char *to)
{
	static const char *const words[] = { "unix:", "local:" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (z_istarts(to, words[i]))
			return to + strlen(words[i]);
	return *to == '/' ? to : NULL;
}

/* Postfix's "inet:host:port" and Sendmail's "inet:port@host" as host:port. */
static const char *host_port(const char *to, struct arena *a)
{
	static const char *const words[] = { "inet:", "inet6:" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (z_istarts(to, words[i]))
			to += strlen(words[i]);
	const char *at = strchr(to, '@');
	if (!at)
		return to;
	bool bare = strchr(at, ':') && at[1] != '[';
	return arena_printf(a, bare ? "[%s]:%.*s" : "%s:%.*s", at + 1, (int)(at - to), to);
}

static bool read_milter(const struct config_reading *r, const char *to, struct relay_filter *f)
{
	const char *path = socket_of(to);
	if (path && *path == '/') {
		f->host = arena_strdup(r->s->arena, path);
		return true;
	}
	if (!path && config_host(r, host_port(to, r->s->arena), &f->host, &f->port) && f->port)
		return true;
	if (!*to)
		return config_mistake(r, "filter", f->name, "milter",
				      "add milter = \"127.0.0.1:11332\", or its socket");
	return config_mistake(r, "filter", f->name, "milter",
			      "milter = \"%s\" cannot be; give an address and a port, such as "
			      "127.0.0.1:11332, or a socket, such as /run/milter.sock",
			      to);
}

bool config_read_filters(const struct config_reading *r)
{
	struct relay_settings *s = r->s;
	s->nfilters = cfg_size(r->c->cfg, "filter");
	s->filters = arena_alloc(s->arena, (s->nfilters + 1) * sizeof(*s->filters));
	for (unsigned i = 0; i < s->nfilters; i++) {
		cfg_t *b = cfg_getnsec(r->c->cfg, "filter", i);
		const char *to = config_value(b, "milter"), *then = config_value(b, "on-failure");
		struct relay_filter *f = &s->filters[i];
		f->name = arena_strdup(s->arena, cfg_title(b));
		f->timeout_s = config_seconds(config_value(b, "timeout"), RELAY_FILTER_TIMEOUT_S);
		f->on_failure = !strcmp(then, "accept")   ? RELAY_FAILURE_ACCEPT
				: !strcmp(then, "refuse") ? RELAY_FAILURE_REFUSE
							  : RELAY_FAILURE_DELAY;
		if (!read_milter(r, to, f))
			return false;
	}
	return true;
}

bool config_read_signs(const struct config_reading *r)
{
	struct relay_settings *s = r->s;
	s->nsigns = cfg_size(r->c->cfg, "sign");
	s->signs = arena_alloc(s->arena, (s->nsigns + 1) * sizeof(*s->signs));
	for (unsigned i = 0; i < s->nsigns; i++) {
		cfg_t *b = cfg_getnsec(r->c->cfg, "sign", i);
		const char *title = cfg_title(b), *domain = config_value(b, "domain");
		s->signs[i] = (struct relay_sign){
			arena_strdup(s->arena, title),
			arena_strdup(s->arena, *domain ? domain : title),
			config_copy(r, b, "selector"),
			config_copy_file(r, b, "key"),
		};
		if (!*s->signs[i].selector || !*s->signs[i].key_file)
			return config_mistake(r, "sign", title, "",
					      "it needs selector = \"s1\" and key = \"FILE.pem\"");
	}
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The filters and signatures of postrider.conf: what is done with a message on its way. */
#include <string.h>

#include "cli/config_relay_inner.h"

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
		bool path = *to == '/' || z_istarts(to, "unix:");
		if (path)
			f->host = arena_strdup(s->arena, *to == '/' ? to : to + strlen("unix:"));
		else if (!config_host(r, to, &f->host, &f->port))
			return config_mistake(r, "filter", f->name, "milter",
					      "add milter = \"127.0.0.1:11332\", or its socket");
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

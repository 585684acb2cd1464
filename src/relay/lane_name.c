/* SPDX-License-Identifier: Apache-2.0 */
/* Which lane carries what; and back from a lane to its route. */
#include <string.h>

#include "relay/lanes_inner.h"

static struct str domain_of(struct str address)
{
	size_t at = address.len;
	while (at && address.p[at - 1] != '@')
		at--;
	return at ? str_cut(address, at, address.len) : (struct str){ "", 0 };
}

static void lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s | 32);
}

const char *lane_of(const struct relay_settings *s, struct str sender, struct str recipient, struct arena *a)
{
	const struct relay_route *r = relay_route_find(s, sender, recipient);
	if (!r)
		return LANE_NONE;
	if (!r->mx)
		return arena_strdup(a, r->name);
	struct str domain = domain_of(recipient);
	while (domain.len && domain.p[domain.len - 1] == '.')
		domain.len--;
	char *name = arena_printf(a, "%s " STR_FMT, r->name, STR_ARG(domain));
	lower(name + strlen(r->name));
	return name;
}

const char *lane_domain(const struct relay_route *r, const char *lane)
{
	size_t n = strlen(r->name);
	bool fits = r->mx && !strncmp(lane, r->name, n) && lane[n] == ' ' && lane[n + 1];
	return fits ? lane + n + 1 : NULL;
}

const struct relay_route *lane_route(const struct relay_settings *s, const char *lane)
{
	for (size_t i = 0; i < s->nroutes; i++) {
		const struct relay_route *r = &s->routes[i];
		if (r->mx ? lane_domain(r, lane) != NULL : !strcmp(r->name, lane))
			return r;
	}
	return NULL;
}

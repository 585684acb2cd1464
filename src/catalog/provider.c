/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/provider.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/nearest.h"

enum { NAME_MAX_BYTES = 253 }; /* RFC 1035, 2.3.4 */

struct provider_key {
	const char *key; /* a name, or a ".suffix" */
	unsigned short provider;
};

#include "providers.inc"

/* Lower case, without the root's dot; false when it can be no host name. */
static bool name_fold(const char *name, char out[NAME_MAX_BYTES + 1])
{
	size_t n = name ? strlen(name) : 0;
	if (n && name[n - 1] == '.')
		n--;
	if (!n || n > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + ('a' - 'A')) : name[i];
	out[n] = '\0';
	return true;
}

static int key_order(const void *name, const void *key)
{
	return strcmp(name, ((const struct provider_key *)key)->key);
}

/* Exact names by bisection, then the longest suffix. */
static const struct provider *find(const char *name, const struct provider_key *exact, size_t nexact,
				   const struct provider_key *suffix, size_t nsuffix)
{
	char folded[NAME_MAX_BYTES + 1];
	if (!name_fold(name, folded))
		return NULL;
	const struct provider_key *k = bsearch(folded, exact, nexact, sizeof(*exact), key_order);
	for (size_t i = 0; !k && i < nsuffix; i++)
		if (z_iends(folded, suffix[i].key))
			k = &suffix[i];
	return k ? &providers[k->provider] : NULL;
}

const struct provider *provider_by_host(const char *host)
{
	return find(host, by_host, ARRAY_LEN(by_host), by_host_suffix, ARRAY_LEN(by_host_suffix));
}

const struct provider *provider_by_domain(const char *domain)
{
	return find(domain, by_domain, ARRAY_LEN(by_domain), by_domain_suffix, ARRAY_LEN(by_domain_suffix));
}

const struct provider *provider_by_mx(const char *mx_host)
{
	return find(mx_host, by_mx, ARRAY_LEN(by_mx), by_mx_suffix, ARRAY_LEN(by_mx_suffix));
}

const struct provider *provider_by_name(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(providers); i++)
		if (!strcmp(providers[i].name, name))
			return &providers[i];
	return NULL;
}

const char *provider_near_host(const char *host)
{
	char folded[NAME_MAX_BYTES + 1];
	if (!name_fold(host, folded) || provider_by_host(folded))
		return NULL;
	struct nearest near = nearest_to(str_of(folded), NEAREST_WRONG);
	for (size_t i = 0; i < ARRAY_LEN(providers); i++) /* well-known ones first: they win a draw */
		for (size_t s = 0; s < providers[i].nservers; s++)
			nearest_look(&near, providers[i].servers[s].host);
	return near.name;
}

bool provider_lacks_port(const struct provider *p, const char *host, unsigned port)
{
	char folded[NAME_MAX_BYTES + 1];
	bool on_host = false;
	if (!p || !p->servers_complete || !name_fold(host, folded))
		return false;
	for (size_t i = 0; i < p->nservers; i++) {
		if (strcmp(p->servers[i].host, folded) != 0)
			continue;
		if (p->servers[i].port == port)
			return false;
		on_host = true;
	}
	return on_host;
}

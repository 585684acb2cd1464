/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/provider_tell.h"

#include <string.h>

#include "catalog/provider.h"

static const char *name_of(const struct provider *p)
{
	return p ? p->name : "";
}

static const char *by_any_host(const char *host)
{
	if (!host || !*host)
		return "";
	const struct provider *p = provider_by_host(host);
	return name_of(p ? p : provider_by_mx(host));
}

const char *provider_tell_server(const struct explain_hint *hint, const char *host)
{
	if (hint->provider && *hint->provider)
		return hint->provider;
	const char *name = by_any_host(hint->host);
	return *name ? name : by_any_host(host);
}

const char *provider_tell_address(const char *address)
{
	const char *at = address ? strrchr(address, '@') : NULL;
	if (!at)
		return "";
	return name_of(provider_by_domain(at + 1));
}

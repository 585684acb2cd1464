/* SPDX-License-Identifier: Apache-2.0 */
#include "check/rule_inner.h"

#include <string.h>

#include "mail/ipaddr.h"
#include "smtp/host.h"

bool rule_is_internal(const char *address)
{
	struct ipaddr ip;
	return ipaddr_read(str_of(address), &ip) && ipaddr_is_internal(&ip);
}

/* "192.0.2.53:53", "[2001:db8::53]:53" */
bool rule_asked_inside(struct verdict *v, const struct fact *answer)
{
	const char *server = answer->dns.resolver, *colon = strrchr(server, ':');
	bool bracket = *server == '[';
	size_t len = colon ? (size_t)(colon - server) : strlen(server);
	return len > 2 && rule_is_internal(arena_dup(v->arena, server + bracket, len - (bracket ? 2u : 0u)));
}

/* Where the caches and stubs of this machine itself listen. */
static bool is_stub(const char *resolver)
{
	static const char *const at[] = { "127.0.0.1:53", "127.0.0.53:53", "127.0.0.54:53", "127.0.1.1:53",
					  "[::1]:53" };
	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		if (z_eq(resolver, at[i]))
			return true;
	return false;
}

bool rule_is_own_view(struct verdict *v, const struct fact *answer, const char *address)
{
	bool loopback = smtp_host_is_loopback(address);
	return rule_asked_inside(v, answer) && (!loopback || !is_stub(answer->dns.resolver));
}

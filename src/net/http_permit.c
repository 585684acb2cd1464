/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request may go: judged by its guard, remembered, and asked again at the socket. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "net/http_inner.h"

bool http_is_literal(const char *host)
{
	unsigned char raw[4];
	return *host == '[' || inet_pton(AF_INET, host, raw) == 1;
}

bool http_is_loopback(const char *address)
{
	unsigned char raw[4];
	return (inet_pton(AF_INET, address, raw) == 1 && raw[0] == 127) || !strcmp(address, "::1") ||
	       !strcmp(address, "[::1]");
}

/* Without its brackets. */
static const char *bare(struct http_request *r, const char *address)
{
	struct str s = str_of(address);
	if (s.len && s.p[0] == '[')
		s = str_cut(s, 1, s.len - 1);
	return arena_str(r->arena, s).p;
}

void http_permit(struct http_request *r, const char *address)
{
	strlist_add(&r->permitted, r->arena, bare(r, address));
}

bool http_may_open(const struct http_request *r, const struct sockaddr *to)
{
	char address[INET6_ADDRSTRLEN];
	unsigned char want[sizeof(struct in6_addr)], have[sizeof(want)];
	const void *raw = to->sa_family == AF_INET
				  ? (const void *)&((const struct sockaddr_in *)to)->sin_addr
				  : (const void *)&((const struct sockaddr_in6 *)to)->sin6_addr;
	if (!r->guard && !r->loopback)
		return true;
	if (!inet_ntop(to->sa_family, raw, address, sizeof(address)) ||
	    inet_pton(to->sa_family, address, want) != 1)
		return false;
	size_t n = to->sa_family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	for (size_t i = 0; i < r->permitted.n; i++)
		if (inet_pton(to->sa_family, r->permitted.v[i], have) == 1 && !memcmp(want, have, n))
			return true;
	return false;
}

bool http_may_connect(struct http_request *r, const char *address)
{
	return net_guard_allows(r->guard, bare(r, address), (unsigned)strtoul(r->port, NULL, 10));
}

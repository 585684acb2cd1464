/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/address.h"

#include <string.h>

bool address_split(const char *text, char *address, size_t size, unsigned *port)
{
	struct str s = str_of(text);
	const char *colon = strrchr(text, ':');
	unsigned long n;
	if (!colon || !str_number(str_of(colon + 1), 65535, &n))
		return false;
	s.len = (size_t)(colon - text);
	if (s.len >= 2 && s.p[0] == '[' && s.p[s.len - 1] == ']')
		s = str_cut(s, 1, s.len - 1);
	if (!s.len || s.len >= size)
		return false;
	memcpy(address, s.p, s.len);
	address[s.len] = '\0';
	*port = (unsigned)n;
	return true;
}

const char *address_here(const struct world *w, const char *address)
{
	static const struct {
		const char *net;
		int second;
	} nets[] = { { "192.0.2.", 2 }, { "198.51.100.", 51 }, { "203.0.113.", 113 } };
	for (size_t i = 0; !w->isolated && i < ARRAY_LEN(nets); i++)
		if (!strncmp(address, nets[i].net, strlen(nets[i].net)))
			return arena_printf(w->arena, "127.%d.0.%s", nets[i].second,
					    address + strlen(nets[i].net));
	return address;
}

bool address_socket(const struct world *w, const char *text, struct sockaddr_storage *ss)
{
	char address[ADDRESS_BYTES];
	unsigned port;
	if (!address_split(text, address, sizeof(address), &port))
		return false;
	const char *here = address_here(w, address);
	return uv_ip4_addr(here, (int)port, (struct sockaddr_in *)ss) == 0 ||
	       uv_ip6_addr(here, (int)port, (struct sockaddr_in6 *)ss) == 0;
}

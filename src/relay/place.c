/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/place.h"

#include <string.h>

#include "net/route.h"

bool place_read(const char *where, struct place *out)
{
	const char *colon = strrchr(where, ':');
	struct str s = { where, colon ? (size_t)(colon - where) : 0 };
	if (s.len > 2 && *s.p == '[')
		s = str_cut(s, 1, s.len - 1);
	out->both = str_eq(s, "*");
	return colon && ipaddr_read(out->both ? STR_LIT("0.0.0.0") : s, &out->address) &&
	       str_number(str_of(colon + 1), 65535, &out->port) && out->port;
}

static bool is_any(const struct ipaddr *a)
{
	static const unsigned char zero[16] = { 0 };
	return !memcmp(a->bytes, zero, a->family == 4 ? 4 : 16);
}

/* It listens at each address of the machine. */
static bool is_everywhere(const struct place *p)
{
	return is_any(&p->address);
}

bool place_is_shared(const struct place *a, const struct place *b)
{
	if (a->port != b->port)
		return false;
	if (a->both || b->both)
		return true;
	bool wide = is_everywhere(a) || is_everywhere(b);
	return a->address.family == b->address.family && (wide || ipaddr_eq(&a->address, &b->address));
}

/* connect() to no address at all ends at this machine's loopback. */
static struct ipaddr reached(const struct ipaddr *to)
{
	struct ipaddr is = ipaddr_unmapped(*to), loopback;
	return is_any(&is) && ipaddr_read(is.family == 4 ? STR_LIT("127.0.0.1") : STR_LIT("::1"), &loopback)
		       ? loopback
		       : is;
}

/* A listener at [::] takes IPv6 alone. */
bool place_takes(const struct place *p, const struct ipaddr *to)
{
	struct ipaddr is = reached(to);
	char text[IPADDR_TEXT_BYTES];
	if (!p->both && is.family != p->address.family)
		return false;
	return ipaddr_eq(&is, &p->address) || (is_everywhere(p) && net_route_is_here(ipaddr_text(&is, text)));
}

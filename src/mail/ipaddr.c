/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/ipaddr.h"

#include <arpa/inet.h>
#include <string.h>

bool ipaddr_read(struct str s, struct ipaddr *out)
{
	char z[IPADDR_TEXT_BYTES];
	*out = (struct ipaddr){ 0 };
	if (!s.len || s.len >= sizeof(z) || memchr(s.p, 0, s.len))
		return false;
	memcpy(z, s.p, s.len);
	z[s.len] = 0;
	if (inet_pton(AF_INET, z, out->bytes) == 1)
		out->family = 4;
	else if (inet_pton(AF_INET6, z, out->bytes) == 1)
		out->family = 6;
	return out->family != 0;
}

struct ipaddr ipaddr_unmapped(struct ipaddr a)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	if (a.family != 6 || memcmp(a.bytes, mapped, sizeof(mapped)) != 0)
		return a;
	struct ipaddr four = { .family = 4 };
	memcpy(four.bytes, a.bytes + 12, 4);
	return four;
}

const char *ipaddr_text(const struct ipaddr *a, char out[IPADDR_TEXT_BYTES])
{
	out[0] = 0;
	if (a->family)
		inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->bytes, out, IPADDR_TEXT_BYTES);
	return out;
}

bool ipaddr_eq(const struct ipaddr *a, const struct ipaddr *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16);
}

bool ipaddr_in(const struct ipaddr *a, const struct ipaddr *net, unsigned bits)
{
	if (!a->family || a->family != net->family || bits > (a->family == 4 ? 32 : 128))
		return false;
	size_t whole = bits / 8;
	if (memcmp(a->bytes, net->bytes, whole) != 0)
		return false;
	unsigned rest = bits % 8;
	return !rest || !((a->bytes[whole] ^ net->bytes[whole]) >> (8 - rest));
}

bool ipaddr_is_internal(const struct ipaddr *a)
{
	static const struct {
		struct ipaddr net;
		unsigned bits;
	} internal[] = {
		{ { 4, { 0 } }, 8 },         { { 4, { 10 } }, 8 },          { { 4, { 100, 64 } }, 10 },
		{ { 4, { 127 } }, 8 },       { { 4, { 169, 254 } }, 16 },   { { 4, { 172, 16 } }, 12 },
		{ { 4, { 192, 168 } }, 16 }, { { 6, { [15] = 0 } }, 128 },  { { 6, { [15] = 1 } }, 128 },
		{ { 6, { 0xfc } }, 7 },      { { 6, { 0xfe, 0x80 } }, 10 },
	};
	struct ipaddr plain = ipaddr_unmapped(*a);
	for (size_t i = 0; i < ARRAY_LEN(internal); i++)
		if (ipaddr_in(&plain, &internal[i].net, internal[i].bits))
			return true;
	return false;
}

static const char hex[] = "0123456789abcdef";

static unsigned nibble(const struct ipaddr *a, unsigned i)
{
	return i % 2 ? a->bytes[i / 2] & 15u : a->bytes[i / 2] >> 4;
}

/* 32 nibbles with dots between; step through them upward or downward. */
static const char *nibbles(struct arena *ar, const struct ipaddr *a, bool reversed)
{
	char *z = arena_alloc(ar, 64);
	for (unsigned i = 0; i < 32; i++) {
		z[i * 2] = hex[nibble(a, reversed ? 31 - i : i)];
		z[i * 2 + 1] = i < 31 ? '.' : 0;
	}
	return z;
}

const char *ipaddr_reversed(struct arena *ar, const struct ipaddr *a)
{
	const unsigned char *b = a->bytes;
	if (a->family == 4)
		return arena_printf(ar, "%u.%u.%u.%u", b[3], b[2], b[1], b[0]);
	return a->family ? nibbles(ar, a, true) : "";
}

const char *ipaddr_ptr_name(struct arena *ar, const struct ipaddr *a)
{
	return arena_printf(ar, "%s.%s.arpa", ipaddr_reversed(ar, a), a->family == 4 ? "in-addr" : "ip6");
}

const char *ipaddr_dotted(struct arena *ar, const struct ipaddr *a)
{
	char z[IPADDR_TEXT_BYTES];
	return a->family == 6 ? nibbles(ar, a, false) : arena_strdup(ar, ipaddr_text(a, z));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "net/address.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

struct block {
	unsigned char prefix[16];
	unsigned bits;
};

/* IANA IPv4 Special-Purpose Address Registry, multicast and the reserved rest. */
static const struct block special4[] = {
	{ { 0 }, 8 },
	{ { 10 }, 8 },
	{ { 100, 64 }, 10 },
	{ { 127 }, 8 },
	{ { 169, 254 }, 16 },
	{ { 172, 16 }, 12 },
	{ { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 },
	{ { 192, 88, 99 }, 24 },
	{ { 192, 168 }, 16 },
	{ { 198, 18 }, 15 },
	{ { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 },
	{ { 224 }, 3 },
};

/* IPv6: within 2000::/3, which alone is handed out. */
static const struct block special6[] = {
	{ { 0x20, 0x01, 0x00, 0x00 }, 23 }, /* protocol assignments, Teredo among them */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x3f, 0xff, 0x00 }, 20 },       /* documentation */
};

static const struct block global6 = { { 0x20 }, 3 };

/* Those that carry an IPv4 address, and where it stands. */
static const struct {
	struct block block;
	size_t at;
} carriers[] = {
	{ { { [10] = 0xff, 0xff }, 96 }, 12 },      /* mapped */
	{ { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 }, /* NAT64 */
	{ { { 0x20, 0x02 }, 16 }, 2 },              /* 6to4 */
};

static bool is_in(const unsigned char *a, const struct block *b)
{
	unsigned whole = b->bits / 8, rest = b->bits % 8;
	unsigned mask = 0xff00u >> rest & 0xff;
	return !memcmp(a, b->prefix, whole) && (!rest || (a[whole] & mask) == (b->prefix[whole] & mask));
}

static bool is_public4(const unsigned char *a)
{
	for (size_t i = 0; i < ARRAY_LEN(special4); i++)
		if (is_in(a, &special4[i]))
			return false;
	return true;
}

static bool is_public6(const unsigned char *a)
{
	for (size_t i = 0; i < ARRAY_LEN(carriers); i++)
		if (is_in(a, &carriers[i].block))
			return is_public4(a + carriers[i].at);
	for (size_t i = 0; i < ARRAY_LEN(special6); i++)
		if (is_in(a, &special6[i]))
			return false;
	return is_in(a, &global6);
}

bool net_address_is_public(const char *numeric)
{
	unsigned char raw[16];
	if (inet_pton(AF_INET, numeric, raw) == 1)
		return is_public4(raw);
	return inet_pton(AF_INET6, numeric, raw) == 1 && is_public6(raw);
}

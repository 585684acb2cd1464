/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pack.h"

void pack_u(struct buf *b, uint64_t v)
{
	unsigned char bytes[10];
	size_t n = 0;
	for (; v >= 128; v >>= 7)
		bytes[n++] = (unsigned char)(v | 128);
	bytes[n++] = (unsigned char)v;
	buf_add(b, bytes, n);
}

void pack_i(struct buf *b, int64_t v)
{
	pack_u(b, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

void pack_s(struct buf *b, struct str s)
{
	pack_u(b, s.len);
	buf_add(b, s.p, s.len);
}

static uint64_t unpack_bad(struct unpack *u)
{
	u->bad = true;
	u->left.len = 0;
	return 0;
}

uint64_t unpack_u(struct unpack *u)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 64 && u->left.len; shift += 7) {
		unsigned char c = (unsigned char)*u->left.p;
		u->left = str_cut(u->left, 1, u->left.len);
		if (shift == 63 && c > 1)
			break;
		v |= (uint64_t)(c & 127) << shift;
		if (c < 128)
			return v;
	}
	return unpack_bad(u);
}

int64_t unpack_i(struct unpack *u)
{
	uint64_t v = unpack_u(u);
	return (int64_t)(v >> 1 ^ (~(v & 1) + 1));
}

struct str unpack_s(struct unpack *u)
{
	uint64_t n = unpack_u(u);
	if (n > u->left.len) {
		unpack_bad(u);
		return (struct str){ "", 0 };
	}
	struct str s = str_cut(u->left, 0, (size_t)n);
	u->left = str_cut(u->left, (size_t)n, u->left.len);
	return s;
}

uint64_t unpack_most(struct unpack *u, uint64_t most)
{
	uint64_t v = unpack_u(u);
	return v <= most ? v : unpack_bad(u);
}

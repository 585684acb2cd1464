/* SPDX-License-Identifier: Apache-2.0 */
#include "store/siphash.h"

#include "base/eight.h"

static uint64_t turn(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static void rounds(uint64_t v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[1] = turn(v[1], 13) ^ v[0];
		v[0] = turn(v[0], 32);
		v[2] += v[3];
		v[3] = turn(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = turn(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = turn(v[1], 17) ^ v[2];
		v[2] = turn(v[2], 32);
	}
}

void sip_begin(struct sip *s, struct sip_key key)
{
	*s = (struct sip){ .v = { key.k[0] ^ 0x736f6d6570736575u, key.k[1] ^ 0x646f72616e646f6du,
				  key.k[0] ^ 0x6c7967656e657261u, key.k[1] ^ 0x7465646279746573u } };
}

void sip_begin_wide(struct sip *s, struct sip_key key)
{
	sip_begin(s, key);
	s->v[1] ^= 0xee;
	s->wide = true;
}

static void word(struct sip *s, uint64_t m)
{
	s->v[3] ^= m;
	rounds(s->v, 2);
	s->v[0] ^= m;
}

void sip_add(struct sip *s, struct str bytes)
{
	size_t i = 0;
	for (unsigned shift = 8 * (s->len & 7); i + 8 <= bytes.len;
	     i += 8) { /* eight at a time, however they lie */
		uint64_t eight = eight_at(bytes.p + i);
		word(s, s->tail | eight << shift);
		s->tail = shift ? eight >> (64 - shift) : 0;
		s->len += 8;
	}
	for (; i < bytes.len; i++) {
		s->tail |= (uint64_t)(unsigned char)bytes.p[i] << 8 * (s->len & 7);
		if ((++s->len & 7) == 0) {
			word(s, s->tail);
			s->tail = 0;
		}
	}
}

static uint64_t fold(const uint64_t v[4])
{
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t sip_end(struct sip *s, uint64_t *high)
{
	word(s, s->tail | s->len << 56);
	s->v[2] ^= s->wide ? 0xee : 0xff;
	rounds(s->v, 4);
	uint64_t low = fold(s->v);
	if (s->wide && high) {
		s->v[1] ^= 0xdd;
		rounds(s->v, 4);
		*high = fold(s->v);
	}
	return low;
}

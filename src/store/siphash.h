/* SPDX-License-Identifier: Apache-2.0 */
/* store/siphash.h - SipHash-2-4 (Aumasson, Bernstein 2012): a hash nobody can aim at without the key. */
#ifndef STORE_SIPHASH_H
#define STORE_SIPHASH_H

#include <stdint.h>

#include "base/str.h"

struct sip_key {
	uint64_t k[2];
};

struct sip { /* one hash in the making */
	uint64_t v[4], tail;
	uint64_t len;
	bool wide;
};

void sip_begin(struct sip *s, struct sip_key key);      /* 64 bits */
void sip_begin_wide(struct sip *s, struct sip_key key); /* 128 bits */
void sip_add(struct sip *s, struct str bytes);
uint64_t sip_end(struct sip *s, uint64_t *high); /* high: may be NULL unless wide */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/known.h"

#include <stdint.h>
#include <stdlib.h>

struct known {
	uint64_t prints[KNOWN_NAMES]; /* each where its own number says; 0: free */
};

/* FNV-1a, and its high bits brought down. */
static uint64_t print_of(struct str name)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.p[i]) * UINT64_C(1099511628211);
	h ^= h >> 32;
	return h ? h : 1;
}

struct known *known_new(void)
{
	return mem_alloc(sizeof(struct known));
}

void known_free(struct known **k)
{
	mem_free(k);
}

void known_add(struct known *k, struct str name)
{
	uint64_t h = print_of(name);
	k->prints[h % KNOWN_NAMES] = h;
}

void known_drop(struct known *k, struct str name)
{
	uint64_t h = print_of(name), *at = &k->prints[h % KNOWN_NAMES];
	if (*at == h)
		*at = 0;
}

bool known_has(const struct known *k, struct str name)
{
	uint64_t h = print_of(name);
	return k->prints[h % KNOWN_NAMES] == h;
}

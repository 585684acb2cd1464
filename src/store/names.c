/* SPDX-License-Identifier: Apache-2.0 */
#include "store/names.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash_of(struct str s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619u;
	return h * 0x9e3779b1u;
}

static size_t slot_of(const struct names *t, struct str name, uint32_t hash)
{
	size_t i = hash & (t->room - 1);
	for (struct named *x; (x = t->v[i]); i = (i + 1) & (t->room - 1))
		if (x->hash == hash && x->len == name.len && !memcmp(x->name, name.p, name.len))
			break;
	return i;
}

static void grow(struct names *t)
{
	struct names old = *t;
	t->room = old.room ? old.room * 2 : 64;
	t->v = mem_alloc(t->room * sizeof(struct named *));
	for (size_t i = 0; i < old.room; i++)
		if (old.v[i])
			t->v[slot_of(t, (struct str){ old.v[i]->name, old.v[i]->len }, old.v[i]->hash)] =
				old.v[i];
	free(old.v);
}

struct named *names_find(const struct names *t, struct str name)
{
	return t->room ? t->v[slot_of(t, name, hash_of(name))] : NULL;
}

void *names_use(struct names *t, struct str name, size_t size)
{
	if (t->n * 2 >= t->room)
		grow(t);
	uint32_t hash = hash_of(name);
	size_t i = slot_of(t, name, hash);
	if (!t->v[i]) {
		struct named *x = mem_alloc(size);
		*x = (struct named){ mem_dup(name.p, name.len), hash, (uint32_t)name.len, 0 };
		t->v[i] = x;
		t->n++;
	}
	t->v[i]->users++;
	return t->v[i];
}

/* Takes slot i out and moves up what was pushed past it. */
static void take_out(struct names *t, size_t i)
{
	size_t mask = t->room - 1;
	for (size_t j = (i + 1) & mask; t->v[j]; j = (j + 1) & mask) {
		size_t home = t->v[j]->hash & mask;
		if (((j - home) & mask) >= ((j - i) & mask)) {
			t->v[i] = t->v[j];
			i = j;
		}
	}
	t->v[i] = NULL;
	t->n--;
}

bool names_leave(struct names *t, struct named *x)
{
	if (--x->users)
		return false;
	take_out(t, slot_of(t, (struct str){ x->name, x->len }, x->hash));
	return true;
}

void names_free(struct named *x)
{
	free(x->name);
	free(x);
}

void names_drop(struct names *t, void (*clear)(struct named *x))
{
	for (size_t i = 0; i < t->room; i++) {
		if (!t->v[i])
			continue;
		if (clear)
			clear(t->v[i]);
		names_free(t->v[i]);
	}
	free(t->v);
	*t = (struct names){ 0 };
}

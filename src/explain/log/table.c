/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/table.h"

#include <string.h>

/* The head of a slot is one line of a processor's cache. */
struct head {
	uint64_t hash;
	uint32_t older, younger;
	uint8_t key_len; /* LOG_KEY_MAX + 1: longer */
	char key[LOG_KEY_MAX];
};

struct entry {
	uint32_t slot_1; /* slot + 1; 0: empty */
	uint32_t tag;    /* upper half of the hash */
};

struct log_table {
	uint32_t slots, mask; /* mask: of index, which is twice as large as what it holds, or larger */
	size_t stride;
	unsigned char **blocks; /* of BLOCK slots each, made when the first of them is used */
	struct entry *index;
	uint32_t *spare; /* slots given back, last first */
	uint32_t nspare, used, count;
	uint32_t oldest, youngest;
};

/* The index begins small, so that a log with few messages open at a time stays in the cache. */
enum { INDEX_FIRST = 1 << 10, BLOCK = 1 << 8 };

struct log_table *log_table_new(uint32_t slots, size_t bytes)
{
	struct log_table *t = mem_alloc(sizeof(*t));
	t->slots = slots;
	t->mask = (slots * 2 < INDEX_FIRST ? slots * 2 : INDEX_FIRST) - 1;
	t->stride = sizeof(struct head) + (bytes + 7) / 8 * 8;
	t->blocks = mem_alloc((slots + BLOCK - 1) / BLOCK * sizeof(*t->blocks));
	t->index = mem_alloc(((size_t)t->mask + 1) * sizeof(*t->index));
	t->spare = mem_alloc(slots * sizeof(*t->spare));
	t->oldest = t->youngest = LOG_NO_SLOT;
	return t;
}

void log_table_free(struct log_table **t)
{
	if (!*t)
		return;
	for (uint32_t i = 0; i < ((*t)->slots + BLOCK - 1) / BLOCK; i++)
		mem_free(&(*t)->blocks[i]);
	mem_free(&(*t)->blocks);
	mem_free(&(*t)->index);
	mem_free(&(*t)->spare);
	mem_free(t);
}

static struct head *head_at(const struct log_table *t, uint32_t slot)
{
	return (struct head *)(t->blocks[slot / BLOCK] + slot % BLOCK * t->stride);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;
	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t load(const char *p, size_t n)
{
	uint64_t v = 0;
	memcpy(&v, p, n);
	return v;
}

/* Wang Yi's folded multiply, eight bytes at a time. */
uint64_t log_hash(struct str s)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ s.len;
	for (; s.len > 8; s.p += 8, s.len -= 8)
		h = mix(h ^ load(s.p, 8), 0xa0761d6478bd642fu);
	return mix(h ^ load(s.p, s.len), 0xe7037ed1a0b428dbu);
}

static bool is_key(const struct head *h, uint64_t hash, struct str key)
{
	size_t n = key.len > LOG_KEY_MAX ? LOG_KEY_MAX : key.len;
	return h->hash == hash && h->key_len == (key.len > LOG_KEY_MAX ? LOG_KEY_MAX + 1 : key.len) &&
	       !memcmp(h->key, key.p, n);
}

uint32_t log_table_find(const struct log_table *t, struct str key)
{
	uint64_t hash = log_hash(key);
	for (uint32_t i = (uint32_t)hash & t->mask; t->index[i].slot_1; i = (i + 1) & t->mask)
		if (t->index[i].tag == (uint32_t)(hash >> 32) &&
		    is_key(head_at(t, t->index[i].slot_1 - 1), hash, key))
			return t->index[i].slot_1 - 1;
	return LOG_NO_SLOT;
}

static void link_youngest(struct log_table *t, uint32_t slot)
{
	struct head *h = head_at(t, slot);
	h->older = t->youngest;
	h->younger = LOG_NO_SLOT;
	if (t->youngest != LOG_NO_SLOT)
		head_at(t, t->youngest)->younger = slot;
	else
		t->oldest = slot;
	t->youngest = slot;
}

static void unlink_slot(struct log_table *t, uint32_t slot)
{
	struct head *h = head_at(t, slot);
	if (h->older != LOG_NO_SLOT)
		head_at(t, h->older)->younger = h->younger;
	else
		t->oldest = h->younger;
	if (h->younger != LOG_NO_SLOT)
		head_at(t, h->younger)->older = h->older;
	else
		t->youngest = h->older;
}

static void index_put(struct log_table *t, uint32_t slot)
{
	uint64_t hash = head_at(t, slot)->hash;
	uint32_t i = (uint32_t)hash & t->mask;
	while (t->index[i].slot_1)
		i = (i + 1) & t->mask;
	t->index[i] = (struct entry){ slot + 1, (uint32_t)(hash >> 32) };
}

static void index_grow(struct log_table *t)
{
	t->mask = t->mask * 2 + 1;
	mem_free(&t->index);
	t->index = mem_alloc(((size_t)t->mask + 1) * sizeof(*t->index));
	for (uint32_t slot = t->oldest; slot != LOG_NO_SLOT; slot = head_at(t, slot)->younger)
		index_put(t, slot);
}

uint32_t log_table_add(struct log_table *t, struct str key)
{
	if ((t->count + 1) * 2 > t->mask + 1)
		index_grow(t);
	uint32_t slot = t->nspare ? t->spare[--t->nspare] : t->used++;
	if (!t->blocks[slot / BLOCK])
		t->blocks[slot / BLOCK] = mem_alloc(BLOCK * t->stride);
	struct head *h = head_at(t, slot);
	h->hash = log_hash(key);
	h->key_len = (uint8_t)(key.len > LOG_KEY_MAX ? LOG_KEY_MAX + 1 : key.len);
	memcpy(h->key, key.p, key.len > LOG_KEY_MAX ? LOG_KEY_MAX : key.len);
	index_put(t, slot);
	link_youngest(t, slot);
	t->count++;
	return slot;
}

/* Closes the gap at i, so that no search ends before its key (Knuth 6.4, algorithm R). */
static void index_close(struct log_table *t, uint32_t i)
{
	for (uint32_t j = (i + 1) & t->mask; t->index[j].slot_1; j = (j + 1) & t->mask) {
		uint32_t home = (uint32_t)head_at(t, t->index[j].slot_1 - 1)->hash & t->mask;
		if (((j - home) & t->mask) < ((j - i) & t->mask))
			continue;
		t->index[i] = t->index[j];
		i = j;
	}
	t->index[i].slot_1 = 0;
}

void log_table_remove(struct log_table *t, uint32_t slot)
{
	uint32_t i = (uint32_t)head_at(t, slot)->hash & t->mask;
	while (t->index[i].slot_1 != slot + 1)
		i = (i + 1) & t->mask;
	index_close(t, i);
	unlink_slot(t, slot);
	t->spare[t->nspare++] = slot;
	t->count--;
}

void log_table_touch(struct log_table *t, uint32_t slot)
{
	if (t->youngest == slot)
		return;
	unlink_slot(t, slot);
	link_youngest(t, slot);
}

void *log_table_at(const struct log_table *t, uint32_t slot)
{
	return head_at(t, slot) + 1;
}

struct str log_table_key(const struct log_table *t, uint32_t slot)
{
	const struct head *h = head_at(t, slot);
	return (struct str){ h->key, h->key_len > LOG_KEY_MAX ? LOG_KEY_MAX : h->key_len };
}

uint32_t log_table_oldest(const struct log_table *t)
{
	return t->oldest;
}

bool log_table_full(const struct log_table *t)
{
	return t->count == t->slots;
}

uint32_t log_table_count(const struct log_table *t)
{
	return t->count;
}

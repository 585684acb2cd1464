/* SPDX-License-Identifier: Apache-2.0 */
#include "store/keys.h"

#include <stdlib.h>
#include <string.h>

#include "store/message.h"
#include "store/words.h"

enum {
	KEYS_ROOM = 1024, /* a power of two */
	SMALL_BYTES = 64,
};

struct seen {
	uint64_t key[2];
	struct store_id id; /* seq 0: empty */
	uint64_t order;
};

struct keys {
	struct seen *v;
	size_t n, room;
};

struct keys *keys_new(void)
{
	struct keys *k = mem_alloc(sizeof(*k));
	k->room = KEYS_ROOM;
	k->v = mem_alloc(k->room * sizeof(*k->v));
	return k;
}

void keys_free(struct keys **k)
{
	if (*k)
		free((*k)->v);
	mem_free(k);
}

static void add_length(struct sip *s, size_t n)
{
	unsigned char b[8];
	for (int i = 0; i < 8; i++)
		b[i] = (unsigned char)(n >> 8 * i);
	sip_add(s, (struct str){ (const char *)b, sizeof(b) });
}

static void add_small(struct sip *s, struct str text)
{
	char small[SMALL_BYTES];
	while (text.len) {
		size_t n = words_lower(text, small, sizeof(small));
		sip_add(s, (struct str){ small, n });
		text = str_cut(text, n, text.len);
	}
}

void keys_hash(struct sip_key sip, struct str account, struct str key, struct str recipient, uint64_t out[2])
{
	struct sip s;
	sip_begin_wide(&s, sip);
	add_length(&s, account.len);
	sip_add(&s, account);
	add_length(&s, key.len);
	sip_add(&s, key);
	const char *at = memrchr(recipient.p, '@', recipient.len);
	size_t local = at ? (size_t)(at - recipient.p) + 1 : recipient.len;
	sip_add(&s, str_cut(recipient, 0, local));
	add_small(&s, str_cut(recipient, local, recipient.len));
	out[0] = sip_end(&s, &out[1]);
}

bool keys_whole(struct sip_key sip, struct str account, struct str key, uint64_t spent[2], uint64_t same[2])
{
	const char *print = memrchr(key.p, STORE_KEY_PRINT, key.len);
	if (!print)
		return false;
	keys_hash(sip, account, str_cut(key, 0, (size_t)(print - key.p)), STR_LIT(""), spent);
	keys_hash(sip, account, key, STR_LIT(""), same);
	return true;
}

static size_t slot_of(const struct keys *k, const uint64_t key[2])
{
	size_t i = (size_t)key[0] & (k->room - 1);
	while (k->v[i].id.seq && (k->v[i].key[0] != key[0] || k->v[i].key[1] != key[1]))
		i = (i + 1) & (k->room - 1);
	return i;
}

static void rebuild(struct keys *k, size_t room, uint64_t after)
{
	struct keys old = *k;
	*k = (struct keys){ mem_alloc(room * sizeof(*k->v)), 0, room };
	for (size_t i = 0; i < old.room; i++) {
		if (!old.v[i].id.seq || old.v[i].order <= after)
			continue;
		k->v[slot_of(k, old.v[i].key)] = old.v[i];
		k->n++;
	}
	free(old.v);
}

void keys_put(struct keys *k, const uint64_t key[2], struct store_id id, uint64_t order)
{
	if (k->n * 2 >= k->room)
		rebuild(k, k->room * 2, 0);
	struct seen *x = &k->v[slot_of(k, key)];
	k->n += !x->id.seq;
	*x = (struct seen){ { key[0], key[1] }, id, order };
}

bool keys_get(const struct keys *k, const uint64_t key[2], struct store_id *id)
{
	const struct seen *x = &k->v[slot_of(k, key)];
	if (x->id.seq)
		*id = x->id;
	return x->id.seq;
}

bool keys_is_after(const struct keys *k, const uint64_t key[2], uint64_t order)
{
	const struct seen *x = &k->v[slot_of(k, key)];
	return x->id.seq && x->order > order;
}

void keys_drop(struct keys *k, const uint64_t key[2])
{
	size_t mask = k->room - 1, i = slot_of(k, key);
	if (!k->v[i].id.seq)
		return;
	for (size_t j = (i + 1) & mask; k->v[j].id.seq; j = (j + 1) & mask) {
		size_t home = (size_t)k->v[j].key[0] & mask;
		if (((j - home) & mask) >= ((j - i) & mask)) {
			k->v[i] = k->v[j];
			i = j;
		}
	}
	k->v[i] = (struct seen){ 0 };
	k->n--;
}

void keys_forget(struct keys *k, uint64_t order)
{
	if (k->n < KEYS_ROOM / 4)
		return;
	size_t room = k->room;
	rebuild(k, room, order);
	if (room > KEYS_ROOM && k->n * 16 < room)
		rebuild(k, room / 2, 0);
}

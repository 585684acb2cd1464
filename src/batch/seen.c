/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/seen.h"

#include <stdlib.h>

#include "store/siphash.h"

enum { FIRST_ROOM = 1024 };

struct seen_slot {
	struct seen_mark mark;
	uint64_t number; /* 0: free */
};

_Static_assert(sizeof(struct seen_slot) == SEEN_BYTES, "a slot's size is told");

struct seen_mark seen_mark(const struct str *texts, size_t n)
{
	/* No secret: who writes the table can make two rows alike by writing them alike. */
	static const struct sip_key key = { { 0x706f737472696465, 0x722d626174636831 } };
	struct sip s;
	struct seen_mark m;
	sip_begin_wide(&s, key);
	for (size_t i = 0; i < n; i++) {
		uint64_t len = texts[i].len;
		sip_add(&s, (struct str){ (const char *)&len, sizeof(len) });
		sip_add(&s, texts[i]);
	}
	m.low = sip_end(&s, &m.high);
	return m;
}

void seen_clear(struct seen *s)
{
	free(s->v);
	*s = (struct seen){ 0 };
}

/* Linear probing; at most three quarters are taken. */
static struct seen_slot *slot_of(const struct seen *s, struct seen_mark m)
{
	size_t i = m.low & (s->room - 1);
	while (s->v[i].number && (s->v[i].mark.low != m.low || s->v[i].mark.high != m.high))
		i = (i + 1) & (s->room - 1);
	return &s->v[i];
}

static void grow(struct seen *s)
{
	struct seen more = { .n = s->n, .room = s->room ? 2 * s->room : FIRST_ROOM };
	more.v = mem_alloc(more.room * sizeof(*more.v));
	for (size_t i = 0; i < s->room; i++)
		if (s->v[i].number)
			*slot_of(&more, s->v[i].mark) = s->v[i];
	free(s->v);
	*s = more;
}

uint64_t seen_put(struct seen *s, struct seen_mark m, uint64_t number)
{
	if (4 * (s->n + 1) > 3 * s->room)
		grow(s);
	struct seen_slot *x = slot_of(s, m);
	if (x->number)
		return x->number;
	*x = (struct seen_slot){ m, number };
	s->n++;
	return 0;
}

uint64_t seen_get(const struct seen *s, struct seen_mark m)
{
	return s->room ? slot_of(s, m)->number : 0;
}

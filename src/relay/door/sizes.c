/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/sizes.h"

#include "store/names.h"

struct size {
	struct named named; /* first */
	long size;
	int64_t at_ms;
};

struct sizes {
	struct names names;
};

struct sizes *sizes_new(void)
{
	return mem_alloc(sizeof(struct sizes));
}

void sizes_free(struct sizes **sp)
{
	struct sizes *s = *sp;
	if (!s)
		return;
	names_drop(&s->names, NULL);
	mem_free(sp);
}

void sizes_learn(struct sizes *s, struct str lane, long size, int64_t now_ms)
{
	struct size *x = (struct size *)names_find(&s->names, lane);
	if (!x && (size <= 0 || s->names.n >= SIZES_MAX))
		return;
	if (!x)
		x = names_use(&s->names, lane, sizeof(*x));
	x->size = size > 0 ? size : 0;
	x->at_ms = now_ms;
}

long sizes_of(const struct sizes *s, struct str lane, int64_t now_ms)
{
	const struct size *x = (const struct size *)names_find(&s->names, lane);
	return x && now_ms - x->at_ms < SIZES_KEEP_MS ? x->size : 0;
}

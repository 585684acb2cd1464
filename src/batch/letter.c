/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/letter.h"

#include "mail/base64_lines.h"

void letter_begin(struct letter *l, uint64_t row)
{
	struct buf bytes = l->bytes, held = l->held, scratch = l->scratch;
	arena_free(&l->arena);
	buf_take(&bytes, buf_waiting(&bytes));
	buf_take(&held, buf_waiting(&held));
	*l = (struct letter){ .arena = arena_new(), .row = row, .key = "", .message_id = "" };
	l->bytes = bytes;
	l->held = held;
	l->scratch = scratch;
}

void letter_clear(struct letter *l)
{
	arena_free(&l->arena);
	buf_clear(&l->bytes);
	buf_clear(&l->held);
	buf_clear(&l->scratch);
}

uint64_t letter_size(const struct letter *l)
{
	uint64_t n = buf_waiting(&l->bytes);
	for (size_t i = 0; i < l->nfiles; i++)
		n += base64_lines_size(l->files[i].bytes);
	return n;
}

static bool any_utf8(const struct addresses *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].utf8)
			return true;
	return false;
}

bool letter_is_utf8(const struct letter *l)
{
	return any_utf8(&l->from) || any_utf8(&l->to) || any_utf8(&l->reply_to);
}

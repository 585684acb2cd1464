/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/letter.h"

#include "mail/base64_lines.h"

void letter_begin(struct letter *l, uint64_t row)
{
	arena_free(&l->arena);
	l->arena = arena_new();
	l->row = row;
	l->from.n = l->to.n = l->reply_to.n = l->sender.n = 0;
	l->ncc = l->nbcc = l->nfiles = 0;
	l->key = l->message_id = "";
	l->mark = (struct seen_mark){ 0 };
	buf_take(&l->bytes, buf_waiting(&l->bytes));
	buf_take(&l->held, buf_waiting(&l->held));
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

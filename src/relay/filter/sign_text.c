/* SPDX-License-Identifier: Apache-2.0 */
/* A message on its way to be signed, in pieces: memory is that of its header. */
#include <string.h>

#include "relay/filter/sign.h"

/* At t->line: how many bytes the empty line has; 0: it is none, or not all of it is here. */
static size_t empty_line(const struct sign_text *t)
{
	struct str all = buf_str(&t->head), s = str_cut(all, t->line, all.len);
	if (s.len && s.p[0] == '\n')
		return 1;
	return s.len > 1 && s.p[0] == '\r' && s.p[1] == '\n' ? 2 : 0;
}

/* Goes on to the empty line, or to the last that began. */
static size_t find_empty_line(struct sign_text *t)
{
	size_t n;
	while (!(n = empty_line(t))) {
		struct str all = buf_str(&t->head), s = str_cut(all, t->line, all.len);
		const char *lf = memchr(s.p, '\n', s.len);
		if (!lf)
			return 0;
		t->line = (size_t)(lf - all.p) + 1;
	}
	return n;
}

/* One that begins later would sign less than all of it. */
static void begin(struct sign_text *t)
{
	if (t->hasher || t->failed)
		return;
	t->hasher = dkim_hasher_new(DKIM_RELAXED, SIZE_MAX);
	t->failed = !t->hasher;
}

static void hash(struct sign_text *t, struct str piece)
{
	if (t->hasher)
		dkim_hasher_feed(t->hasher, piece);
}

void sign_text_feed(struct sign_text *t, struct str piece)
{
	begin(t);
	if (t->has_head) {
		hash(t, piece);
		return;
	}
	size_t before = buf_waiting(&t->head);
	buf_add(&t->head, piece.p, piece.len);
	size_t n = find_empty_line(t);
	t->has_head = n;
	if (!n)
		return;
	hash(t, str_cut(piece, t->line + n - before, piece.len));
	t->head.len -= buf_waiting(&t->head) - t->line - n;
}

bool sign_text_end(struct sign_text *t, struct err *e)
{
	size_t hashed;
	begin(t);
	return (!t->failed && dkim_hasher_end(t->hasher, &hashed, t->body)) ||
	       ERR_FILL(e, ERR_TLS, 0, "sign", "the message");
}

void sign_text_clear(struct sign_text *t)
{
	buf_clear(&t->head);
	dkim_hasher_free(&t->hasher);
}

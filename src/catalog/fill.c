/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/fill.h"

#include <string.h>

#include "base/buf.h"

struct filling {
	struct arena *arena;
	fill_value_fn *value_of;
	const void *source;
	bool command;
};

static bool is_safe_to_type(const char *value)
{
	static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@._:+-";
	return value[strspn(value, safe)] == 0 && *value != '-';
}

static size_t fill_place(const struct filling *f, struct str s, struct buf *out)
{
	const char *end = memchr(s.p, '}', s.len);
	if (!end)
		return 0;
	struct str inside = { s.p + 1, (size_t)(end - s.p) - 1 };
	const char *bar = memchr(inside.p, '|', inside.len);
	struct str name = { inside.p, bar ? (size_t)(bar - inside.p) : inside.len };
	const char *value = f->value_of(f->source, name, f->arena);
	if (value && *value && (!f->command || is_safe_to_type(value)))
		buf_adds(out, value);
	else if (bar)
		buf_add(out, bar + 1, (size_t)(end - bar) - 1);
	return (size_t)(end - s.p) + 1;
}

static const char *fill(const struct filling *f, const char *sentence)
{
	struct buf out = { 0 };
	struct str s = str_of(sentence);
	if (!memchr(s.p, '{', s.len))
		return s.p;
	while (s.len) {
		const char *place = memchr(s.p, '{', s.len);
		size_t plain = place ? (size_t)(place - s.p) : s.len;
		buf_add(&out, s.p, plain);
		s = str_cut(s, plain, s.len);
		size_t used = s.len ? fill_place(f, s, &out) : 0;
		if (s.len && !used) {
			buf_add(&out, s.p, 1);
			used = 1;
		}
		s = str_cut(s, used, s.len);
	}
	struct str done = buf_str(&out);
	const char *z = arena_dup(f->arena, done.p, done.len);
	buf_clear(&out);
	return z;
}

const char *fill_sentence(struct arena *a, const char *sentence, fill_value_fn *value_of, const void *source)
{
	struct filling f = { a, value_of, source, false };
	return fill(&f, sentence);
}

const char *fill_command(struct arena *a, const char *command, fill_value_fn *value_of, const void *source)
{
	struct filling f = { a, value_of, source, true };
	return fill(&f, command);
}

static const char *nothing(const void *source, struct str name, struct arena *a)
{
	(void)source, (void)name, (void)a;
	return "";
}

const char *fill_defaults(struct arena *a, const char *sentence)
{
	return fill_sentence(a, sentence, nothing, NULL);
}

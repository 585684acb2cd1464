/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/json.h"

#include <string.h>

#include "explain/log/field.h"

enum { HEX_DIGITS = 4 };

/* The string at the front, quotes off, escapes as they are; *rest is what follows. */
static struct str quoted(struct str s, struct str *rest, bool *escaped)
{
	size_t i = 1;
	*escaped = false;
	while (i < s.len && s.p[i] != '"') {
		*escaped = *escaped || s.p[i] == '\\';
		i += s.p[i] == '\\' ? 2 : 1;
	}
	i = i < s.len ? i : s.len;
	*rest = log_from(s, i + 1);
	return str_cut(s, 1, i);
}

static int hex(struct str s)
{
	static const char digits[] = "0123456789abcdef";
	int v = 0;
	if (s.len < HEX_DIGITS)
		return -1;
	for (size_t i = 0; i < HEX_DIGITS; i++) {
		const char *p = memchr(digits, s.p[i] | 0x20, sizeof(digits) - 1);
		if (!p)
			return -1;
		v = v * 16 + (int)(p - digits);
	}
	return v;
}

static void put(struct log_json_room *r, char c)
{
	if (r->used < sizeof(r->text))
		r->text[r->used++] = c;
}

/* One unit of UTF-16 as UTF-8; halves of pairs become "?", which no reply needs. */
static void put_unit(struct log_json_room *r, int u)
{
	if (u < 0 || (u >= 0xd800 && u < 0xe000)) {
		put(r, '?');
	} else if (u < 0x80) {
		put(r, (char)u);
	} else if (u < 0x800) {
		put(r, (char)(0xc0 | u >> 6));
		put(r, (char)(0x80 | (u & 0x3f)));
	} else {
		put(r, (char)(0xe0 | u >> 12));
		put(r, (char)(0x80 | (u >> 6 & 0x3f)));
		put(r, (char)(0x80 | (u & 0x3f)));
	}
}

static struct str unescape(struct str s, struct log_json_room *r)
{
	size_t from = r->used;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != '\\' || i + 1 >= s.len) {
			put(r, s.p[i]);
			continue;
		}
		char c = s.p[++i];
		if (c == 'u') {
			put_unit(r, hex(log_from(s, i + 1)));
			i += HEX_DIGITS;
		} else if (c == 'n' || c == 'r' || c == 't' || c == 'b' || c == 'f') {
			put(r, ' '); /* a reply of many lines is one here */
		} else {
			put(r, c);
		}
	}
	return (struct str){ r->text + from, r->used - from };
}

/* Where the value at the front ends: objects and arrays as a whole. */
static size_t value_end(struct str s)
{
	int depth = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		if (c == '"') {
			bool escaped;
			struct str rest;
			(void)quoted(log_from(s, i), &rest, &escaped);
			i = s.len - rest.len - 1;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			if (depth-- == 0)
				return i;
		} else if (c == ',' && !depth) {
			return i;
		}
	}
	return s.len;
}

/* ": value" at the front of *s. */
static struct str value_of(struct str *s, struct log_json_room *room)
{
	*s = log_behind_blanks(*s);
	if (!s->len || s->p[0] != ':')
		return s->len = 0, (struct str){ "", 0 };
	*s = log_behind_blanks(log_from(*s, 1));
	struct str all = *s, v;
	if (all.len && all.p[0] == '"') {
		bool escaped;
		v = quoted(all, s, &escaped);
		return escaped && room ? unescape(v, room) : v;
	}
	size_t end = value_end(all);
	*s = log_from(all, end);
	v = str_trim(str_cut(all, 0, end));
	return str_eq(v, "null") ? (struct str){ "", 0 } : v;
}

bool log_json_read(struct str line, const char *const *keys, size_t nkeys, struct str *values,
		   struct log_json_room *room)
{
	struct str s = log_behind_blanks(line);
	for (size_t i = 0; i < nkeys; i++)
		values[i] = (struct str){ "", 0 };
	if (!s.len || (s.p[0] != '{' && s.p[0] != '"'))
		return false;
	s = log_behind_blanks(log_from(s, s.p[0] == '{'));
	while (s.len && s.p[0] == '"') {
		bool escaped;
		struct str key = quoted(s, &s, &escaped);
		size_t k = 0;
		while (k < nkeys && !str_eq(key, keys[k]))
			k++;
		struct str v = value_of(&s, k < nkeys ? room : NULL);
		if (k < nkeys)
			values[k] = v;
		s = log_behind_blanks(s);
		if (!s.len || s.p[0] != ',')
			break;
		s = log_behind_blanks(log_from(s, 1));
	}
	return true;
}

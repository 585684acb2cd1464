/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/eight.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.len && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

bool str_next(struct str *rest, const char *seps, struct str *piece)
{
	size_t i = 0;
	while (i < rest->len && is_one_of(rest->p[i], seps))
		i++;
	size_t end = i;
	while (end < rest->len && !is_one_of(rest->p[end], seps))
		end++;
	*piece = str_cut(*rest, i, end);
	*rest = str_cut(*rest, end, rest->len);
	return piece->len > 0;
}

bool str_number(struct str s, unsigned long max, unsigned long *out)
{
	unsigned long v = 0;
	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		unsigned long d = (unsigned long)(s.p[i] - '0');
		if (d > max || v > (max - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

size_t str_ifind(struct str s, const char *needle)
{
	size_t n = strlen(needle), at = 0;
	unsigned char first =
		(unsigned char)(*needle | 0x20); /* of letters both cases; of others more than themselves */
	if (!n || s.len < n)
		return n ? s.len : 0;
	for (; first < 0x80 && at + sizeof(uint64_t) <= s.len; at += sizeof(uint64_t)) {
		uint64_t hits = eight_between(eight_at(s.p + at) | EIGHT_ONES * 0x20, first, first);
		for (; hits; hits &= hits - 1) {
			size_t i = at + eight_first(hits);
			if (i + n <= s.len && !strncasecmp(s.p + i, needle, n))
				return i;
		}
	}
	for (; at + n <= s.len; at++)
		if (str_same(s.p + at, needle, n))
			return at;
	return s.len;
}

bool z_eq(const char *a, const char *b)
{
	return !strcmp(a, b);
}

bool z_istarts(const char *s, const char *prefix)
{
	return str_istarts(str_of(s), prefix);
}

bool z_iends(const char *s, const char *suffix)
{
	return str_iends(str_of(s), suffix);
}

bool z_ihas(const char *s, const char *needle)
{
	struct str t = str_of(s);
	return !*needle || str_ifind(t, needle) < t.len;
}

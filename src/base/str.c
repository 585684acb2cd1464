/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <string.h>
#include <strings.h>

bool str_eq(struct str a, const char *z)
{
	return strlen(z) == a.len && !memcmp(a.p, z, a.len);
}

bool str_ieq(struct str a, const char *z)
{
	return strlen(z) == a.len && !strncasecmp(a.p, z, a.len);
}

bool str_istarts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.len >= n && !strncasecmp(s.p, prefix, n);
}

bool str_iends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);
	return s.len >= n && !strncasecmp(s.p + s.len - n, suffix, n);
}

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
	size_t n = strlen(needle);
	char first = (char)(*needle | 0x20); /* of letters both cases; of others more than themselves */
	for (size_t i = 0; i + n <= s.len; i++)
		if (!n || ((char)(s.p[i] | 0x20) == first && !strncasecmp(s.p + i, needle, n)))
			return i;
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

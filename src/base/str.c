/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdint.h>
#include <string.h>

#include "base/eight.h"

static bool is_one_of(char c, const char *set)
{
	while (*set && *set != c)
		set++;
	return *set;
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

static bool lists(struct str list, const char *seps, struct str one, bool (*same)(struct str, struct str))
{
	struct str piece;
	while (str_next(&list, seps, &piece))
		if (same(piece, one))
			return true;
	return false;
}

bool str_lists(struct str list, const char *seps, struct str one)
{
	return lists(list, seps, one, str_equal);
}

bool str_ilists(struct str list, const char *seps, struct str one)
{
	return lists(list, seps, one, str_iequal);
}

bool str_is_among(struct str s, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(s, v[i]))
			return true;
	return false;
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

static bool is_at(const char *p, struct str needle, uint64_t fold)
{
	return fold ? str_same(p, needle.p, needle.len) : !memcmp(p, needle.p, needle.len);
}

/* Eight places at a time, by the first byte; fold: 0x20 in each byte where case is ignored, else 0. */
static size_t find(struct str s, struct str needle, uint64_t fold)
{
	size_t at = 0;
	unsigned char first =
		(unsigned char)((unsigned char)*needle.p | (fold & 0x20)); /* finds more than letters */
	for (; first < 0x80 && at + sizeof(uint64_t) <= s.len; at += sizeof(uint64_t)) {
		uint64_t hits = eight_between(eight_at(s.p + at) | fold, first, first);
		for (; hits; hits &= hits - 1) {
			size_t i = at + eight_first(hits);
			if (i + needle.len <= s.len && is_at(s.p + i, needle, fold))
				return i;
		}
	}
	for (; at + needle.len <= s.len; at++)
		if (is_at(s.p + at, needle, fold))
			return at;
	return s.len;
}

size_t str_find(struct str s, struct str needle)
{
	return !needle.len ? 0 : s.len < needle.len ? s.len : find(s, needle, 0);
}

size_t str_ifind(struct str s, const char *needle)
{
	size_t n = strlen(needle);
	return !n ? 0 : s.len < n ? s.len : find(s, (struct str){ needle, n }, EIGHT_ONES * 0x20);
}

struct str str_domain(struct str address)
{
	const char *at = address.len ? memrchr(address.p, '@', address.len) : NULL;
	return at ? str_cut(address, (size_t)(at - address.p) + 1, address.len) : (struct str){ "", 0 };
}

const char *z_domain(const char *address)
{
	const char *at = strrchr(address, '@');
	return at ? at + 1 : "";
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

struct str str_decimal(unsigned long long n, char out[STR_DECIMAL_BYTES])
{
	char *p = out + STR_DECIMAL_BYTES;
	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	return (struct str){ p, (size_t)(out + STR_DECIMAL_BYTES - p) };
}

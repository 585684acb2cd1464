/* SPDX-License-Identifier: Apache-2.0 */
/* base/str.h - bytes with a length: a borrowed view, never NUL-terminated. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

struct str {
	const char *p;
	size_t len;
};

#define STR_LIT(s) ((struct str){ (s), sizeof(s) - 1 })
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).len, (s).p

/* "" for NULL. */
static inline struct str str_of(const char *z)
{
	return (struct str){ z ? z : "", z ? strlen(z) : 0 };
}

static inline bool str_eq(struct str a, const char *z) /* exact */
{
	return strlen(z) == a.len && (!a.len || !memcmp(a.p, z, a.len));
}

/* n bytes, ASCII case ignored, no locale.  Most differ in the first one. */
static inline bool str_same(const char *a, const char *b, size_t n)
{
	return !n || (!((*a ^ *b) & ~0x20) && !strncasecmp(a, b, n));
}

static inline bool str_ieq(struct str a, const char *z)
{
	size_t n = strlen(z);
	return n == a.len && str_same(a.p, z, n);
}

static inline bool str_equal(struct str a, struct str b) /* exact */
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

static inline bool str_iequal(struct str a, struct str b)
{
	return a.len == b.len && str_same(a.p, b.p, a.len);
}

static inline bool str_istarts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.len >= n && str_same(s.p, prefix, n);
}

static inline bool str_iends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);
	return s.len >= n && str_same(s.p + s.len - n, suffix, n);
}

static inline bool str_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without SP, HTAB, CR and LF at both ends. */
static inline struct str str_trim(struct str s)
{
	while (s.len && str_is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && str_is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* Bytes [from, to); bounds are clamped. */
static inline struct str str_cut(struct str s, size_t from, size_t to)
{
	to = to > s.len ? s.len : to;
	from = from > to ? to : from;
	return (struct str){ s.p + from, to - from };
}

/* Takes the next piece of *rest before a byte of `seps`; false at the end.
 * Empty pieces are passed over. */
bool str_next(struct str *rest, const char *seps, struct str *piece);

/* Whether one is a piece of the list: exactly, or ASCII case ignored. */
bool str_lists(struct str list, const char *seps, struct str one);
bool str_ilists(struct str list, const char *seps, struct str one);
/* Whether s (ASCII case ignored) is one of the n. */
bool str_is_among(struct str s, const char *const *v, size_t n);

enum { STR_DECIMAL_BYTES = 24 };
/* The digits of n, at the end of out; no NUL behind them. */
struct str str_decimal(unsigned long long n, char out[STR_DECIMAL_BYTES]);

/* Reads a decimal number that fills s wholly; false when it does not fit. */
bool str_number(struct str s, unsigned long max, unsigned long *out) MUST_USE;

/* Where needle begins in s, or s.len when it does not occur. */
size_t str_find(struct str s, struct str needle);
/* Where needle (ASCII case ignored) begins in s, or s.len when it does not occur. */
size_t str_ifind(struct str s, const char *needle);

/* What stands behind the last '@' of an address; nothing when there is none. */
struct str str_domain(struct str address);
const char *z_domain(const char *address);

bool z_eq(const char *a, const char *b); /* exact */
bool z_istarts(const char *s, const char *prefix);
bool z_iends(const char *s, const char *suffix);
bool z_ihas(const char *s, const char *needle); /* ASCII case ignored */

#endif

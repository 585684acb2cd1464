/* SPDX-License-Identifier: Apache-2.0 */
/* base/str.h - bytes with a length: a borrowed view, never NUL-terminated. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

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

bool str_eq(struct str a, const char *z);  /* exact */
bool str_ieq(struct str a, const char *z); /* ASCII case ignored, no locale */
bool str_istarts(struct str s, const char *prefix);
bool str_iends(struct str s, const char *suffix);
struct str str_trim(struct str s); /* SP, HTAB, CR, LF at both ends */

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

/* Reads a decimal number that fills s wholly; false when it does not fit. */
bool str_number(struct str s, unsigned long max, unsigned long *out) MUST_USE;

/* Where needle (ASCII case ignored) begins in s, or s.len when it does not occur. */
size_t str_ifind(struct str s, const char *needle);

bool z_eq(const char *a, const char *b); /* exact */
bool z_istarts(const char *s, const char *prefix);
bool z_iends(const char *s, const char *suffix);
bool z_ihas(const char *s, const char *needle); /* ASCII case ignored */

#endif

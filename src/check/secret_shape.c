/* SPDX-License-Identifier: Apache-2.0 */
#include "check/secret_shape.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

/* What looks like nothing: blanks, and the invisible ones that web pages bring along. */
static const char *const blanks[] = { " ", "\t", "\xc2\xa0", "\xe2\x80\x8b", "\xef\xbb\xbf", "\r", "\n" };

static size_t blank_at_start(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(blanks); i++) {
		size_t n = strlen(blanks[i]);
		if (s.len >= n && !memcmp(s.p, blanks[i], n))
			return n;
	}
	return 0;
}

static size_t blank_at_end(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(blanks); i++) {
		size_t n = strlen(blanks[i]);
		if (s.len >= n && !memcmp(s.p + s.len - n, blanks[i], n))
			return n;
	}
	return 0;
}

static struct str without_ends(struct str s)
{
	for (size_t n; (n = blank_at_start(s));)
		s = str_cut(s, n, s.len);
	for (size_t n; (n = blank_at_end(s));)
		s = str_cut(s, 0, s.len - n);
	return s;
}

static bool has_inner_blank(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (blank_at_start(str_cut(s, i, s.len)))
			return true;
	return false;
}

static bool is_quoted(struct str s)
{
	return s.len >= 2 && s.p[0] == s.p[s.len - 1] && strchr("\"'`", s.p[0]);
}

/* 8-4-4-4-12 hexadecimal digits. */
static bool is_guid(struct str s)
{
	if (s.len != 36)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s.p[i] != '-' : !isxdigit((unsigned char)s.p[i]))
			return false;
	}
	return true;
}

/* 16 letters, whole or in fours: how Google, Yahoo and Apple show app passwords. */
static bool is_app_password(struct str s)
{
	bool fours = s.len == 19;
	if (s.len != 16 && !fours)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool gap = fours && i % 5 == 4;
		if (gap ? s.p[i] != s.p[4] || (s.p[i] != ' ' && s.p[i] != '-')
			: !isalpha((unsigned char)s.p[i]))
			return false;
	}
	return true;
}

static bool all_of(struct str s, const char *more)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.p[i]) && !strchr(more, s.p[i]))
			return false;
	return true;
}

static bool is_jwt(struct str s)
{
	size_t dots = 0;
	for (size_t i = 0; i < s.len; i++)
		dots += s.p[i] == '.';
	return dots == 2 && str_eq(str_cut(s, 0, 3), "eyJ") && all_of(s, "._-");
}

size_t secret_chars(const char *secret)
{
	struct str s = str_of(secret);
	size_t n = 0;
	bool utf8 = text_is_utf8(s);
	for (size_t i = 0; i < s.len; i++)
		n += !utf8 || ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

void secret_notes(const char *secret, struct arena *a, struct strlist *out)
{
	struct str s = str_of(secret), core = without_ends(s);
	const struct {
		bool holds;
		const char *note;
	} notes[] = {
		{ !s.len, "empty" },
		{ blank_at_start(s) > 0, "leading-blank" },
		{ blank_at_end(s) > 0, "trailing-blank" },
		{ strpbrk(secret, "\r\n") != NULL, "newline" },
		{ has_inner_blank(core), "inner-blank" },
		{ is_quoted(core), "quoted" },
		{ !text_is_ascii(s), "non-ascii" },
		{ is_guid(core), "guid" },
		{ is_app_password(core), "app-password" },
		{ core.len == 40 && all_of(core, "/+"), "aws-secret" },
		{ core.len == 44 && core.p[0] == 'B' && all_of(core, "/+="), "ses-password" },
		{ str_eq(str_cut(core, 0, 3), "SG."), "sendgrid-key" },
		{ is_jwt(core), "jwt" },
	};
	for (size_t i = 0; i < ARRAY_LEN(notes); i++)
		if (notes[i].holds)
			strlist_add(out, a, notes[i].note);
}

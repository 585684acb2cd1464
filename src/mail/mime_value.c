/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters and encoded words: the parts of mime.h that read values. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "mail/mime.h"

enum {
	PARAMETER_PIECES_MAX = 100, /* of one RFC 2231 value */
	ENCODED_WORD_MAX = 1000,    /* bytes; the RFC allows 75, some mailers write more */
};

static size_t skip_any(struct str s, size_t i, const char *set)
{
	while (i < s.len && s.p[i] && strchr(set, s.p[i]))
		i++;
	return i;
}

/* Where the value at i ends: at its closing quote, or before the semicolon. */
static size_t value_end(struct str s, size_t i, bool quoted)
{
	for (; i < s.len && s.p[i] != (quoted ? '"' : ';'); i++)
		if (quoted && s.p[i] == '\\' && i + 1 < s.len)
			i++;
	return i < s.len ? i : s.len;
}

static const char *unquoted(struct arena *a, struct str s)
{
	char *out = arena_raw(a, s.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\' && i + 1 < s.len)
			i++;
		out[n++] = s.p[i];
	}
	out[n] = '\0';
	return out;
}

/* Takes `name = value` from *rest, which stands behind a semicolon; the value's
 * quotes are taken away. */
static bool next_parameter(struct arena *a, struct str *rest, struct str *name, const char **value)
{
	size_t from = skip_any(*rest, 0, "; \t\r\n"), i = from;
	while (i < rest->len && rest->p[i] != '=' && rest->p[i] != ';')
		i++;
	*name = str_trim(str_cut(*rest, from, i));
	*value = "";
	if (i < rest->len && rest->p[i] == '=') {
		i = skip_any(*rest, i + 1, " \t\r\n");
		bool quoted = i < rest->len && rest->p[i] == '"';
		size_t end = value_end(*rest, i + quoted, quoted);
		struct str raw = str_cut(*rest, i + quoted, end);
		struct str plain = str_trim(raw);
		*value = quoted ? unquoted(a, raw) : arena_dup(a, plain.p, plain.len);
		i = end + quoted;
	}
	bool any = i > from;
	*rest = str_cut(*rest, i, rest->len);
	return any;
}

static const char *percent_decoded(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) + 1);
	size_t n = 0;
	for (; *s; s++) {
		char hex[3] = { s[0], s[0] ? s[1] : 0, 0 };
		if (*s == '%' && s[1] && s[2]) {
			hex[0] = s[1];
			hex[1] = s[2];
		}
		char *end = hex;
		long v = *s == '%' ? strtol(hex, &end, 16) : 0;
		if (*s == '%' && end == hex + 2) {
			out[n++] = (char)v;
			s += 2;
		} else {
			out[n++] = *s;
		}
	}
	return out;
}

/* charset'language'text */
static const char *behind_charset(const char *s)
{
	const char *first = strchr(s, '\''), *second = first ? strchr(first + 1, '\'') : NULL;
	return second ? second + 1 : s;
}

/* Whether name is base, "base*", "base*N" or "base*N*"; *piece is N, -1 without. */
static bool is_piece(struct str name, const char *base, long *piece, bool *extended)
{
	size_t n = strlen(base);
	if (!str_istarts(name, base))
		return false;
	struct str rest = str_cut(name, n, name.len);
	unsigned long number = 0;
	*extended = rest.len && rest.p[rest.len - 1] == '*';
	*piece = -1;
	if (!rest.len || str_eq(rest, "*"))
		return true;
	rest = str_cut(rest, 0, *extended ? rest.len - 1 : rest.len);
	if (rest.len < 2 || rest.p[0] != '*' ||
	    !str_number(str_cut(rest, 1, rest.len), PARAMETER_PIECES_MAX, &number))
		return false;
	*piece = (long)number;
	return true;
}

const char *mime_parameter(struct arena *a, struct str value, const char *name, bool *coded)
{
	const char *plain = NULL, *text, *joined = NULL;
	const char *semicolon = memchr(value.p, ';', value.len);
	struct str rest = str_cut(value, semicolon ? (size_t)(semicolon - value.p) : value.len, value.len),
		   key;
	long piece, expected = 0;
	bool extended;
	while (next_parameter(a, &rest, &key, &text)) {
		if (!is_piece(key, name, &piece, &extended))
			continue;
		if (extended || piece >= 0)
			*coded = true;
		if (extended)
			text = percent_decoded(a, piece <= 0 ? behind_charset(text) : text);
		if (piece < 0 && (!plain || extended))
			plain = text;
		else if (piece == expected && ++expected)
			joined = joined ? arena_printf(a, "%s%s", joined, text) : text;
	}
	return joined && !plain ? joined : plain;
}

/* The bytes of a Q encoded word (RFC 2047, 4.2). */
static void add_q(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char hex[3] = { 0 }, *end = hex, c = s.p[i] == '_' ? ' ' : s.p[i];
		if (c == '=' && i + 2 < s.len) {
			memcpy(hex, s.p + i + 1, 2);
			long v = strtol(hex, &end, 16);
			c = end == hex + 2 ? (char)v : c;
			i += end == hex + 2 ? 2 : 0;
		}
		buf_add(b, &c, 1);
	}
}

static void add_latin1(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char bytes[UTF8_BYTES_MAX];
		buf_add(b, bytes, utf8_put((unsigned char)s.p[i], bytes));
	}
}

/* "=?charset?B|Q?text?=" at s: added decoded to b; its length, 0 when it is none. */
static size_t add_word(struct buf *b, struct str s)
{
	struct buf bytes = { 0 };
	s = str_cut(s, 0, ENCODED_WORD_MAX);
	const char *q1 = s.len > 2 && s.p[0] == '=' && s.p[1] == '?' ? memchr(s.p + 2, '?', s.len - 2) : NULL;
	if (!q1 || (size_t)(q1 - s.p) + 3 >= s.len || q1[2] != '?')
		return 0;
	struct str charset = str_cut(s, 2, (size_t)(q1 - s.p)),
		   rest = str_cut(s, (size_t)(q1 - s.p) + 3, s.len);
	size_t end = str_ifind(rest, "?=");
	bool latin1 = str_ieq(charset, "iso-8859-1") || str_ieq(charset, "windows-1252");
	if (end == rest.len || (!latin1 && !str_ieq(charset, "utf-8") && !str_ieq(charset, "us-ascii")))
		return 0;
	struct str text = str_cut(rest, 0, end);
	bool good = true;
	if (q1[1] == 'Q' || q1[1] == 'q')
		add_q(&bytes, text);
	else
		good = (q1[1] == 'B' || q1[1] == 'b') && base64_decode(&bytes, text);
	if (good && latin1)
		add_latin1(b, buf_str(&bytes));
	else if (good)
		buf_add(b, buf_str(&bytes).p, buf_str(&bytes).len);
	buf_clear(&bytes);
	return good ? (size_t)(q1 - s.p) + 3 + end + 2 : 0;
}

const char *mime_words(struct arena *a, const char *s, bool *coded)
{
	struct buf b = { 0 };
	struct str rest = str_of(s);
	bool after_word = false;
	while (rest.len) {
		size_t n = add_word(&b, rest);
		if (n) {
			*coded = after_word = true;
		} else {
			size_t blanks = strspn(rest.p, " \t");
			bool between = after_word && blanks && blanks < rest.len && rest.p[blanks] == '=';
			n = between ? blanks : 1;
			if (!between)
				buf_add(&b, rest.p, 1);
			after_word = false;
		}
		rest = str_cut(rest, n, rest.len);
	}
	const char *out = arena_dup(a, buf_str(&b).p, buf_str(&b).len);
	buf_clear(&b);
	return out;
}

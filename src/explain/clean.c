/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/clean.h"

#include <string.h>

#include "base/buf.h"
#include "base/base64.h"
#include "base/hex.h"
#include "catalog/token_note.h"
#include "explain/explain.h"
#include "explain/token.h"

enum { CHALLENGE_MAX = 2048, QUOTED_SHARE = 60 };

static struct str kept(struct arena *a, struct buf *b)
{
	struct str s = arena_str(a, buf_str(b));
	buf_clear(b);
	return s;
}

/* Front and end tell most: what was done, and what came of it. */
static struct str shorten(struct arena *a, struct str s)
{
	if (s.len <= EXPLAIN_PASTE_MAX)
		return s;
	struct buf out = { 0 };
	buf_add(&out, s.p, EXPLAIN_PASTE_MAX / 2);
	buf_addf(&out, "\n[%zu bytes left out]\n", s.len - EXPLAIN_PASTE_MAX);
	buf_add(&out, s.p + s.len - EXPLAIN_PASTE_MAX / 2, EXPLAIN_PASTE_MAX / 2);
	return kept(a, &out);
}

/* Length of an escape sequence: ESC [ ... letter, or ESC and one byte. */
static size_t ansi_at(struct str s)
{
	if (s.len < 2 || s.p[0] != '\x1b')
		return 0;
	if (s.p[1] != '[')
		return 2;
	size_t n = 2;
	while (n < s.len && n < 24 && !(s.p[n] >= '@' && s.p[n] <= '~'))
		n++;
	return n < s.len ? n + 1 : n;
}

/* Blanks of other kinds, and bytes that show nothing. */
static size_t odd_blank(struct str s, const char **as)
{
	static const struct {
		const char *bytes, *as;
	} odd[] = { { "\xc2\xa0", " " },      { "\xe2\x80\x8b", "" }, { "\xef\xbb\xbf", "" },
		    { "\xe2\x80\xa8", "\n" }, { "\xe2\x80\x8e", "" }, { "\xe2\x80\xaf", " " },
		    { "\xc2\xad", "" },       { "\r\n", "\n" },       { "\r", "\n" } };
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		size_t n = strlen(odd[i].bytes);
		if (s.len >= n && !memcmp(s.p, odd[i].bytes, n)) {
			*as = odd[i].as;
			return n;
		}
	}
	return 0;
}

/* ANSI colours, CR, odd blanks. */
static struct str without_controls(struct arena *a, struct str s)
{
	struct buf out = { 0 };
	size_t done = 0;
	for (size_t at = 0; at < s.len; at++) {
		unsigned char c = (unsigned char)s.p[at];
		const char *as = "";
		if (c >= ' ' ? c != 0xc2 && c != 0xe2 && c != 0xef : c == '\n' || c == '\t' || c == 1)
			continue;
		struct str here = token_rest(s, at);
		size_t n = c == 0x1b ? ansi_at(here) : odd_blank(here, &as);
		if (!n && c >= ' ')
			continue;
		buf_add(&out, s.p + done, at - done);
		buf_adds(&out, n ? as : " ");
		done = at + (n ? n : 1);
		at = done - 1;
	}
	if (!done)
		return s;
	buf_add(&out, s.p + done, s.len - done);
	return kept(a, &out);
}

/* "=3D", "=C3=", "=E2=80=": what no log and no setting writes. */
static bool is_quoted_printable(struct str s)
{
	static const char *const signs[] = { "=3D", "=C3=", "=E2=80=", "=20\n", "=0D\n", "=09\n" };
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (memmem(s.p, s.len, signs[i], strlen(signs[i])))
			return true;
	const char *soft = memmem(s.p, s.len, "=\n", 2);
	size_t at = soft ? (size_t)(soft - s.p) : 0, start = at;
	while (start && s.p[start - 1] != '\n')
		start--;
	return at - start >= 60 && memchr(s.p + start, ' ', at - start); /* a full line of words */
}

/* Quoted-printable. */
static struct str without_printable(struct arena *a, struct str s)
{
	if (!s.len || !memchr(s.p, '=', s.len) || !is_quoted_printable(s))
		return s;
	struct buf out = { 0 };
	for (size_t at = 0; at < s.len; at++) {
		if (s.p[at] == '=' && at + 1 < s.len && s.p[at + 1] == '\n') {
			at++;
		} else if (s.p[at] == '=' && at + 2 < s.len && hex_value(s.p[at + 1]) >= 0 &&
			   hex_value(s.p[at + 2]) >= 0) {
			char c = (char)(hex_value(s.p[at + 1]) << 4 | hex_value(s.p[at + 2]));
			buf_add(&out, &c, 1);
			at += 2;
		} else {
			buf_add(&out, s.p + at, 1);
		}
	}
	return kept(a, &out);
}

static bool is_escaped(struct str s)
{
	static const char *const signs[] = {
		"\\\"", "\\r\\n", "\\u0", "\\u2", "\\n4", "\\n5", "\\n\"", "\\n'"
	};
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (memmem(s.p, s.len, signs[i], strlen(signs[i])))
			return true;
	return false;
}

static void put_utf8(struct buf *out, unsigned u)
{
	char b[4];
	size_t n = 0;
	if (u < 0x80) {
		b[n++] = (char)u;
	} else if (u < 0x800) {
		b[n++] = (char)(0xc0 | u >> 6);
		b[n++] = (char)(0x80 | (u & 0x3f));
	} else {
		b[n++] = (char)(0xe0 | u >> 12);
		b[n++] = (char)(0x80 | (u >> 6 & 0x3f));
		b[n++] = (char)(0x80 | (u & 0x3f));
	}
	buf_add(out, b, n);
}

/* "u00fc" after the backslash: its length, 0 when it is none. */
static size_t put_unicode(struct buf *out, struct str s)
{
	unsigned u = 0;
	for (size_t i = 1; i < 5; i++) {
		if (i >= s.len || hex_value(s.p[i]) < 0)
			return 0;
		u = u << 4 | (unsigned)hex_value(s.p[i]);
	}
	put_utf8(out, u >= 0xd800 && u < 0xe000 ? 0xfffd : u ? u : ' ');
	return 5;
}

/* An escaped quote stands inside a quoted text: as the other quote it ends none. */
static size_t put_escape(struct buf *out, struct str s)
{
	static const char from[] = "nrt\"'/\\", to[] = "\n\n\t''/\\";
	if (!s.len)
		return 0;
	if (s.p[0] == 'u')
		return put_unicode(out, s);
	const char *hit = s.p[0] ? strchr(from, s.p[0]) : NULL;
	if (!hit)
		return 0;
	if (s.p[0] == 'r' && s.len >= 3 && s.p[1] == '\\' && s.p[2] == 'n') {
		buf_add(out, "\n", 1);
		return 3;
	}
	buf_add(out, to + (hit - from), 1);
	return 1;
}

/* \n \" \u00fc */
static struct str without_escapes(struct arena *a, struct str s)
{
	if (!s.len || !memchr(s.p, '\\', s.len) || !is_escaped(s))
		return s;
	struct buf out = { 0 };
	for (size_t at = 0; at < s.len; at++) {
		size_t n = s.p[at] == '\\' ? put_escape(&out, token_rest(s, at + 1)) : 0;
		if (!n)
			buf_add(&out, s.p + at, 1);
		at += n;
	}
	return kept(a, &out);
}

/* A mail that quotes another: nearly every line begins with ">", none with "<". */
static bool is_quoted(struct str s)
{
	size_t lines = 0, quoted = 0;
	while (s.len) {
		struct str line = str_trim(token_line(&s));
		lines += line.len > 0;
		quoted += line.len && line.p[0] == '>' && !str_istarts(line, ">>>");
		if (line.len && line.p[0] == '<' && line.len > 1 && line.p[1] == ' ')
			return false;
	}
	return lines && quoted * 100 >= lines * QUOTED_SHARE;
}

/* "> " before each line. */
static struct str without_quotes(struct arena *a, struct str s)
{
	if (!s.len || !memchr(s.p, '>', s.len) || !is_quoted(s))
		return s;
	struct buf out = { 0 };
	while (s.len) {
		struct str line = token_line(&s);
		while (line.len &&
		       (line.p[0] == '>' || (line.p[0] == ' ' && line.len > 1 && line.p[1] == '>')))
			line = token_rest(line, 1);
		if (line.len && line.p[0] == ' ')
			line = token_rest(line, 1);
		buf_add(&out, line.p, line.len);
		buf_add(&out, "\n", 1);
	}
	return kept(a, &out);
}

/* Where a run of base64 begins that is "{" decoded; s.len: nowhere at or after `at`. */
static size_t object_at(struct str s, size_t at)
{
	static const char *const signs[] = { "eyJ", "eyA", "ewo", "ew0" };
	for (; at + 3 < s.len; at++)
		for (size_t i = 0; s.p[at] == 'e' && i < ARRAY_LEN(signs); i++)
			if (!memcmp(s.p + at, signs[i], 3) &&
			    (!at || !token_base64(str_cut(s, at - 1, at + 3))))
				return at;
	return s.len;
}

/* Base64 of a note about a token, decoded: {"status":"401",...} (RFC 7628, 3.2.2). */
static const char *note_in(struct arena *a, struct str coded)
{
	struct buf plain = { .max = CHALLENGE_MAX };
	struct token_note note;
	bool is_note = coded.len <= CHALLENGE_MAX &&
		       (base64_decode(&plain, coded) || base64url_decode(&plain, coded)) &&
		       token_note_find(a, buf_str(&plain), &note);
	buf_clear(&plain);
	return is_note ? token_note_text(a, &note) : "";
}

/* The base64 of an OAuth refusal. */
static struct str without_challenge(struct arena *a, struct str s)
{
	for (size_t n, at = object_at(s, 0); at < s.len; at = object_at(s, at + n)) {
		n = token_base64(token_rest(s, at));
		const char *said = note_in(a, str_cut(s, at, at + n));
		if (*said)
			return str_of(arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(str_cut(s, 0, at)), said,
						   STR_ARG(token_rest(s, at + n))));
		n = n ? n : 1;
	}
	return s;
}

struct str explain_clean(struct arena *a, struct str pasted)
{
	struct str s = without_controls(a, shorten(a, pasted));
	s = without_challenge(
		a, s); /* first: quoted-printable takes its "=" at a line's end for a line that goes on */
	s = without_printable(a, s);
	s = clean_markup(a, s);
	s = without_escapes(a, s);
	s = without_quotes(a, s);
	return str_trim(without_challenge(a, s));
}

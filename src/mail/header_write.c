/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/header_write.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"

enum { WORD_BYTES_MAX = 42 /* of text in one encoded word: 56 of base64, 68 in all */ };

/* "value" with what may not stand there changed; caller clears. */
static void clean(struct buf *out, struct str value, bool ascii)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if (c < ' ' || c == 0x7f)
			buf_add(out, " ", 1);
		else if (c > 0x7f && ascii)
			buf_addf(out, "\\x%02X", c);
		else
			buf_add(out, value.p + i, 1);
	}
}

/* Words with a blank before each, folded. */
static void fold(struct buf *out, size_t column, struct str text)
{
	struct str word;
	while (str_next(&text, " ", &word)) {
		if (column + 1 + word.len > HEADER_LINE_GOOD && column > 1) {
			buf_add(out, "\r\n", 2);
			column = 0;
		}
		buf_add(out, " ", 1);
		for (size_t at = 0; at < word.len; at += HEADER_LINE_MAX - 80) {
			struct str piece = str_cut(word, at, at + HEADER_LINE_MAX - 80);
			buf_adds(out, at ? "\r\n " : "");
			buf_add(out, piece.p, piece.len);
			column = (at ? 1 : column + 1) + piece.len;
		}
	}
}

/* How much of s one encoded word takes: characters stay whole. */
static size_t word_length(struct str s)
{
	size_t n = s.len < WORD_BYTES_MAX ? s.len : WORD_BYTES_MAX;
	while (n > 1 && n < s.len && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

void header_encode_words(struct buf *out, struct str text)
{
	for (size_t at = 0; at < text.len;) {
		struct str rest = str_cut(text, at, text.len);
		struct str piece = str_cut(rest, 0, word_length(rest));
		buf_adds(out, " =?UTF-8?B?");
		base64_encode(out, piece);
		buf_adds(out, "?=");
		at += piece.len;
	}
}

void header_write(struct buf *out, const char *name, struct str value, enum header_form form)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	bool utf8 = form != HEADER_ASCII && text_is_utf8(value);
	clean(&text, value, !utf8);
	struct str s = str_trim(buf_str(&text));
	buf_addf(out, "%s:", name);
	/* What looks like an encoded word and is none would be read as one. */
	bool code = form == HEADER_WORDS && (!text_is_ascii(s) || str_ifind(s, "=?") < s.len);
	CLEANUP(buf_clear) struct buf words = { 0 };
	if (code)
		header_encode_words(&words, s);
	fold(out, strlen(name) + 1, code ? buf_str(&words) : s);
	buf_add(out, "\r\n", 2);
}

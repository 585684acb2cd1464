/* SPDX-License-Identifier: Apache-2.0 */
#include "base/markdown.h"

#include <string.h>

#include "base/glyph.h"

/* Marks that could begin something; ":" and "." only where an address would become a link. */
static bool needs_escape(struct str before, struct str s)
{
	if (*s.p == ':')
		return str_istarts(s, "://");
	if (*s.p == '.')
		return str_iends(before, "www");
	return *s.p && strchr("\\`*_[]<>#!|~&$@", *s.p);
}

/* Control characters as numbers; line ends become blanks: a paragraph stays one. */
static void put(FILE *out, struct str all, bool escape)
{
	char shown[GLYPH_SHOWN_BYTES];
	unsigned width;
	for (size_t at = 0; at < all.len;) {
		struct str s = str_cut(all, at, all.len);
		struct glyph g = glyph_first(s);
		if (escape && needs_escape(str_cut(all, 0, at), s))
			fputc('\\', out);
		if (g.code == '\n' || g.code == '\t')
			fputc(' ', out);
		else
			fputs(glyph_shown(s, g, false, shown, &width), out);
		at += g.bytes;
	}
}

void markdown_prose(FILE *out, const char *text)
{
	put(out, str_of(text), true);
}

/* The longest run of backquotes in s. */
static unsigned quotes(struct str s)
{
	unsigned longest = 0, run = 0;
	for (size_t i = 0; i < s.len; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void fence(FILE *out, unsigned n)
{
	while (n--)
		fputc('`', out);
}

/* code span = fence " " text " " fence (CommonMark, 6.1) */
void markdown_span(FILE *out, const char *text)
{
	struct str s = str_of(text);
	unsigned n = quotes(s) + 1;
	fence(out, n);
	fputc(' ', out);
	put(out, s, false);
	fputc(' ', out);
	fence(out, n);
}

void markdown_block(FILE *out, const char *text)
{
	struct str rest = str_of(text), line;
	unsigned n = quotes(rest) < 3 ? 3 : quotes(rest) + 1;
	fence(out, n);
	fputc('\n', out);
	while (str_next(&rest, "\r\n", &line)) {
		put(out, line, false);
		fputc('\n', out);
	}
	fence(out, n);
	fputs("\n\n", out);
}

void markdown_paragraph(FILE *out, const char *text)
{
	markdown_prose(out, text);
	fputs("\n\n", out);
}

void markdown_heading(FILE *out, const char *level, const char *text)
{
	fprintf(out, "%s ", level);
	markdown_paragraph(out, text);
}

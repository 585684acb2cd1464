/* SPDX-License-Identifier: Apache-2.0 */
#include "base/paper.h"

#include "base/glyph.h"

static const char *const sgr[] = {
	[PAPER_PLAIN] = "",         [PAPER_BOLD] = "\033[1m",  [PAPER_DIM] = "\033[2m",
	[PAPER_BAD] = "\033[1;31m", [PAPER_GOOD] = "\033[32m", [PAPER_ODD] = "\033[1;33m",
	[PAPER_TYPE] = "\033[36m",
};

struct paper paper_of(FILE *out, unsigned width, bool color, bool ascii)
{
	width = width ? width : PAPER_WIDTH;
	width = width < PAPER_WIDTH_MIN ? PAPER_WIDTH_MIN : width > PAPER_WIDTH_MAX ? PAPER_WIDTH_MAX : width;
	return (struct paper){ out, width, color, ascii };
}

static void begin(struct paper *p, enum paper_style style)
{
	if (p->color && style != PAPER_PLAIN)
		fputs(sgr[style], p->out);
}

static void finish(struct paper *p, enum paper_style style)
{
	if (p->color && style != PAPER_PLAIN)
		fputs("\033[0m", p->out);
}

static void blanks(struct paper *p, unsigned n)
{
	fprintf(p->out, "%*s", (int)n, "");
}

static unsigned put(struct paper *p, struct str s, unsigned most)
{
	unsigned column = 0, width;
	char shown[GLYPH_SHOWN_BYTES];
	for (struct glyph g; s.len; s = str_cut(s, g.bytes, s.len)) {
		g = glyph_first(s);
		if (g.code == '\t' || g.code == '\n')
			g = (struct glyph){ ' ', 1, 1, false };
		const char *text = g.code == ' ' ? " " : glyph_shown(s, g, p->ascii, shown, &width);
		width = g.code == ' ' ? 1 : width;
		if (column + width > most)
			break;
		fputs(text, p->out);
		column += width;
	}
	return column;
}

void paper_space(struct paper *p)
{
	fputc('\n', p->out);
}

void paper_head(struct paper *p, unsigned indent, const char *heading)
{
	blanks(p, indent);
	begin(p, PAPER_BOLD);
	put(p, str_of(heading), UINT32_MAX);
	finish(p, PAPER_BOLD);
	paper_space(p);
}

/* Words from column `at` on, further lines from column `hang` on. */
static void wrap(struct paper *p, unsigned hang, enum paper_style style, const char *text)
{
	struct str rest = str_of(text), word;
	unsigned column = hang;
	begin(p, style);
	while (str_next(&rest, " \t\r\n", &word)) {
		unsigned width = glyph_columns(word, p->ascii);
		if (column > hang && column + 1 + width > p->width) {
			finish(p, style);
			paper_space(p);
			blanks(p, hang);
			begin(p, style);
			column = hang;
		} else if (column > hang) {
			fputc(' ', p->out);
			column++;
		}
		column += put(p, word, UINT32_MAX);
	}
	finish(p, style);
	paper_space(p);
}

void paper_text(struct paper *p, unsigned indent, enum paper_style style, const char *text)
{
	blanks(p, indent);
	wrap(p, indent, style, text);
}

void paper_item(struct paper *p, unsigned indent, struct paper_lead lead, const char *text)
{
	unsigned width = glyph_columns(str_of(lead.text), false);
	blanks(p, indent);
	begin(p, lead.style);
	put(p, str_of(lead.text), lead.room);
	finish(p, lead.style);
	blanks(p, width < lead.room ? lead.room - width : 0);
	wrap(p, indent + lead.room, PAPER_PLAIN, text);
}

void paper_command(struct paper *p, unsigned indent, const char *command)
{
	struct str rest = str_of(command), line;
	while (str_next(&rest, "\r\n", &line)) {
		blanks(p, indent);
		begin(p, PAPER_TYPE);
		put(p, line, UINT32_MAX);
		finish(p, PAPER_TYPE);
		paper_space(p);
	}
}

void paper_clip(struct paper *p, unsigned indent, unsigned most, const char *text)
{
	bool cut = glyph_columns(str_of(text), p->ascii) > most;
	blanks(p, indent);
	put(p, str_of(text), cut && most > 3 ? most - 3 : most);
	fputs(cut ? "...\n" : "\n", p->out);
}

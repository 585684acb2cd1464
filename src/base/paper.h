/* SPDX-License-Identifier: Apache-2.0 */
/* base/paper.h - plain text laid out for a terminal: wrapped, hung, coloured.
 *
 * Every text passes through base/glyph, so that nothing a server said can steer
 * the terminal; colours are ours alone. */
#ifndef BASE_PAPER_H
#define BASE_PAPER_H

#include <stdio.h>

#include "base/str.h"

enum paper_style { PAPER_PLAIN, PAPER_BOLD, PAPER_DIM, PAPER_BAD, PAPER_GOOD, PAPER_ODD, PAPER_TYPE };

enum { PAPER_WIDTH = 80, PAPER_WIDTH_MIN = 40, PAPER_WIDTH_MAX = 100 /* longer lines read badly */ };

struct paper {
	FILE *out;
	unsigned width;
	bool color, ascii;
};

struct paper paper_of(FILE *out, unsigned width, bool color, bool ascii);

void paper_space(struct paper *p);                                      /* an empty line */
void paper_head(struct paper *p, unsigned indent, const char *heading); /* one bold line */
/* Wrapped at blanks, each line indented. */
void paper_text(struct paper *p, unsigned indent, enum paper_style style, const char *text);
/* `lead` in its style at indent, padded to room; then the text wrapped beside it. */
struct paper_lead {
	const char *text;
	unsigned room;
	enum paper_style style;
};
void paper_item(struct paper *p, unsigned indent, struct paper_lead lead, const char *text);
/* To be copied: never wrapped, whatever its length. */
void paper_command(struct paper *p, unsigned indent, const char *command);
/* Cut after `most` columns, with "..."; one line. */
void paper_clip(struct paper *p, unsigned indent, unsigned most, const char *text);

#endif

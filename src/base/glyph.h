/* SPDX-License-Identifier: Apache-2.0 */
/* base/glyph.h - text one character at a time, as it may stand on a screen or a page.
 *
 * Bytes that are no UTF-8 and characters that steer instead of show (escapes,
 * direction marks, zero-width ones, tags) are `hidden`: a renderer writes their
 * number.  Widths are those of terminals (UAX #11), kept here because libc's
 * depend on the locale. */
#ifndef BASE_GLYPH_H
#define BASE_GLYPH_H

#include <stdint.h>

#include "base/buf.h"

enum { GLYPH_SHOWN_BYTES = 12 }; /* longest form glyph_shown writes, with its NUL */

struct glyph {
	uint32_t code;  /* U+....; a byte that is no UTF-8 stands for itself */
	size_t bytes;   /* >= 1 */
	unsigned width; /* columns; 0 combining */
	bool hidden;
};

/* The first character of s, which is not empty. */
struct glyph glyph_first(struct str s);

/* As it may be shown: itself, or \xNN or \u{NNNN} when hidden (or not ASCII and
 * `ascii`).  *width gets the columns taken. */
const char *glyph_shown(struct str s, struct glyph g, bool ascii, char out[GLYPH_SHOWN_BYTES],
			unsigned *width);

/* Columns of a text when shown. */
unsigned glyph_columns(struct str s, bool ascii);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/quoted.h"

#include <string.h>

static bool ends_line(struct str s, size_t i)
{
	return i == s.len || s.p[i] == '\n' || (s.p[i] == '\r' && i + 1 < s.len && s.p[i + 1] == '\n');
}

/* Blanks before a line's end get lost on the way; "From " and "." at its beginning are
 * changed by some servers; "--" that was no line's beginning may become a boundary there. */
static bool stands_plain(struct str s, size_t i, size_t column, bool broken)
{
	unsigned char c = (unsigned char)s.p[i];
	if (c == '-' && !column && broken)
		return false;
	if (c == ' ' || c == '\t')
		return !ends_line(s, i + 1);
	if (!column && (c == '.' || (c == 'F' && s.len - i > 4 && !memcmp(s.p + i, "From ", 5))))
		return false;
	return c > ' ' && c <= '~' && c != '=';
}

/* How many bytes from i on are plain wherever they stand in a line but at its front, most at most. */
static size_t plain_run(struct str s, size_t i, size_t most)
{
	size_t n = 0;
	while (n < most && i + n < s.len && s.p[i + n] > ' ' && s.p[i + n] <= '~' && s.p[i + n] != '=')
		n++;
	return n;
}

/* broken: it goes on behind a soft break. */
static void write_text(struct buf *out, struct str s, bool broken)
{
	size_t column = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (ends_line(s, i)) {
			i += s.p[i] == '\r';
			buf_add(out, "\r\n", 2);
			column = 0;
			broken = false;
			continue;
		}
		size_t run = column && column < QUOTED_LINE_MAX - 1
				     ? plain_run(s, i, QUOTED_LINE_MAX - 1 - column)
				     : 0;
		if (run) {
			buf_add(out, s.p + i, run);
			column += run;
			i += run - 1;
			continue;
		}
		size_t room = stands_plain(s, i, column, broken) ? 1 : 3;
		if (column + room > QUOTED_LINE_MAX - 1) {
			buf_add(out, "=\r\n", 3);
			column = 0;
			broken = true;
			room = stands_plain(s, i, column, broken) ? 1 : 3;
		}
		if (room == 1)
			buf_add(out, s.p + i, 1);
		else
			buf_addf(out, "=%02X", (unsigned char)s.p[i]);
		column += room;
	}
}

void quoted_write(struct buf *out, struct str text)
{
	write_text(out, text, false);
}

void quoted_write_on(struct buf *out, struct str text)
{
	buf_add(out, "=\r\n", 3);
	write_text(out, text, true);
}

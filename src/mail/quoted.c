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

/* The line that is being written. */
struct line {
	struct buf *out;
	size_t column;
	bool broken; /* it goes on behind a soft break */
};

static void end_line(struct line *l, const char *how, bool soft)
{
	buf_adds(l->out, how);
	l->column = 0;
	l->broken = soft;
}

/* The byte at i; on the next line where it has no room. */
static void write_byte(struct line *l, struct str s, size_t i)
{
	size_t room = stands_plain(s, i, l->column, l->broken) ? 1 : 3;
	if (l->column + room > QUOTED_LINE_MAX - 1) {
		end_line(l, "=\r\n", true);
		room = stands_plain(s, i, l->column, l->broken) ? 1 : 3;
	}
	if (room == 1)
		buf_add(l->out, s.p + i, 1);
	else
		buf_addf(l->out, "=%02X", (unsigned char)s.p[i]);
	l->column += room;
}

static void write_text(struct buf *out, struct str s, bool broken)
{
	struct line l = { out, 0, broken };
	for (size_t i = 0; i < s.len; i++) {
		if (ends_line(s, i)) {
			i += s.p[i] == '\r';
			end_line(&l, "\r\n", false);
			continue;
		}
		size_t room = l.column && l.column < QUOTED_LINE_MAX - 1 ? QUOTED_LINE_MAX - 1 - l.column : 0;
		size_t run = room ? plain_run(s, i, room) : 0;
		if (run) {
			buf_add(out, s.p + i, run);
			l.column += run;
			i += run - 1;
		} else {
			write_byte(&l, s, i);
		}
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

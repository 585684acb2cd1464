/* SPDX-License-Identifier: Apache-2.0 */
/* Text as the body of a part (RFC 2045, 6). */
#include <string.h>

#include "batch/template_inner.h"
#include "mail/quoted.h"

enum { TEXT_LINE_MAX = 990 };

void template_lines(struct buf *out, struct str text)
{
	for (size_t at = 0; at < text.len;) {
		const char *lf = memchr(text.p + at, '\n', text.len - at);
		size_t end = lf ? (size_t)(lf - text.p) : text.len, cut = end;
		if (cut > at && lf && text.p[cut - 1] == '\r')
			cut--;
		buf_add(out, text.p + at, cut - at);
		if (lf)
			buf_add(out, "\r\n", 2);
		at = end + (lf != NULL);
	}
}

/* 7bit where all is ASCII in lines that SMTP carries (RFC 5321, 4.5.3.1.6), and nothing in it
 * gets changed on the way. */
static bool is_plain(struct str s)
{
	size_t column = 0;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c >= 0x80 || !c || (c == '\r' && (i + 1 == s.len || s.p[i + 1] != '\n')) ||
		    ++column > TEXT_LINE_MAX)
			return false;
		if (column == 1 && s.len - i > 4 && !memcmp(s.p + i, "From ", 5))
			return false;
		column = c == '\n' ? 0 : column;
	}
	return true;
}

void template_text(struct buf *out, struct str text)
{
	bool plain = is_plain(text);
	buf_adds(out, plain ? "Content-Transfer-Encoding: 7bit\r\n\r\n"
			    : "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	if (plain)
		template_lines(out, text);
	else
		quoted_write(out, text);
}

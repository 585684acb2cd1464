/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sendmail_lines.h"

#include <string.h>

void sendmail_lines_take(struct sendmail_lines *l, struct str piece, struct buf *out)
{
	while (piece.len) {
		const char *lf = memchr(piece.p, '\n', piece.len);
		size_t n = lf ? (size_t)(lf - piece.p) : piece.len;
		char before = n ? piece.p[n - 1] : l->last;
		buf_add(out, piece.p, n);
		l->last = before;
		if (!lf)
			return;
		if (l->end == SENDMAIL_END_UNKNOWN)
			l->end = before == '\r' ? SENDMAIL_END_CRLF : SENDMAIL_END_LF;
		buf_adds(out, l->end == SENDMAIL_END_LF && before != '\r' ? "\r\n" : "\n");
		l->last = '\n';
		piece = str_cut(piece, n + 1, piece.len);
	}
}

void sendmail_replies_take(struct sendmail_replies *r, struct str piece)
{
	for (size_t i = 0; i < piece.len; i++) {
		char c = piece.p[i];
		if (c == '\n') {
			r->code = r->goes_on ? r->code : r->now;
			r->now = r->at = 0;
			r->goes_on = false;
			continue;
		}
		if (r->at < 3 && c >= '0' && c <= '9')
			r->now = r->now * 10 + (unsigned)(c - '0');
		r->goes_on = r->at == 3 ? c == '-' : r->goes_on;
		r->at += r->at <= 3;
	}
}

bool sendmail_lines_cut(const struct sendmail_lines *l, const struct sendmail_replies *r)
{
	enum { GOODBYE = 221, GO_ON = 354, CLOSING = 421 };
	if (r->code == GOODBYE)
		return false;
	return r->code == GO_ON || r->code == CLOSING || (l->last && l->last != '\n');
}

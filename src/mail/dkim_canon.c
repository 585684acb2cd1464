/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dkim_canon.h"

#include <ctype.h>
#include <string.h>

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* The line at *rest without its line end; *rest moves behind it. */
static struct str take_line(struct str *rest)
{
	const char *lf = memchr(rest->p, '\n', rest->len);
	size_t n = lf ? (size_t)(lf - rest->p) : rest->len;
	struct str line = str_cut(*rest, 0, n && lf && rest->p[n - 1] == '\r' ? n - 1 : n);
	*rest = str_cut(*rest, lf ? n + 1 : n, rest->len);
	return line;
}

static void simple_field(struct str raw, struct buf *out)
{
	while (raw.len) {
		struct str line = take_line(&raw);
		buf_add(out, line.p, line.len);
		buf_adds(out, "\r\n");
	}
}

/* Name in lower case, folds away, each run of blanks one blank, none at the
 * colon and at the end (3.4.2). */
static void relaxed_field(struct str raw, struct buf *out)
{
	const char *colon = memchr(raw.p, ':', raw.len);
	size_t name = colon ? (size_t)(colon - raw.p) : raw.len;
	bool gap = false, begun = false;
	for (size_t i = 0; i < name; i++) {
		char c = (char)tolower((unsigned char)raw.p[i]);
		if (!is_wsp(c))
			buf_add(out, &c, 1);
	}
	buf_adds(out, ":");
	for (size_t i = name + 1; i < raw.len; i++) {
		char c = raw.p[i];
		if (c == '\n' || (c == '\r' && (i + 1 == raw.len || raw.p[i + 1] == '\n')))
			continue;
		if (is_wsp(c)) {
			gap = true;
			continue;
		}
		if (gap && begun)
			buf_adds(out, " ");
		buf_add(out, &c, 1);
		gap = false;
		begun = true;
	}
	buf_adds(out, "\r\n");
}

void dkim_canon_field(struct str raw, enum dkim_canon canon, struct buf *out)
{
	if (canon == DKIM_SIMPLE)
		simple_field(raw, out);
	else
		relaxed_field(raw, out);
}

/* ---- a body ---- */

static void put(struct dkim_body *b, const char *p, size_t n)
{
	b->sink.put(b->sink.ctx, p, n);
}

/* Empty lines at the end do not count: they are put before what follows. */
static void begin_line(struct dkim_body *b)
{
	for (; !b->begun && b->empty; b->empty--)
		put(b, "\r\n", 2);
	b->begun = true;
}

/* One blank for each run, none at the end (3.4.4). */
static void relaxed_text(struct dkim_body *b, struct str text)
{
	for (size_t i = 0, end; i < text.len; i = end) {
		bool blank = is_wsp(text.p[i]);
		for (end = i; end < text.len && is_wsp(text.p[end]) == blank;)
			end++;
		if (blank) {
			b->gap = true;
			continue;
		}
		begin_line(b);
		if (b->gap)
			put(b, " ", 1);
		put(b, text.p + i, end - i);
		b->gap = false;
	}
}

static void text_of(struct dkim_body *b, struct str text)
{
	if (b->canon == DKIM_RELAXED) {
		relaxed_text(b, text);
	} else if (text.len) {
		begin_line(b);
		put(b, text.p, text.len);
	}
}

static void end_line(struct dkim_body *b)
{
	if (b->begun)
		put(b, "\r\n", 2);
	b->any = b->any || b->begun;
	b->empty += !b->begun;
	b->begun = b->gap = false;
}

/* What stands before a line's end, or all that there is of it so far.  A CR is of the end only before LF. */
static void some_of_line(struct dkim_body *b, struct str text, bool lf)
{
	if (b->cr && (text.len || !lf))
		text_of(b, STR_LIT("\r"));
	bool cr = text.len && text.p[text.len - 1] == '\r';
	text_of(b, str_cut(text, 0, text.len - cr));
	b->cr = cr && !lf;
	if (lf)
		end_line(b);
}

void dkim_body_feed(struct dkim_body *b, struct str piece)
{
	while (piece.len) {
		const char *lf = memchr(piece.p, '\n', piece.len);
		size_t n = lf ? (size_t)(lf - piece.p) : piece.len;
		some_of_line(b, str_cut(piece, 0, n), lf);
		piece = str_cut(piece, n + (lf != NULL), piece.len);
	}
}

void dkim_body_end(struct dkim_body *b)
{
	if (b->cr)
		text_of(b, STR_LIT("\r"));
	if (b->begun)
		end_line(b);
	if (!b->any && b->canon == DKIM_SIMPLE)
		put(b, "\r\n", 2);
}

void dkim_canon_body(struct str body, enum dkim_canon canon, const struct dkim_sink *sink)
{
	struct dkim_body b = { .canon = canon, .sink = *sink };
	dkim_body_feed(&b, body);
	dkim_body_end(&b);
}

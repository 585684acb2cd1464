/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/server_inner.h"

#include <string.h>

#include "smtp/crlf.h"

void server_body_begin(struct smtp_server *s)
{
	s->body = (struct server_body){ .line = LINE_START };
}

static void note_line_length(struct server_body *b, size_t grown)
{
	b->line_bytes += grown;
	if (b->line_bytes > CRLF_LINE_BYTES_MAX)
		b->odd |= SMTP_SERVER_LONG_LINE;
}

/* Bare line ends, NUL and over-long lines of a piece; before it stood b->before. */
static void note_oddities(struct server_body *b, struct str piece)
{
	if (memchr(piece.p, '\0', piece.len))
		b->odd |= SMTP_SERVER_NUL;
	if (b->before == '\r' && piece.p[0] != '\n')
		b->odd |= SMTP_SERVER_BARE_CR;
	for (size_t at = 0; at < piece.len;) {
		const char *from = piece.p + at;
		const char *lf = memchr(from, '\n', piece.len - at);
		size_t n = lf ? (size_t)(lf - from) : piece.len - at;
		char last = n ? from[n - 1] : at ? '\n' : b->before;
		if (lf && last != '\r')
			b->odd |= SMTP_SERVER_BARE_LF;
		if (n > 1 && memchr(from, '\r', n - 1))
			b->odd |= SMTP_SERVER_BARE_CR;
		if (!lf)
			note_line_length(b, n);
		else {
			note_line_length(b, n + 1);
			b->line_bytes = 0;
		}
		at += lf ? n + 1 : n;
	}
	b->before = piece.p[piece.len - 1];
}

/* The caller has looked at it. */
static enum smtp_server_event give(struct smtp_server *s, struct str piece)
{
	s->body.bytes += piece.len;
	s->chunk = piece;
	return SMTP_SERVER_BODY;
}

/* A message's end: the line after the dot was CRLF. */
static enum smtp_server_event end_of_message(struct smtp_server *s)
{
	if (s->body.before == '\r')
		s->body.odd |= SMTP_SERVER_BARE_CR;
	s->phase = SERVER_COMMAND;
	s->waits = true;
	s->body_ended = true;
	return SMTP_SERVER_BODY_END;
}

/* From LINE_START, LINE_INSIDE or LINE_CR: how far content goes, to the end of a line at most; 0: a dot at
 * the start of a line, which is not content.  Sets the state behind it. */
static size_t line_run(struct server_body *b, struct str in)
{
	for (size_t i = 0; i < in.len; i++) {
		char c = in.p[i];
		if (b->line == LINE_START && c == '.')
			return i;
		if (c == '\n' && b->line == LINE_CR) {
			b->line = LINE_START;
			return i + 1;
		}
		b->line = c == '\r' ? LINE_CR : LINE_INSIDE;
		if (c != '\r') { /* fast: only a CR can matter now */
			const char *cr = memchr(in.p + i, '\r', in.len - i);
			i = (cr ? (size_t)(cr - in.p) : in.len) - 1;
		}
	}
	return in.len;
}

/* What nearly all of a message is. */
static size_t whole_lines(struct server_body *b, struct str in)
{
	if (b->line != LINE_START)
		return 0;
	struct crlf_run r = crlf_run(in);
	b->odd |= r.has_long ? SMTP_SERVER_LONG_LINE : 0;
	b->odd |= memchr(in.p, '\0', r.n) ? SMTP_SERVER_NUL : 0;
	if (r.n)
		b->before = '\n';
	return r.n;
}

/* How far content goes: to the end, or to a dot at the start of a line. */
static size_t content_run(struct server_body *b, struct str in)
{
	size_t at = 0, n = 1;
	while (at < in.len && n) {
		struct str rest = str_cut(in, at, in.len);
		n = whole_lines(b, rest);
		if (!n && (n = line_run(b, rest)))
			note_oddities(b, str_cut(rest, 0, n));
		at += n;
	}
	return at;
}

/* LINE_DOT_CR and no LF: the dot was stuffing, the CR is content. */
static enum smtp_server_event give_held_cr(struct smtp_server *s)
{
	const struct str cr = STR_LIT("\r");
	s->body.line = LINE_CR;
	note_oddities(&s->body, cr);
	return give(s, cr);
}

enum smtp_server_event server_take_data(struct smtp_server *s, struct str in, size_t *used)
{
	struct server_body *b = &s->body;
	s->since_ms = s->now_ms;
	if (b->line == LINE_DOT_CR) {
		if (in.p[0] != '\n')
			return give_held_cr(s);
		*used += 1;
		return end_of_message(s);
	}
	if (b->line == LINE_DOT) {
		b->line = in.p[0] == '\r' ? LINE_DOT_CR : LINE_INSIDE;
		if (b->line == LINE_DOT_CR)
			*used += 1;
		return SMTP_SERVER_NONE;
	}
	size_t n = content_run(b, in);
	*used += n;
	if (n < in.len) {
		b->line = LINE_DOT;
		*used += 1;
	}
	return n ? give(s, str_cut(in, 0, n)) : SMTP_SERVER_NONE;
}

static enum smtp_server_event chunk_end(struct smtp_server *s)
{
	bool taken = s->phase == SERVER_BDAT;
	s->phase = SERVER_COMMAND;
	if (taken && s->request.last)
		return end_of_message(s);
	s->waits = true;
	return SMTP_SERVER_COMMAND;
}

enum smtp_server_event server_take_bdat(struct smtp_server *s, struct str in, size_t *used)
{
	s->since_ms = s->now_ms;
	if (!s->body.left)
		return chunk_end(s);
	size_t n = in.len < s->body.left ? in.len : (size_t)s->body.left;
	s->body.left -= n;
	*used += n;
	if (s->phase == SERVER_SKIP)
		return SMTP_SERVER_NONE;
	note_oddities(&s->body, str_cut(in, 0, n));
	return give(s, str_cut(in, 0, n));
}

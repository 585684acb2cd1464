/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum {
	CODE_DIGITS = 3,
	LINE_HEAD = CODE_DIGITS + 1, /* code and separator */
	LINE_BYTES_PROMISED = 512    /* RFC 5321, 4.5.3.1.5, CRLF included */
};

struct smtp_reply_parser {
	struct buf raw; /* the reply in hand, as received */
	size_t line;    /* where the unfinished line begins in raw */
	size_t *ends;   /* per finished line: where its text begins and ends, in pairs */
	size_t lines, room;
	bool whole;  /* the reply was handed out: the next byte begins another */
	bool broken; /* this cannot be a reply; further bytes are only kept as evidence */
	struct str *texts;
	struct smtp_reply reply;
};

struct smtp_reply_parser *smtp_reply_parser_new(void)
{
	struct smtp_reply_parser *p = mem_alloc(sizeof(*p));
	p->raw.max = SMTP_REPLY_BYTES_MAX;
	return p;
}

void smtp_reply_parser_free(struct smtp_reply_parser **p)
{
	if (!*p)
		return;
	buf_clear(&(*p)->raw);
	free((*p)->ends);
	free((*p)->texts);
	free(*p);
	*p = NULL;
}

struct str smtp_reply_parser_raw(const struct smtp_reply_parser *p)
{
	return buf_str(&p->raw);
}

static void start_over(struct smtp_reply_parser *p)
{
	buf_take(&p->raw, buf_waiting(&p->raw));
	p->line = p->lines = 0;
	p->whole = false;
	p->reply = (struct smtp_reply){ 0 };
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reply-line = Reply-code ( SP / "-" ) [ textstring ] CRLF; a bare code is
 * tolerated (RFC 5321, 4.2.1: "a client ... MUST be prepared").  Looks at what
 * is there of the head only, so that a peer of another protocol is known by
 * its first byte and not by a timeout. */
static bool head_fits(struct str line)
{
	for (size_t i = 0; i < line.len && i < CODE_DIGITS; i++)
		if (!is_digit(line.p[i]))
			return false;
	if (line.len && line.p[0] == '0')
		return false;
	if (line.len > LINE_HEAD && line.p[CODE_DIGITS] == '\r' && line.p[LINE_HEAD] != '\n')
		return false;
	return line.len < LINE_HEAD || memchr(" -\r\n", line.p[CODE_DIGITS], 4);
}

static unsigned code_of(struct str line)
{
	return (unsigned)(line.p[0] - '0') * 100 + (unsigned)(line.p[1] - '0') * 10 +
	       (unsigned)(line.p[2] - '0');
}

static unsigned oddities_of_text(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return SMTP_REPLY_CONTROL;
	}
	return 0;
}

static void keep_line(struct smtp_reply_parser *p, size_t from, size_t to)
{
	if (p->lines == p->room) {
		p->room = p->room ? p->room * 2 : 8;
		p->ends = mem_grow(p->ends, p->room, 2 * sizeof(*p->ends));
		p->texts = mem_grow(p->texts, p->room, sizeof(*p->texts));
	}
	p->ends[2 * p->lines] = from;
	p->ends[2 * p->lines + 1] = to;
	p->lines++;
}

/* A line with its LF: true when it is the last one of the reply. */
static bool take_line(struct smtp_reply_parser *p, struct str line)
{
	size_t end = line.len - 1;
	if (end > 0 && line.p[end - 1] == '\r')
		end--;
	else
		p->reply.odd |= SMTP_REPLY_BARE_LF;
	if (line.len > LINE_BYTES_PROMISED)
		p->reply.odd |= SMTP_REPLY_LONG_LINE;
	if (end == CODE_DIGITS)
		p->reply.odd |= SMTP_REPLY_NO_TEXT;
	size_t begin = end > CODE_DIGITS ? LINE_HEAD : CODE_DIGITS;
	p->reply.odd |= oddities_of_text(str_cut(line, begin, end));
	unsigned code = code_of(line);
	if (p->lines && code != p->reply.code)
		p->reply.odd |= SMTP_REPLY_CODE_CHANGED;
	p->reply.code = code;
	keep_line(p, p->line + begin, p->line + end);
	return line.p[CODE_DIGITS] != '-' || end == CODE_DIGITS;
}

/* status-code = class "." subject "." detail (RFC 3463, 2), then anything but
 * more of a number or a word: "5.7.1:" is one, "2.0.0.1" and "4.4.7p1" are not. */
size_t smtp_enhanced_read(struct str s, uint16_t enh[3])
{
	size_t i = 0;
	uint16_t got[3] = { 0 };
	for (size_t part = 0; part < 3; part++) {
		size_t begin = i;
		while (i < s.len && i < begin + 3 && is_digit(s.p[i]))
			got[part] = (uint16_t)(got[part] * 10 + (s.p[i++] - '0'));
		if (i == begin || (part < 2 && (i == s.len || s.p[i++] != '.')))
			return 0;
	}
	if (s.p[1] != '.' || !strchr("245", s.p[0]))
		return 0;
	char next = i < s.len ? s.p[i] : ' ';
	if (is_digit(next) || (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z'))
		return 0;
	if (next == '.' && i + 1 < s.len && is_digit(s.p[i + 1]))
		return 0;
	memcpy(enh, got, sizeof(got));
	return i;
}

static void finish(struct smtp_reply_parser *p)
{
	struct str raw = buf_str(&p->raw);
	for (size_t i = 0; i < p->lines; i++)
		p->texts[i] = str_cut(raw, p->ends[2 * i], p->ends[2 * i + 1]);
	for (size_t i = 0; i < p->lines && !p->reply.enh[0]; i++)
		(void)smtp_enhanced_read(p->texts[i], p->reply.enh);
	if (p->reply.code < 200 || p->reply.code > 599)
		p->reply.odd |= SMTP_REPLY_ODD_CODE;
	p->reply.nlines = p->lines;
	p->reply.lines = p->texts;
	p->whole = true;
}

/* All of the rest is taken as evidence, as far as there is room. */
static int give_up(struct smtp_reply_parser *p, struct str rest, size_t *used, size_t len)
{
	size_t room = SMTP_REPLY_BYTES_MAX - buf_waiting(&p->raw);
	if (!buf_add(&p->raw, rest.p, rest.len < room ? rest.len : room))
		rest.len = 0;
	p->broken = true;
	*used = len;
	return -1;
}

/* Takes a line off *rest, or what is there of one.  1: it was the last of its reply, 0: it was not, -1 with
 * *e: this is no reply. */
static int feed_line(struct smtp_reply_parser *p, struct str *rest, struct err *e)
{
	const char *lf = memchr(rest->p, '\n', rest->len);
	size_t n = lf ? (size_t)(lf - rest->p) + 1 : rest->len;
	if (p->lines == SMTP_REPLY_LINES_MAX || !buf_add(&p->raw, rest->p, n)) {
		ERR_FILL(e, ERR_LIMIT, 0, "read reply", "over %d lines or %d bytes", SMTP_REPLY_LINES_MAX,
			 SMTP_REPLY_BYTES_MAX);
		return -1;
	}
	*rest = str_cut(*rest, n, rest->len);
	struct str line = str_cut(buf_str(&p->raw), p->line, buf_waiting(&p->raw));
	if (!head_fits(line) || (lf && line.len <= CODE_DIGITS)) {
		ERR_FILL(e, ERR_PROTOCOL, (long)p->line, "read reply", "line %zu is no SMTP reply",
			 p->lines + 1);
		return -1;
	}
	if (!lf)
		return 0;
	bool last = take_line(p, line);
	p->line += line.len;
	return last;
}

int smtp_reply_parser_feed(struct smtp_reply_parser *p, const void *data, size_t len, size_t *used,
			   const struct smtp_reply **reply, struct err *e)
{
	struct str rest = { data, len };
	int got = 0;
	*used = 0;
	if (p->whole)
		start_over(p);
	if (p->broken) {
		ERR_FILL(e, ERR_PROTOCOL, 0, "read reply", "more of what is no SMTP reply");
		return give_up(p, rest, used, len);
	}
	while (rest.len && !got)
		got = feed_line(p, &rest, e);
	if (got < 0)
		return give_up(p, rest, used, len);
	*used = len - rest.len;
	if (got) {
		finish(p);
		*reply = &p->reply;
	}
	return got;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/client_inner.h"

#include <string.h>

#include "smtp/crlf.h"

enum { END_BYTES = sizeof("\r\n.\r\n") };

void client_body_begin(struct smtp_client *c)
{
	c->phase = CLIENT_BODY;
	c->body = (struct client_body){ .line_start = true };
}

/* How many bytes at the front of s can go as they are: up to where a dot must
 * be doubled, a line ends, or an offence.  Lines end with CRLF and nothing else
 * does: a bare CR or LF is what SMTP smuggling is made of. */
static size_t plain_run(const struct client_body *b, struct str s)
{
	size_t i = 0;
	if (b->line_start || b->after_cr)
		return 0;
	while (i < s.len && s.p[i] != '\r' && s.p[i] != '\n')
		i++;
	return i;
}

/* The caller has made sure of room. */
static void push(struct smtp_client *c, const char *p, size_t n)
{
	if (buf_add(&c->out, p, n))
		c->queued += n;
}

static size_t output_room(const struct smtp_client *c)
{
	return SMTP_OUTPUT_BYTES_MAX - buf_waiting(&c->out);
}

/* One byte that changes the line state.  False: it may not stand here. */
static bool take_byte(struct smtp_client *c, char byte)
{
	struct client_body *b = &c->body;
	if ((byte == '\n') != b->after_cr)
		return false;
	if (b->line_start && byte == '.')
		push(c, ".", 1);
	push(c, &byte, 1);
	b->line_start = byte == '\n';
	b->after_cr = byte == '\r';
	return true;
}

bool smtp_client_body(struct smtp_client *c, struct str chunk, size_t *took, struct err *e)
{
	struct client_body *b = &c->body;
	*took = 0;
	if (c->phase != CLIENT_BODY || b->spoilt)
		return ERR_FILL(e, ERR_USAGE, 0, "send message", "no 354 came, or it was given up");
	while (*took < chunk.len) {
		struct str rest = str_cut(chunk, *took, chunk.len);
		size_t room = output_room(c);
		if (room < 2 + END_BYTES) /* a dot may be doubled, and the end always has room */
			break;
		room -= END_BYTES;
		size_t n = b->line_start ? crlf_run(str_cut(rest, 0, room)).n : plain_run(b, rest);
		if (n > room)
			n = room;
		if (n) {
			push(c, rest.p, n);
		} else if (take_byte(c, rest.p[0])) {
			n = 1;
		} else {
			b->spoilt = true;
			return ERR_FILL(e, ERR_SYNTAX, (long)*took, "send message", "bare CR or LF");
		}
		*took += n;
		b->bytes += n;
	}
	return true;
}

static void say_size(struct smtp_client *c, unsigned long long bytes)
{
	char digits[STR_DECIMAL_BYTES];
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct str n = str_decimal(bytes, digits);
	buf_adds(&text, "[message, ");
	buf_add(&text, n.p, n.len);
	buf_add(&text, " bytes]", sizeof(" bytes]"));
	client_say(c, buf_str(&text).p);
}

bool smtp_client_body_end(struct smtp_client *c, struct err *e)
{
	struct client_body *b = &c->body;
	if (c->phase != CLIENT_BODY || b->spoilt)
		return ERR_FILL(e, ERR_USAGE, 0, "end message", "no 354 came, or it was given up");
	if (b->after_cr)
		return ERR_FILL(e, ERR_SYNTAX, 0, "end message", "bare CR at the end");
	if (output_room(c) < END_BYTES)
		return ERR_FILL(e, ERR_LIMIT, SMTP_OUTPUT_BYTES_MAX, "end message", "write the output first");
	if (!b->line_start && !client_queue(c, STR_LIT("\r\n"), e))
		return false;
	say_size(c, b->bytes);
	c->phase = CLIENT_TALK;
	if (!client_ask(c, SMTP_CMD_DOT, STR_LIT("."), ".", e))
		return false;
	client_new_transaction(c);
	return true;
}

bool smtp_client_bdat(struct smtp_client *c, struct str chunk, bool last, struct err *e)
{
	enum smtp_command m = last ? SMTP_CMD_DOT : SMTP_CMD_BDAT;
	if (!client_may(c, m, e))
		return false;
	if (!client_offers(c, SMTP_EXT_CHUNKING))
		return ERR_FILL(e, ERR_USAGE, m, "say", "BDAT: CHUNKING was not offered");
	CLEANUP(mem_free) char *line = mem_printf("BDAT %zu%s", chunk.len, last ? " LAST" : "");
	if (output_room(c) < strlen(line) + 2 || output_room(c) - strlen(line) - 2 < chunk.len)
		return ERR_FILL(e, ERR_LIMIT, SMTP_OUTPUT_BYTES_MAX, "say", "%s: write the output first",
				line);
	if (!client_ask(c, m, str_of(line), line, e) || !client_queue(c, chunk, e))
		return false;
	c->asked[(c->asked_first + c->asked_n - 1) % SMTP_COMMANDS_AHEAD_MAX].end = c->queued;
	if (chunk.len)
		say_size(c, chunk.len);
	c->tx.bdat = true;
	if (last)
		client_new_transaction(c);
	return true;
}

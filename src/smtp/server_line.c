/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/server_inner.h"

#include <string.h>

/* The request's texts are views of the line that goes now. */
static void forget_request(struct smtp_server *s)
{
	s->request = (struct smtp_request){
		.verb = s->request.verb,
		.argument = s->phase == SERVER_AUTH ? s->request.argument : STR_LIT(""),
		.mechanism = s->request.mechanism,
		.line = STR_LIT(""),
		.size = -1,
	};
}

static void begin_line(struct smtp_server *s)
{
	if (!s->line_whole)
		return;
	forget_request(s);
	if (s->line.room > SMTP_SERVER_LINE_BYTES_MAX)
		buf_wipe(&s->line);
	mem_wipe(s->line.data, s->line.room);
	buf_take(&s->line, buf_waiting(&s->line));
	s->line_whole = false;
}

/* AUTH and its responses may be long; how long a line may become is known by its head. */
static size_t line_limit(const struct smtp_server *s)
{
	bool auth = s->phase == SERVER_AUTH || str_istarts(buf_str(&s->line), "AUTH ");
	return auth ? SMTP_SERVER_AUTH_LINE_BYTES_MAX : SMTP_SERVER_LINE_BYTES_MAX;
}

/* How much of it there was room for. */
static size_t keep(struct smtp_server *s, struct str piece)
{
	size_t at = 0;
	while (at < piece.len) {
		size_t have = buf_waiting(&s->line), limit = have < 5 ? 5 : line_limit(s);
		size_t n = limit > have ? limit - have : 0;
		if (n > piece.len - at)
			n = piece.len - at;
		if (!n || !buf_add(&s->line, piece.p + at, n))
			break;
		at += n;
	}
	return at;
}

static struct str without_end(struct str line, unsigned *odd)
{
	line.len--;
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	else
		*odd |= SMTP_SERVER_BARE_LF;
	return line;
}

static enum smtp_server_event report_line(struct smtp_server *s)
{
	unsigned odd = 0;
	struct str line = without_end(buf_str(&s->line), &odd);
	s->line_whole = true;
	s->waits = true;
	if (s->phase == SERVER_AUTH) {
		s->phase = SERVER_COMMAND;
		server_read_response(s, line, odd);
		return SMTP_SERVER_AUTH_RESPONSE;
	}
	server_read_command(s, line, odd);
	if (s->request.verb != SMTP_VERB_BDAT)
		return SMTP_SERVER_COMMAND;
	/* The chunk comes first, whatever the answer will be (RFC 3030, 2). */
	s->waits = false;
	if (!s->refusal.code) {
		if (!s->tx.bdat)
			server_body_begin(s);
		s->tx.bdat = true;
	}
	s->body.left = s->request.chunk;
	s->phase = s->refusal.code ? SERVER_SKIP : SERVER_BDAT;
	return SMTP_SERVER_NONE;
}

/* Told at once: of a line without an end there is no better moment. */
static enum smtp_server_event too_long(struct smtp_server *s)
{
	bool response = s->phase == SERVER_AUTH;
	bool auth = line_limit(s) == SMTP_SERVER_AUTH_LINE_BYTES_MAX;
	s->line_whole = s->skips_line = true;
	s->skipped = 0;
	s->waits = true;
	s->phase = SERVER_COMMAND;
	s->tx.torn |= str_istarts(buf_str(&s->line), "BDAT");
	server_read_command(s, STR_LIT(""), 0);
	s->refusal = (struct smtp_answer){ 0 };
	server_refuse(s, 500, auth ? "5.5.6" : "5.5.2", /* RFC 4954, 4 */
		      response ? "Response is too long" : "Line is too long");
	if (!response)
		return SMTP_SERVER_COMMAND;
	s->request.verb = SMTP_VERB_AUTH;
	s->response_good = false;
	return SMTP_SERVER_AUTH_RESPONSE;
}

enum smtp_server_event server_take_line(struct smtp_server *s, struct str in, size_t *used)
{
	const char *lf = memchr(in.p, '\n', in.len);
	struct str piece = str_cut(in, 0, lf ? (size_t)(lf - in.p) + 1 : in.len);
	if (s->skips_line) {
		*used += piece.len;
		s->skipped += piece.len;
		s->skips_line = !lf || s->skipped > SMTP_SERVER_LINE_SKIP_MAX;
		return SMTP_SERVER_NONE;
	}
	begin_line(s);
	size_t kept = keep(s, piece);
	*used += kept;
	if (kept == piece.len && !lf)
		return SMTP_SERVER_NONE;
	s->since_ms = s->now_ms;
	return kept < piece.len ? too_long(s) : report_line(s);
}

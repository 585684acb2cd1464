/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/server_inner.h"

#include <stdlib.h>

enum { MINUTE = 60 * 1000, IDLE_ROOM_BYTES = 2048 /* kept while nothing waits */ };

struct smtp_server *smtp_server_new(const struct smtp_server_options *o)
{
	struct smtp_server *s = mem_alloc(sizeof(*s));
	s->options = *o;
	s->name = mem_strdup(o->name ? o->name : "");
	s->auth_list = mem_strdup(o->auth ? o->auth : "");
	s->limits = mem_strdup(o->limits ? o->limits : "");
	if (!s->options.command_ms)
		s->options.command_ms = 5 * MINUTE;
	if (!s->options.data_ms)
		s->options.data_ms = 3 * MINUTE;
	s->line.max = SMTP_SERVER_AUTH_LINE_BYTES_MAX;
	s->out.max = SMTP_SERVER_OUTPUT_BYTES_MAX;
	s->stall_ms = UINT64_MAX;
	s->arena = arena_new();
	return s;
}

void smtp_server_free(struct smtp_server **sp)
{
	struct smtp_server *s = *sp;
	if (!s)
		return;
	buf_wipe(&s->line);
	buf_wipe(&s->decoded);
	buf_clear(&s->out);
	arena_free(&s->arena);
	free(s->name);
	free(s->auth_list);
	free(s->limits);
	free(s->client_name);
	free(s->shown);
	free(s);
	*sp = NULL;
}

void smtp_server_offer(struct smtp_server *s, unsigned extensions, const char *auth)
{
	s->options.extensions = extensions;
	free(s->auth_list);
	s->auth_list = mem_strdup(auth ? auth : "");
}

void smtp_server_offer_size(struct smtp_server *s, long size)
{
	s->options.size = size;
}

void smtp_server_connected(struct smtp_server *s, uint64_t now_ms)
{
	if (s->phase != SERVER_NEW)
		return;
	s->now_ms = s->since_ms = now_ms;
	s->phase = SERVER_COMMAND;
	s->request = (struct smtp_request){ .verb = SMTP_VERB_CONNECT, .size = -1 };
	s->waits = true;
}

void smtp_server_tls_done(struct smtp_server *s, uint64_t now_ms)
{
	s->now_ms = s->since_ms = now_ms;
	if (s->phase != SERVER_TLS && s->phase != SERVER_NEW)
		return;
	s->tls = true;
	if (s->phase == SERVER_NEW)
		return;
	s->phase = SERVER_COMMAND;
	s->helo = s->extended = s->authenticated = s->skips_line = false; /* RFC 3207, 4.2 */
	buf_take(&s->line, buf_waiting(&s->line));
	server_end_transaction(s);
}

static enum smtp_server_event take(struct smtp_server *s, struct str in, size_t *used)
{
	switch (s->phase) {
	case SERVER_COMMAND:
	case SERVER_AUTH:
		return server_take_line(s, in, used);
	case SERVER_DATA:
		return server_take_data(s, in, used);
	case SERVER_BDAT:
	case SERVER_SKIP:
		return server_take_bdat(s, in, used);
	case SERVER_TLS:
	default: /* nobody listens any more, or not before the handshake (RFC 3207, 4.2) */
		*used += in.len;
		return SMTP_SERVER_NONE;
	}
}

/* A chunk of no bytes, or whose last byte was taken, ends without further input. */
static bool chunk_is_done(const struct smtp_server *s)
{
	return (s->phase == SERVER_BDAT || s->phase == SERVER_SKIP) && !s->body.left;
}

/* RFC 2920, 3.1: behind these nothing may stand before they are answered. */
static bool ends_group(const struct smtp_server *s)
{
	switch (s->request.verb) {
	case SMTP_VERB_MAIL:
	case SMTP_VERB_RCPT:
	case SMTP_VERB_RSET:
	case SMTP_VERB_BDAT:
		return !(s->options.extensions & SMTP_EXT_PIPELINING);
	default:
		return !s->body_ended;
	}
}

static unsigned long long longest_chunk(const struct smtp_server *s)
{
	return (s->options.size > 0 ? (unsigned long long)s->options.size : 0) + SMTP_SERVER_CHUNK_SKIP_MAX;
}

/* What was refused is read on, so that its sender hears why (RFC 3030, 2), where it has an end.  A chunk that
 * has none is answered now. */
static enum smtp_server_event leave_endless(struct smtp_server *s, enum smtp_server_event ev)
{
	if (s->skips_line && s->skipped > SMTP_SERVER_LINE_SKIP_MAX)
		smtp_server_close(s, 421, "4.5.2", "The line does not end: goodbye");
	if (s->phase != SERVER_SKIP || s->endless || s->request.chunk <= longest_chunk(s))
		return ev;
	s->endless = s->waits = true;
	return SMTP_SERVER_COMMAND;
}

enum smtp_server_event smtp_server_feed(struct smtp_server *s, const void *data, size_t len, size_t *used,
					uint64_t now_ms)
{
	s->now_ms = now_ms;
	*used = 0;
	if (s->phase == SERVER_NEW)
		return SMTP_SERVER_NONE;
	if (s->waits && s->request.verb == SMTP_VERB_CONNECT && len && !s->early_told) {
		s->early_told = true;
		return SMTP_SERVER_EARLY;
	}
	while (!s->waits && (*used < len || chunk_is_done(s))) {
		if (buf_waiting(&s->out) > SMTP_SERVER_OUTPUT_PAUSE)
			break;
		enum smtp_server_event ev =
			take(s, (struct str){ (const char *)data + *used, len - *used }, used);
		if (*used)
			s->timed_out = false;
		if (s->waits && *used < len && !s->skips_line && ends_group(s))
			s->request.odd |= SMTP_SERVER_PIPELINED;
		ev = leave_endless(s, ev);
		if (ev != SMTP_SERVER_NONE)
			return ev;
	}
	return SMTP_SERVER_NONE;
}

static uint64_t patience(const struct smtp_server *s)
{
	bool body = s->phase == SERVER_DATA || s->phase == SERVER_BDAT || s->phase == SERVER_SKIP;
	return body ? s->options.data_ms : s->options.command_ms;
}

uint64_t smtp_server_deadline_ms(const struct smtp_server *s)
{
	uint64_t from = s->since_ms;
	if (s->timed_out || s->phase == SERVER_NEW || s->phase == SERVER_CLOSED)
		return UINT64_MAX;
	if (buf_waiting(&s->out))
		from = s->stall_ms == UINT64_MAX ? s->now_ms : s->stall_ms;
	else if (s->waits || s->phase == SERVER_TLS || s->phase == SERVER_CLOSING)
		return UINT64_MAX; /* we are waited for, or TLS has a clock of its own */
	return from > UINT64_MAX - patience(s) ? UINT64_MAX : from + patience(s);
}

enum smtp_server_event smtp_server_tick(struct smtp_server *s, uint64_t now_ms)
{
	s->now_ms = now_ms;
	if (buf_waiting(&s->out) && s->stall_ms == UINT64_MAX)
		s->stall_ms = now_ms;
	uint64_t deadline = smtp_server_deadline_ms(s);
	if (deadline == UINT64_MAX || now_ms < deadline)
		return SMTP_SERVER_NONE;
	s->timed_out = true;
	return SMTP_SERVER_TIMEOUT;
}

struct str smtp_server_output(const struct smtp_server *s)
{
	return buf_str(&s->out);
}

enum smtp_server_event smtp_server_sent(struct smtp_server *s, size_t nbytes, uint64_t now_ms)
{
	s->now_ms = now_ms;
	if (nbytes > buf_waiting(&s->out))
		nbytes = buf_waiting(&s->out);
	buf_take(&s->out, nbytes);
	s->stall_ms = buf_waiting(&s->out) ? now_ms : UINT64_MAX;
	if (buf_waiting(&s->out))
		return SMTP_SERVER_NONE;
	if (s->out.room > IDLE_ROOM_BYTES)
		buf_clear(&s->out);
	if (nbytes)
		s->since_ms = now_ms;
	if (s->phase == SERVER_TLS && !s->tls_told) {
		s->tls_told = true;
		return SMTP_SERVER_START_TLS_READY;
	}
	if (s->phase != SERVER_CLOSING)
		return SMTP_SERVER_NONE;
	s->phase = SERVER_CLOSED;
	return SMTP_SERVER_CLOSED;
}

const struct smtp_request *smtp_server_request(const struct smtp_server *s)
{
	return &s->request;
}

bool smtp_server_response(const struct smtp_server *s, struct str *out)
{
	*out = buf_str(&s->decoded);
	return s->response_good;
}

struct str smtp_server_chunk(const struct smtp_server *s)
{
	return s->chunk;
}

unsigned long long smtp_server_body_bytes(const struct smtp_server *s)
{
	return s->body.bytes;
}

unsigned smtp_server_body_odd(const struct smtp_server *s)
{
	return s->body.odd;
}

bool smtp_server_waits(const struct smtp_server *s)
{
	return s->waits;
}

bool smtp_server_has_tls(const struct smtp_server *s)
{
	return s->tls;
}

bool smtp_server_extended(const struct smtp_server *s)
{
	return s->extended;
}

const char *smtp_server_client_name(const struct smtp_server *s)
{
	return s->client_name ? s->client_name : "";
}

bool smtp_server_authenticated(const struct smtp_server *s)
{
	return s->authenticated;
}

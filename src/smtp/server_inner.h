/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/server_inner.h - the server engine's inside, shared by server*.c only. */
#ifndef SMTP_SERVER_INNER_H
#define SMTP_SERVER_INNER_H

#include "base/arena.h"
#include "base/buf.h"
#include "smtp/server.h"

/* COMMAND <-> AUTH, DATA, BDAT, SKIP; COMMAND -> TLS -> COMMAND; any -> CLOSING -> CLOSED */
enum server_phase {
	SERVER_NEW,
	SERVER_COMMAND, /* lines are commands */
	SERVER_AUTH,    /* the next line is a response */
	SERVER_DATA,
	SERVER_BDAT,
	SERVER_SKIP, /* the bytes of a refused BDAT */
	SERVER_TLS,  /* 220 was said; input is thrown away */
	SERVER_CLOSING,
	SERVER_CLOSED
};

/* What stands before the next byte of a message in DATA. */
enum line_state {
	LINE_START, /* CRLF, or the beginning */
	LINE_DOT,   /* CRLF "." */
	LINE_DOT_CR,
	LINE_INSIDE,
	LINE_CR
};

struct server_body {
	enum line_state line;
	unsigned odd;
	unsigned long long bytes;
	unsigned long long left; /* of this BDAT chunk */
	size_t line_bytes;       /* since the last LF */
	char before;             /* last byte of the chunk before, for line ends across pieces of BDAT */
};

struct server_transaction {
	bool mail, utf8, bdat, binary;
	/* A chunk was refused, or its line could not be read: what follows is not the whole message (RFC
	 * 3030, 2). */
	bool torn;
	unsigned rcpts, refused;
};

struct smtp_server {
	struct smtp_server_options options;
	char *name, *auth_list, *limits;
	enum server_phase phase;
	bool waits;      /* an answer is due */
	bool body_ended; /* ... to the message */
	bool early_told, timed_out, tls_told;
	bool turned_away; /* the greeting was a refusal (RFC 5321, 3.1) */
	bool helo, extended, tls, authenticated;
	bool endless;     /* a refused chunk is: the answer to it is the last */
	bool auth_failed; /* since then nothing came that is a command: it may be what a login has */

	struct buf line;     /* the unfinished or last line */
	bool line_whole;     /* it was reported; the next byte begins another */
	bool skips_line;     /* it was told to be too long; its rest is thrown away */
	size_t skipped;      /* of that line */
	struct arena *arena; /* of the request */
	struct smtp_request request;
	struct smtp_answer refusal; /* code 0: none */
	struct buf decoded;         /* AUTH initial response or response */
	bool response_good;
	struct server_transaction tx;
	struct server_body body;
	struct str chunk;
	char *client_name, *shown;

	struct buf out;
	uint64_t now_ms, since_ms; /* since when the client is waited for */
	uint64_t stall_ms;         /* since when output waits; UINT64_MAX: none waits */
};

/* server_line.c: takes bytes up to a line's end; sets *used. */
enum smtp_server_event server_take_line(struct smtp_server *s, struct str in, size_t *used);

/* server_command.c: makes s->request and s->refusal of a line. */
void server_read_command(struct smtp_server *s, struct str line, unsigned odd);
void server_read_response(struct smtp_server *s, struct str line, unsigned odd);

/* server_params.c: MAIL and RCPT. */
void server_read_mail(struct smtp_server *s, struct str rest);
void server_read_rcpt(struct smtp_server *s, struct str rest);

/* server_body.c: takes message bytes; sets *used. */
enum smtp_server_event server_take_data(struct smtp_server *s, struct str in, size_t *used);
enum smtp_server_event server_take_bdat(struct smtp_server *s, struct str in, size_t *used);
void server_body_begin(struct smtp_server *s);

/* server_reply.c */
/* The first reason to refuse what was said counts. */
void server_refuse(struct smtp_server *s, unsigned code, const char *enhanced, const char *text);
void server_end_transaction(struct smtp_server *s);

#endif

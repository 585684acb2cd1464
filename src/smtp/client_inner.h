/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/client_inner.h - the client engine's inside, shared by client*.c only. */
#ifndef SMTP_CLIENT_INNER_H
#define SMTP_CLIENT_INNER_H

#include "base/arena.h"
#include "base/buf.h"
#include "smtp/client.h"

/* NEW -> GREETING -> TALK <-> BODY; TALK -> HANDSHAKE -> TALK;
 * CLOSING after 421 or 221: only QUIT is left; BROKEN: nothing is. */
enum client_phase {
	CLIENT_NEW,
	CLIENT_GREETING,
	CLIENT_TALK,
	CLIENT_BODY, /* 354 came, the final dot is not queued yet */
	CLIENT_HANDSHAKE,
	CLIENT_CLOSING,
	CLIENT_BROKEN
};

/* A command that awaits its reply. */
struct asked {
	enum smtp_command command;
	uint64_t from, end; /* its bytes in the stream of all output */
	bool written;       /* the last byte is out */
	uint64_t written_ms;
	unsigned transaction;
	char *text; /* for transcripts: secrets hidden, printable; owned */
};

/* A transcript line: of ours until written, then of both. */
struct spoken_line {
	uint64_t end; /* our line is said when so many bytes are out */
	char dir;
	char *text;
};

struct spoken_list {
	struct spoken_line *v;
	size_t first, n, room;
};

struct client_transaction {
	unsigned number; /* grows with every RSET, EHLO and end of data */
	bool mail;       /* MAIL is queued or accepted */
	bool utf8;       /* it had SMTPUTF8 */
	unsigned rcpts;  /* RCPTs queued or accepted */
	bool bdat;       /* BDAT has begun: only BDAT may follow */
};

struct client_auth {
	struct sasl_client *mech; /* NULL: no exchange is running */
	enum sasl_mechanism mechanism;
	bool responded;   /* a response went out (initial or not) */
	bool cancelled;   /* "*" was said */
	unsigned secrets; /* lines in said */
	struct buf challenge;
	struct buf said; /* base64 of ours, one a line: a peer that echoes it is not shown doing so */
	struct err err;
};

struct client_body {
	bool line_start, after_cr, spoilt;
	unsigned long long bytes; /* of the message, dots not stuffed */
};

struct smtp_client {
	struct smtp_client_options options;
	enum client_phase phase;
	bool helo; /* EHLO or HELO was accepted */
	bool authenticated;
	uint64_t now_ms;

	struct buf out;
	uint64_t queued, sent; /* bytes ever */
	uint64_t stall_ms;     /* since when output waits unwritten; UINT64_MAX: not known yet */

	struct smtp_reply_parser *parser;
	struct asked asked[SMTP_COMMANDS_AHEAD_MAX]; /* ring */
	size_t asked_first, asked_n;
	struct asked answered; /* of the last REPLY */
	const struct smtp_reply *reply;
	bool reply_whole;     /* the last bytes were a whole reply */
	bool reply_begun;     /* some bytes of one have come */
	uint64_t reply_sent;  /* of ours were out when its first byte came */
	bool parting;         /* a refusal came unasked: its last word, most likely */
	uint64_t answered_ms; /* when the last reply came */
	uint64_t elapsed_ms;
	bool timed_out;

	struct arena *ehlo_arena;
	struct smtp_ehlo *ehlo;
	struct client_transaction tx;
	struct client_auth auth;
	struct client_body body;

	struct spoken_list unsaid, spoken; /* ours not yet written; what stands in wire order */
	size_t unspoken;                   /* lines dropped since SMTP_SPOKEN_LINES_MAX was reached */
};

/* client_command.c.  Legal now?  False with *e. */
bool client_may(const struct smtp_client *c, enum smtp_command m, struct err *e) MUST_USE;
/* Queues line (without CRLF, already checked) as a command that awaits a reply;
 * shown is its transcript form. */
bool client_ask(struct smtp_client *c, enum smtp_command m, struct str line, const char *shown,
		struct err *e) MUST_USE;
/* Queues bytes that are no command; all or nothing. */
bool client_queue(struct smtp_client *c, struct str bytes, struct err *e) MUST_USE;
void client_new_transaction(struct smtp_client *c);
bool client_offers(const struct smtp_client *c, enum smtp_extension x);

/* client_asked.c */
uint64_t client_patience_ms(enum smtp_command m);            /* where the options say nothing */
struct asked *client_asked(struct smtp_client *c, size_t i); /* the i'th place of the ring, from the oldest */
struct asked *client_head(struct smtp_client *c);            /* the oldest command without a reply, or NULL */

/* client_auth.c */
enum smtp_event client_auth_challenge(struct smtp_client *c, const struct smtp_reply *r);
void client_auth_end(struct smtp_client *c, const struct smtp_reply *r);
void client_auth_clear(struct client_auth *a);

/* client_body.c */
void client_body_begin(struct smtp_client *c);

/* client_spoken.c */
void client_say(struct smtp_client *c, const char *text); /* ours, said once all queued bytes are out */
void client_said(struct smtp_client *c);                  /* bytes went out */
void client_hear(struct smtp_client *c, const struct smtp_reply *r);
void client_hear_raw(struct smtp_client *c);
void spoken_list_clear(struct spoken_list *l);

#endif

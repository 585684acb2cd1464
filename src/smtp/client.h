/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/client.h - the client's side of SMTP as an engine without a socket or clock.
 *
 * Bytes in, bytes out, time in, events back.  The driver in net/ owns socket,
 * TLS and timer.  RFC 5321, 3207 (STARTTLS), 4954 (AUTH), 1870 (SIZE), 2920
 * (PIPELINING), 6152 (8BITMIME), 6531 (SMTPUTF8), 3030 (CHUNKING), 3461 (DSN),
 * 2034 (enhanced codes), 8689 (REQUIRETLS). */
#ifndef SMTP_CLIENT_H
#define SMTP_CLIENT_H

#include "smtp/ehlo.h"
#include "smtp/sasl.h"

enum {
	SMTP_COMMAND_BYTES_MAX = 1000,    /* one command line with its CRLF */
	SMTP_AUTH_LINE_BYTES_MAX = 12288, /* RFC 4954, 4 */
	SMTP_COMMANDS_AHEAD_MAX = 200,    /* commands sent and not yet answered */
	SMTP_OUTPUT_BYTES_MAX = 1 << 20,  /* bytes queued and not yet taken; smtp_client_body() waits then */
	SMTP_SPOKEN_LINES_MAX = 1000      /* transcript lines not yet drained; further ones are counted */
};

enum smtp_command {
	SMTP_CMD_NONE,    /* unsolicited: the peer spoke unasked (421 on its way out) */
	SMTP_CMD_CONNECT, /* the greeting */
	SMTP_CMD_EHLO,
	SMTP_CMD_HELO,
	SMTP_CMD_STARTTLS,
	SMTP_CMD_AUTH,
	SMTP_CMD_MAIL,
	SMTP_CMD_RCPT,
	SMTP_CMD_DATA, /* 354 */
	SMTP_CMD_DOT,  /* the reply after the final dot or the last BDAT */
	SMTP_CMD_BDAT,
	SMTP_CMD_RSET,
	SMTP_CMD_QUIT,
	SMTP_COMMANDS
};

enum smtp_event {
	SMTP_EVENT_NONE,      /* nothing to report: give input, take output, or wait */
	SMTP_EVENT_REPLY,     /* smtp_client_reply() answers smtp_client_command() */
	SMTP_EVENT_CHALLENGE, /* a 334 was answered; smtp_client_challenge() has it decoded */
	SMTP_EVENT_START_TLS, /* 220 to STARTTLS: hand the transport to tls now; input left over is evidence
			       */
	SMTP_EVENT_TIMEOUT,   /* the deadline of the current step has passed */
	SMTP_EVENT_BROKEN     /* the peer left the protocol; *e says where, smtp_client_raw() shows it */
};

/* Milliseconds to wait for the answer to each command; 0 takes the RFC's
 * (5321, 4.5.3.2: greeting 5 min, MAIL/RCPT 5 min, DATA 2 min, dot 10 min). */
struct smtp_client_options {
	uint64_t timeout_ms[SMTP_COMMANDS];
};

struct smtp_client;

struct smtp_client *smtp_client_new(const struct smtp_client_options *o) MUST_USE;
void smtp_client_free(struct smtp_client **c); /* NULL is fine; wipes secrets */

/* The connection is up (or TLS is, for implicit TLS): the greeting's time runs. */
void smtp_client_connected(struct smtp_client *c, uint64_t now_ms);

/* In.  *used may be less than len: take the event first, then feed the rest. */
enum smtp_event smtp_client_feed(struct smtp_client *c, const void *data, size_t len, size_t *used,
				 uint64_t now_ms, struct err *e) MUST_USE;
enum smtp_event smtp_client_tick(struct smtp_client *c, uint64_t now_ms) MUST_USE;
uint64_t smtp_client_deadline_ms(const struct smtp_client *c); /* UINT64_MAX: none */

/* After SMTP_EVENT_START_TLS and a finished handshake: forgets EHLO's answer
 * (RFC 3207, 4.2); EHLO must be said again. */
void smtp_client_tls_done(struct smtp_client *c, uint64_t now_ms);

/* Out.  Bytes waiting, owned by c; then report how many were really written.
 * Time for the answer runs from the write of the command's last byte. */
struct str smtp_client_output(const struct smtp_client *c);
void smtp_client_sent(struct smtp_client *c, size_t nbytes, uint64_t now_ms);

/* Intent.  Queues a command, writes nothing.  False with *e: not legal in this
 * state, a byte that may not stand there (CR, LF, NUL, 8-bit without SMTPUTF8),
 * or over a limit.  Commands may be queued ahead only where the server offered
 * PIPELINING and RFC 2920 allows it; otherwise they are legal once the last
 * reply came. */
bool smtp_client_ehlo(struct smtp_client *c, const char *name, struct err *e) MUST_USE;
bool smtp_client_helo(struct smtp_client *c, const char *name, struct err *e) MUST_USE;
bool smtp_client_starttls(struct smtp_client *c, struct err *e) MUST_USE;

/* Takes mech (frees it).  initial: send the initial response with AUTH where the mechanism has one. */
bool smtp_client_auth(struct smtp_client *c, enum sasl_mechanism m, struct sasl_client *mech, bool initial,
		      struct err *e) MUST_USE;

struct smtp_mail_params {
	long size;     /* SIZE=, sent only where offered; < 0: none */
	bool eightbit; /* BODY=8BITMIME where offered */
	bool smtputf8; /* SMTPUTF8: an error where it was not offered */
	const char *ret,
		*envid; /* DSN (RFC 3461), NULL none; sent only where offered, xtext as on the wire */
	bool requiretls;
};
/* from: an address without <>; "" is the null reverse-path.  p may be NULL. */
bool smtp_client_mail(struct smtp_client *c, const char *from, const struct smtp_mail_params *p,
		      struct err *e) MUST_USE;
/* notify, orcpt: DSN, NULL none; sent only where offered, xtext as on the wire. */
bool smtp_client_rcpt(struct smtp_client *c, const char *to, const char *notify, const char *orcpt,
		      struct err *e) MUST_USE;

bool smtp_client_data(struct smtp_client *c, struct err *e) MUST_USE;
/* After 354: message bytes in any pieces; lines must end with CRLF (a bare CR
 * or LF is refused with ERR_SYNTAX: the caller repairs before).  Dots are stuffed here.
 * *took may be less than chunk.len when output is full: write, then go on. */
bool smtp_client_body(struct smtp_client *c, struct str chunk, size_t *took, struct err *e) MUST_USE;
bool smtp_client_body_end(struct smtp_client *c, struct err *e) MUST_USE; /* CRLF "." CRLF */

bool smtp_client_bdat(struct smtp_client *c, struct str chunk, bool last, struct err *e) MUST_USE;
bool smtp_client_rset(struct smtp_client *c, struct err *e) MUST_USE;
bool smtp_client_quit(struct smtp_client *c, struct err *e) MUST_USE;

/* State, for drivers and probes. */
const struct smtp_reply *smtp_client_reply(const struct smtp_client *c); /* of the last REPLY event */
enum smtp_command smtp_client_command(const struct smtp_client *c);      /* which it answers */
const char *smtp_client_command_text(const struct smtp_client *c);       /* secrets hidden, printable */
uint64_t smtp_client_elapsed_ms(const struct smtp_client *c); /* command written .. reply complete */
const struct smtp_ehlo *smtp_client_ehlo_answer(const struct smtp_client *c); /* NULL: none accepted (yet) */
struct str smtp_client_challenge(const struct smtp_client *c); /* decoded, of the last CHALLENGE */
/* Why WE ended the exchange with "*", or did not believe a 235; NULL: no such thing.  Of the last AUTH. */
const struct err *smtp_client_auth_err(const struct smtp_client *c);
bool smtp_client_authenticated(const struct smtp_client *c); /* 235 came and the mechanism agrees */
struct str smtp_client_raw(const struct smtp_client *c);     /* bytes of a broken or partial reply */
/* text with every AUTH line of ours in it replaced by [hidden], for replies that are kept. */
const char *smtp_client_hide(const struct smtp_client *c, struct arena *a, const char *text) MUST_USE;
bool smtp_client_waits(const struct smtp_client *c); /* an answer is outstanding */
enum smtp_command smtp_client_waits_for(const struct smtp_client *c);
const char *smtp_command_name(enum smtp_command m);

/* The dialogue, line by line in wire order, secrets replaced by [hidden];
 * message content is told as one line with its size.  Drains the oldest line:
 * the caller owns it; NULL when there is none. */
char *smtp_client_take_spoken(struct smtp_client *c, char *dir) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/server.h - the server's side of SMTP as an engine without a socket or clock.
 *
 * Bytes in, bytes out, time in, events back.  The driver owns socket, TLS and
 * timer, and decides; the engine knows grammar and order.  Each COMMAND,
 * AUTH_RESPONSE and BODY_END waits for one answer; until it is given no input
 * is taken (*used stays 0), so a pipelining client is served in turn and what
 * it can make grow is the driver's one input buffer.
 *
 *     driver:  feed -> event -> reply -> feed the rest ... ; output -> sent
 *
 * Only CRLF "." CRLF ends DATA; every other line end in a message is content,
 * passed on as it came and told in `odd`.  RFC 5321, 3207, 4954, 1870, 2920,
 * 3030, 3461, 6531, 8689. */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include "smtp/ehlo.h"
#include "smtp/path.h"
#include "smtp/sasl.h"

enum {
	SMTP_SERVER_LINE_BYTES_MAX = 2048,       /* a command with its CRLF */
	SMTP_SERVER_AUTH_LINE_BYTES_MAX = 12288, /* RFC 4954, 4 */
	SMTP_SERVER_LINE_SKIP_MAX = 1 << 16,     /* of a longer line that was answered with 500; then 421 */
	SMTP_SERVER_CHUNK_SKIP_MAX = 1 << 24,    /* beyond SIZE, of a refused chunk; a longer one ends all */
	SMTP_SERVER_OUTPUT_PAUSE = 64 * 1024,    /* no input is taken while more waits to be written */
	SMTP_SERVER_OUTPUT_BYTES_MAX = 1 << 20,
	SMTP_SERVER_PARAMS_MAX = 16 /* esmtp-params of one MAIL or RCPT */
};

enum smtp_verb {
	SMTP_VERB_CONNECT, /* the greeting is due */
	SMTP_VERB_UNKNOWN,
	SMTP_VERB_HELO,
	SMTP_VERB_EHLO,
	SMTP_VERB_STARTTLS,
	SMTP_VERB_AUTH,
	SMTP_VERB_MAIL,
	SMTP_VERB_RCPT,
	SMTP_VERB_DATA,
	SMTP_VERB_BDAT,
	SMTP_VERB_RSET,
	SMTP_VERB_NOOP,
	SMTP_VERB_VRFY,
	SMTP_VERB_EXPN,
	SMTP_VERB_HELP,
	SMTP_VERB_QUIT,
	SMTP_VERBS
};

enum smtp_server_event {
	SMTP_SERVER_NONE,            /* nothing to report: give input, take output, or wait */
	SMTP_SERVER_COMMAND,         /* answer smtp_server_request() */
	SMTP_SERVER_AUTH_RESPONSE,   /* answer smtp_server_response(): 334 again, or the end */
	SMTP_SERVER_BODY,            /* smtp_server_chunk(): message bytes, dots removed; no answer */
	SMTP_SERVER_BODY_END,        /* the message is complete: answer */
	SMTP_SERVER_START_TLS_READY, /* our 220 is written: hand the transport to tls */
	SMTP_SERVER_EARLY, /* the client talks before the greeting (told once; its bytes stay with the driver)
			    */
	SMTP_SERVER_TIMEOUT, /* told once; smtp_server_close() says 421 */
	SMTP_SERVER_CLOSED   /* the last reply is written: close */
};

/* Oddities, tolerated but told, so that policy can refuse. */
enum smtp_server_odd {
	SMTP_SERVER_BARE_LF = 1, /* LF without CR, in a command (see .crlf_only) or in the message */
	SMTP_SERVER_BARE_CR = 2,
	SMTP_SERVER_NUL = 4,        /* in the message */
	SMTP_SERVER_CONTROL = 8,    /* control bytes in a command; its refusal says 500 */
	SMTP_SERVER_PIPELINED = 16, /* input was there behind a command that must end a group */
	SMTP_SERVER_LONG_LINE = 32  /* message line over 998 bytes */
};

struct smtp_param {
	struct str name, value; /* value.p == NULL: none */
};

/* A command as understood.  Texts live until the next feed. */
struct smtp_request {
	enum smtp_verb verb;
	struct str line; /* as received, without line end; with AUTH_RESPONSE the response */
	/* EHLO, HELO: the name; AUTH: the mechanism; MAIL, RCPT: all behind the colon,
	 * where path is empty because it cannot be read; VRFY, HELP...: the rest. */
	struct str argument;
	unsigned odd; /* enum smtp_server_odd, or-ed */

	struct smtp_path path; /* MAIL, RCPT */
	struct smtp_param params[SMTP_SERVER_PARAMS_MAX];
	size_t nparams;
	long size;       /* SIZE=, -1 none */
	struct str body; /* BODY=: "7BIT", "8BITMIME", "BINARYMIME"; "" none */
	bool smtputf8, requiretls;
	struct str ret, envid, notify, orcpt; /* "" none; xtext as on the wire */

	enum sasl_mechanism mechanism; /* AUTH; SASL_NONE: unknown */
	bool has_initial;
	struct str initial; /* decoded */

	unsigned long long chunk; /* BDAT */
	bool last;
};

/* What the engine would answer. */
struct smtp_answer {
	unsigned code;
	const char *enhanced; /* "" none */
	const char *text;     /* "\n" between lines */
};

struct smtp_server_options {
	const char *name;             /* ours; copied */
	unsigned extensions;          /* enum smtp_extension, or-ed: what EHLO offers */
	long size;                    /* SIZE: 0 no fixed limit */
	const char *auth;             /* "PLAIN LOGIN", NULL or "" none; copied */
	const char *limits;           /* of LIMITS (RFC 9422), NULL none; copied */
	uint64_t command_ms, data_ms; /* 0: 5 min and 3 min (RFC 5321, 4.5.3.2) */
	bool crlf_only; /* what ends in LF alone is refused and has no effect, command or response */
};

struct smtp_server;

struct smtp_server *smtp_server_new(const struct smtp_server_options *o) MUST_USE;
void smtp_server_free(struct smtp_server **s); /* NULL is fine; wipes */

/* Changes what EHLO offers from now on (after TLS, after login). */
void smtp_server_offer(struct smtp_server *s, unsigned extensions, const char *auth);
void smtp_server_offer_size(struct smtp_server *s, long size); /* SIZE: 0 no fixed limit */

/* The connection is up: the first COMMAND (SMTP_VERB_CONNECT) waits for its answer. */
void smtp_server_connected(struct smtp_server *s, uint64_t now_ms);

/* In.  *used may be less than len: see above.  Call it until it returns NONE, with
 * whatever is left, be it nothing: the end of a BDAT chunk is an event of its own.  After our 220 to STARTTLS
 * and until smtp_server_tls_done() everything fed is thrown away and counted (RFC 3207, 4.2): feed it what
 * was read before START_TLS_READY, and only that. */
enum smtp_server_event smtp_server_feed(struct smtp_server *s, const void *data, size_t len, size_t *used,
					uint64_t now_ms) MUST_USE;
enum smtp_server_event smtp_server_tick(struct smtp_server *s, uint64_t now_ms) MUST_USE;
uint64_t smtp_server_deadline_ms(const struct smtp_server *s); /* UINT64_MAX: none */
/* TLS is up: after START_TLS_READY, or before smtp_server_connected() where it comes first. */
void smtp_server_tls_done(struct smtp_server *s, uint64_t now_ms);

/* Out.  Bytes waiting, owned by s; then report how many were really written.  Report 0 where
 * none waited: after an answer without bytes (below) there is an event all the same. */
struct str smtp_server_output(const struct smtp_server *s);
enum smtp_server_event smtp_server_sent(struct smtp_server *s, size_t nbytes, uint64_t now_ms) MUST_USE;

/* Answers.  The code moves the state (2xx to MAIL opens a transaction, 354 begins
 * the message, 334 awaits a response, 221 and 421 close ...).  text may have several
 * lines ("\n"); control bytes in it become "?".  Nothing waits for an answer: nothing happens. */
void smtp_server_reply(struct smtp_server *s, unsigned code, const char *enhanced, const char *text);
/* 334 with a challenge, base64 done here. */
void smtp_server_challenge(struct smtp_server *s, struct str challenge);
/* An answer as the driver wants it, for what good manners do not provide for: any bytes, or
 * none when they went out past the engine (dripped, split, with something in between).  They
 * count as `code`, whatever they are: the state moves as if it had been said, also where the
 * engine would have refused.  0: the command stays without an answer, and without effect.
 * Never closes, not at 221 or 421 either: that is the driver's to do, or to leave undone. */
void smtp_server_reply_raw(struct smtp_server *s, unsigned code, struct str bytes);
/* NULL: the request is well-formed and in order.  Else what to answer it with. */
const struct smtp_answer *smtp_server_refusal(const struct smtp_server *s);
/* The refusal, or the standard positive answer; returns its code, 0 when nothing waits for one. */
unsigned smtp_server_default_reply(struct smtp_server *s);
/* Unasked, at any time: 421 and the like; CLOSED follows when it is written. */
void smtp_server_close(struct smtp_server *s, unsigned code, const char *enhanced, const char *text);

/* State. */
const struct smtp_request *smtp_server_request(const struct smtp_server *s); /* the last COMMAND */
/* The last AUTH response, decoded; false when it was "*" or no base64 (then smtp_server_refusal() has the
 * answer). */
bool smtp_server_response(const struct smtp_server *s, struct str *out);
struct str smtp_server_chunk(const struct smtp_server *s);
/* Of the message in hand: its bytes so far, and its oddities. */
unsigned long long smtp_server_body_bytes(const struct smtp_server *s);
unsigned smtp_server_body_odd(const struct smtp_server *s);
const char *
smtp_server_request_shown(struct smtp_server *s);       /* printable, secrets hidden; until the next call */
bool smtp_server_waits(const struct smtp_server *s);    /* an answer is due */
bool smtp_server_has_tls(const struct smtp_server *s);  /* after smtp_server_tls_done() */
bool smtp_server_extended(const struct smtp_server *s); /* EHLO (not HELO) was accepted */
const char *smtp_server_client_name(const struct smtp_server *s); /* of the accepted EHLO, printable; "" */
bool smtp_server_authenticated(const struct smtp_server *s);

#endif

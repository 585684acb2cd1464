/* SPDX-License-Identifier: Apache-2.0 */
/* check/dialogue.h - one polite SMTP dialogue, every step recorded as facts.
 *
 * The main check and every experiment that talks SMTP run through it; a plan
 * says what differs.  One connection at a time per server, QUIT at the end,
 * nothing said before the greeting, no password to an unverified peer. */
#ifndef CHECK_DIALOGUE_H
#define CHECK_DIALOGUE_H

#include "catalog/finding.h"
#include "check/probe.h"

struct dialogue_plan {
	const char *purpose; /* SESSION fact's; "main" for the main one */
	const char *changed; /* what differs from the main dialogue, in words */
	const char *host;    /* name for SNI and certificate; "" none known */
	const char *address;
	unsigned port;
	enum request_security security;
	bool no_sni;
	int tls_max;              /* 0x0303 ...; 0: the widest */
	const char *ehlo_name;    /* NULL: the request's */
	enum request_until until; /* how far to go */
	bool login;
	bool two_step_login;     /* no initial response */
	const char *user;        /* to log in as; NULL: the target's */
	struct strlist tlsa;     /* proven TLSA records the certificate has to fit; empty: none */
	const char *tlsa_domain; /* the domain the host is MX of, or NULL */
	const char *from;        /* NULL: no envelope; "" the null reverse-path */
	struct strlist to;
	const char *message; /* to send after the envelope (CRLF lines), or NULL */
	size_t message_bytes;
	long declare_size;                /* SIZE= on MAIL; < 0: none */
	uint64_t connect_ms, greeting_ms; /* 0: defaults */
	bool watch_silence;               /* a silent greeting: look for TLS on a second connection */
	bool ask_control;                 /* refused recipient: try the sender's own address too */
};

/* How far it came. */
struct dialogue_result {
	unsigned session; /* number in facts */
	bool connected, greeted, ehlo, tls, trusted, logged_in, mail, accepted;
	size_t rcpt_ok, rcpt_refused;
	enum step broke;  /* the step in which it ended before its plan; STEP_COUNT: it did not */
	unsigned code;    /* of the last refusing reply, 0 none */
	bool spoke_tls;   /* the port answered TLS where a greeting was awaited */
	bool spoke_clear; /* it answered in clear where TLS was awaited */
	bool spoke_other; /* and that was not SMTP */
	int err_no;       /* of connect */
};

enum {
	DIALOGUE_CONNECT_MS = 8000,
	DIALOGUE_SILENCE_MS = 3500, /* a greeting later than this is looked into */
	DIALOGUE_PEEK_MS = 2500,
	DIALOGUE_REPLY_MS = 30000 /* for EHLO, AUTH, MAIL, RCPT; the end of the check may come first */
};

void dialogue_run(struct probe *p, const struct dialogue_plan *plan, struct dialogue_result *out);

/* Closes the connection of the last dialogue, which has said QUIT; nothing to do
 * where it is closed. */
void dialogue_leave(struct probe *p, enum session_patience patience);

/* The plan of the main dialogue, from the target fact and the request. */
struct dialogue_plan dialogue_main_plan(struct probe *p);

/* Connects and looks what speaks there, without SMTP, for plan->connect_ms at most: with SECURITY_TLS, a
 * ClientHello is sent.  Records CONNECT, TLS or BYTES under the purpose; true when TCP came up. */
bool dialogue_peek(struct probe *p, const struct dialogue_plan *plan, struct dialogue_result *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* net/submit.h - one message handed to one server, from top to bottom, with each answer kept.
 *
 * What goes wrong is no failure of ours but the result: the step, the reply, or the words
 * of what happened.  A password goes only to a server whose certificate is good, or over loopback. */
#ifndef NET_SUBMIT_H
#define NET_SUBMIT_H

#include "net/dns.h"
#include "net/session.h"

enum {
	SUBMIT_CONNECT_MS = 10000, /* to one address */
	SUBMIT_ADDRESSES_MAX = 8   /* of the server, tried in turn */
};

struct submit_recipient {
	const char *address;
	const char *notify, *orcpt; /* DSN, as on the wire; NULL none */
	/* comes out */
	unsigned code;     /* of RCPT; 0: was not asked */
	const char *reply; /* "550 5.1.1 no such user"; "" none */
};

struct submit_login {
	const char *user;
	const char *secret;            /* NULL: no login */
	bool token;                    /* the secret is an access token */
	enum sasl_mechanism mechanism; /* SASL_NONE: the best that is offered */
};

/* What happens, as it happens; both may be NULL. */
struct submit_watch {
	void (*step)(void *ctx, const char *step, const char *what);
	void (*line)(void *ctx, char dir, const char *line); /* of the dialogue, secrets hidden */
	void *ctx;
};

struct submit {
	const char *host; /* a name or a numeric address */
	unsigned port;
	enum session_security security; /* SESSION_STARTTLS: must be offered */
	bool any_certificate;           /* a server of this very machine: then no login over TLS */
	const char *ehlo_name;
	struct tls_trust *trust;
	struct submit_login login;
	const char *from; /* "" the null reverse-path */
	const char *ret, *envid;
	struct submit_recipient *v;
	size_t n;
	struct str message; /* CRLF */
	bool utf8_header;   /* the message needs SMTPUTF8 whatever its addresses are */
	uint64_t until_ms;
	struct submit_watch watch;
};

enum submit_end {
	SUBMIT_HANDED_OVER, /* to those whose RCPT was taken */
	SUBMIT_REFUSED,     /* reply says why; nobody has it */
	SUBMIT_BROKEN,      /* no connection, no TLS, no answer: words say what; nobody has it */
	SUBMIT_IN_DOUBT     /* the final dot went out and no reply came */
};

struct submit_result { /* texts in the arena, never NULL */
	enum submit_end end;
	const char *step;          /* contract's, of the failure; "data" when handed over */
	unsigned code;             /* of the last reply that counts; 0 none */
	const char *reply;         /* with its code, one line */
	const char *words;         /* SUBMIT_BROKEN: "cannot connect to ...: Connection refused" */
	const char *address, *tls; /* the server's; "TLSv1.3", "" none */
	size_t taken;              /* recipients */
};

void submit_run(struct net_loop *l, struct dns *d, const struct submit *s, struct arena *a,
		struct submit_result *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* check/request.h - what a check is asked to do.
 *
 * Filled by cli (and later by the HTTP API); all texts are borrowed for the
 * length of the check.  Secrets stand here and nowhere else. */
#ifndef CHECK_REQUEST_H
#define CHECK_REQUEST_H

#include "base/arena.h"
#include "base/err.h"

enum request_form { FORM_AUTO, FORM_ADDRESS, FORM_HOST, FORM_DOMAIN, FORM_PROFILE };
enum request_security { SECURITY_AUTO, SECURITY_NONE, SECURITY_STARTTLS, SECURITY_TLS };
enum request_until { UNTIL_AUTO, UNTIL_CONNECT, UNTIL_TLS, UNTIL_AUTH, UNTIL_ENVELOPE, UNTIL_MESSAGE };

enum {
	REQUEST_TIMEOUT_S = 60,      /* default for a whole check */
	REQUEST_RECIPIENTS_MAX = 20, /* of one check */
	REQUEST_ATTACHMENTS_MAX = 10,
	REQUEST_SECRET_BYTES_MAX = 64 * 1024
};

struct request_answer { /* of --guided */
	const char *question, *answer;
};

struct check_request {
	const char *input; /* as typed */
	enum request_form form;
	const char *host; /* "" for an address or domain until it is found */
	unsigned port;    /* 0: choose */
	enum request_security security;
	const char *domain;         /* "" or the domain of an address or domain target */
	const char *user, *from;    /* "" none */
	bool null_from, blank_from; /* --from "<>" ; --from "" */
	struct strlist to, attach, dnsbl;
	const char *auth; /* auto | none | plain | ... */
	enum request_until until;
	const char *sending_ip, *dkim_selector, *bind, *resolver, *ca_file, *trust_anchor, *ehlo_name;
	bool ehlo_given; /* ehlo_name was typed */
	int family;      /* 0, 4, 6 */
	unsigned timeout_s;
	bool experiments;
	bool insecure_auth;   /* the user insists on login without verified TLS */
	const char *password; /* NULL none; "" is an empty one */
	const char *token;    /* access token, NULL none */
	const char *client_id, *tenant_id, *client_secret, *refresh_token, *token_url, *scope;
	const char *tokens;       /* folder of newer refresh tokens (net/oauth_kept.h); NULL none */
	bool oauth;               /* any OAuth option was given */
	const char *message_file; /* an own message to send instead of the built one */
	long long now_s;          /* the time certificates and tokens are judged at; 0: the clock's */
	struct request_answer answers[16];
	size_t nanswers;
};

const char *request_form_name(enum request_form f);
const char *request_security_name(enum request_security s);
bool request_security_of(const char *name, enum request_security *s); /* "ssl" is tls */
const char *request_until_name(enum request_until u);
bool request_until_of(const char *name, enum request_until *u);

/* As if nothing had been typed: texts "", auth "auto", the usual time-out, experiments on.  ehlo_name
 * stays NULL: the caller must set it. */
struct check_request request_defaults(void);

/* There is something to log in with, and it was not forbidden. */
bool request_has_secret(const struct check_request *r);

/* Splits the TARGET argument into form, host, port and domain.  False with *e
 * (ERR_USAGE and the mend) only for what cannot be a target at all; odd bytes in
 * a host are kept: naming them is a rule's business. */
bool request_read_target(const char *text, struct arena *a, struct check_request *r, struct err *e) MUST_USE;

/* A copy of its own, for a check that runs when the caller has gone on; texts that are NULL stay so.
 * request_free() overwrites the secrets. */
struct check_request *request_copy(const struct check_request *r) MUST_USE;
void request_free(struct check_request **r);

#endif

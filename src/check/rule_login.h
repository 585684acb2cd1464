/* SPDX-License-Identifier: Apache-2.0 */
/* check/rule_login.h - the main dialogue's login, read once for the rules about it.
 *
 * Servers say little of a refused login.  What else is known decides: the
 * mechanism, the token's claims, the shape of name and secret, the provider,
 * and what a person answered. */
#ifndef CHECK_RULE_LOGIN_H
#define CHECK_RULE_LOGIN_H

#include "catalog/provider.h"
#include "catalog/reply_match.h"
#include "check/rule_view.h"

struct login {
	const struct evidence *ev;
	unsigned session;
	const struct fact *auth;         /* the last attempt, or NULL */
	const struct fact *reply;        /* the reply that refused it, or NULL */
	const struct fact *clear, *ehlo; /* the first EHLO in clear; the last of all; or NULL */
	const struct fact *token;        /* TOKEN, or NULL */
	const struct fact *password;     /* SECRET of the password, or NULL */
	const struct provider *provider; /* of the server, or NULL */
	const char *user;                /* "" none */
	bool oauth;                      /* a token was used, or meant to be */
	bool tls;
	struct reply_meaning means[REPLY_MEANINGS_MAX]; /* of the reply, best first */
	size_t nmeans;
};

struct login login_of(const struct evidence *ev);

/* Refused, and the reply gives no reason of its own. */
bool login_refused_bare(const struct login *l);
/* The session could log in: name and secret were there, and it came as far. */
bool login_is_wanted(const struct login *l);
bool login_ok(const struct login *l);
bool login_is_microsoft(const struct login *l);
bool login_secret_has(const struct login *l, const char *note); /* of the password's shape */

/* A person's answer to the question (NULL: any) holds one of the words
 * (separated by "|"): that answer, or NULL. */
const struct fact *login_answer(const struct evidence *ev, const char *question, const char *words);

#endif

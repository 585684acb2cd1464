/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/door_login_inner.h - a login under way, and how it ends (door_login_end.c): for door_login.c and
 * door_bearer.c. */
#ifndef RELAY_DOOR_LOGIN_INNER_H
#define RELAY_DOOR_LOGIN_INNER_H

#include "relay/door/bearer_verdict.h"
#include "relay/door/door_inner.h"

struct door_login {
	struct door *door; /* NULL: the client has gone while somebody was asked */
	struct relay *relay;
	struct ipaddr address; /* its own, also when it has gone */
	struct sasl_server *sasl;
	enum sasl_mechanism mechanism;
	char password[SASL_SECRET_BYTES_MAX + 1]; /* in clear, of an account that has a file of it */
	bool asking;
	enum bearer_result refused; /* 0 (BEARER_GOOD): not, or not by its token */
};

extern const char door_login_crowd[]; /* why it is to come later */

/* An answer to who was asked is here: for whom; NULL: it has gone, and so has l. */
struct door *door_login_answered(struct door_login *l);

void door_login_failed(struct door *d);                  /* is counted, once a login */
void door_login_failed_gone(const struct door_login *l); /* the same, of a client that did not wait for it */
/* The ends; the login is freed. */
void door_login_grant(struct door *d, const struct relay_account *account);
void door_login_refuse(struct door *d, const char *text); /* after door_login_failed() */
void door_login_later(struct door *d, const char *text);

/* door_bearer.c: the token is here. */
void door_bearer_ask(struct door *d);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* relay/access.h - who may hand us what: every yes and no at the door, in one place.
 *
 * Pure.  A no is an answer that tells its reader what to do (RFC 5321, 4.2; RFC 3463). */
#ifndef RELAY_ACCESS_H
#define RELAY_ACCESS_H

#include "mail/header.h"
#include "relay/settings.h"
#include "smtp/server.h"

/* Who stands at the door. */
struct access_client {
	const struct relay_listen *listen;
	struct ipaddr address;
	bool tls;
	bool trusted;                        /* known another way: a token of the API */
	const struct relay_account *account; /* NULL: not logged in */
	long sent_today;                     /* recipients of this account */
	long rate_room, rate_wait_s;         /* of its rate: more recipients now; until the next */
};

/* NULL: yes.  Texts are static or in a. */
const struct smtp_answer *access_auth(const struct access_client *c);
const struct smtp_answer *access_mail(const struct relay_settings *s, const struct access_client *c,
				      const struct smtp_request *r, struct arena *a);
const struct smtp_answer *access_rcpt(const struct relay_settings *s, const struct access_client *c,
				      struct str sender, const struct smtp_request *r, unsigned rcpts,
				      struct arena *a);
/* Of a message with so many recipients, when all of it is here: do they still fit? */
const struct smtp_answer *access_message(const struct access_client *c, unsigned rcpts, struct arena *a);
/* Who hands a message in. */
struct access_author {
	const struct relay_account *who; /* NULL: nobody logged in */
	struct str sender;               /* the reverse-path */
	const char *hostname;            /* ours */
};
/* In whose names the message is: the addresses of From and Sender (RFC 5322, 3.6.2) and, resent, of the
 * latest Resent-From and Resent-Sender (3.6.6). */
const struct smtp_answer *access_header(const struct access_author *by, const struct header *h,
					struct arena *a);
/* A refusal made in a; texts are borrowed. */
const struct smtp_answer *access_answer(struct arena *a, unsigned code, const char *enhanced,
					const char *text);
/* True when AUTH may be offered now: never before TLS off loopback. */
bool access_offers_auth(const struct access_client *c);
/* May hand over mail for anybody: from an allowed network, or logged in. */
bool access_may_relay(const struct relay_settings *s, const struct access_client *c);
/* The largest message taken from it. */
long long access_size_max(const struct relay_settings *s, const struct access_client *c);

/* NULL: the settings let nobody relay who should not; else the sentence that says how. */
const char *access_open_relay(const struct relay_settings *s, struct arena *a);

enum { ACCESS_RCPTS_MAX = 1000 }; /* of one message; RFC 5321, 4.5.3.1.8 asks for 100 */

#endif

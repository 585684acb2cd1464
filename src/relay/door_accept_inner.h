/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door_accept_inner.h - a whole message on its way to its answer: shared by door_accept.c and
 * door_verdict.c.
 *
 *     filters -> signatures -> store -> (the next server's word, where it is waited for) -> answer */
#ifndef RELAY_DOOR_ACCEPT_INNER_H
#define RELAY_DOOR_ACCEPT_INNER_H

#include "relay/door_inner.h"

/* What the next servers said of it so far. */
struct verdict {
	size_t left; /* recipients of which nothing is known */
	unsigned handed_over, refused, delayed;
	unsigned code; /* of the last reply */
	const char *host, *reply;
	bool *known; /* by recipient */
};

/* Outlives its door: what came in whole is taken, also when its client has gone. */
struct door_accept {
	struct relay_ticket ticket; /* first */
	struct relay *relay;
	struct door *door; /* NULL: the client has gone */
	struct door_transaction *mail;
	const struct relay_settings *settings;
	struct store_body *body; /* until the store has it */
	struct store_message message;
	const char *from_address; /* NULL: not to be signed */
	struct signing *signing;  /* while it is signed */
	bool is_signed;
	struct err err;
	const char *account; /* whose caps its recipients count for; NULL: none */
	unsigned counted, duplicates;
	const char *helo, *tls_version, *cipher;
	unsigned port;
	long wait_s;
	bool later;      /* the answer comes from the loop, not from within its command */
	const char *why; /* a filter holds it, or wants it thrown away; NULL */
	bool discard;
	bool reports;         /* some of its recipients are ours: it is a delivery report */
	struct strlist lanes; /* that will have work */

	struct door_accept *prev, *next; /* of relay.waiting */
	struct net_timer *timer;
	struct verdict verdict;
};

/* The answer, and the end of w. */
void door_accept_answer(struct door_accept *w, unsigned code, const char *enhanced, const char *text);

/* door_verdict.c */
void door_verdict_wait(struct door_accept *w);  /* it is in the store; answered when there is an answer */
void door_verdict_leave(struct door_accept *w); /* off the list */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* cli/send_arrival.h - whether a test mail has arrived in its profile's mailbox, and in which folder. */
#ifndef CLI_SEND_ARRIVAL_H
#define CLI_SEND_ARRIVAL_H

#include "cli/send.h"

enum send_arrived {
	ARRIVED_NOT,
	ARRIVED_INBOX, /* the mailbox's folder */
	ARRIVED_JUNK,
	ARRIVED_UNKNOWN /* the mailbox cannot be looked into */
};

struct send_arrival { /* texts are never NULL, in the mail's arena */
	enum send_arrived where;
	const char *words, *mend; /* of UNKNOWN: the server's, and what helps */
	const char *junk;         /* IMAP: the folder for spam; "" none is known */
	bool pop3;
	unsigned long looked_s;
};

/* Looks again and again until it is there, or --timeout (at most a minute) is over.  False with *e: it could
 * not be looked for here. */
bool send_arrival(struct send_mail *m, struct net_loop *l, struct send_arrival *out, struct err *e) MUST_USE;

#endif

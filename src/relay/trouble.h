/* SPDX-License-Identifier: Apache-2.0 */
/* relay/trouble.h - what a failure condemns, and whether for good: the only place that decides it.
 *
 * Pure.  The reply's meaning comes from the catalogue; a failure of our own is
 * never taken for a remote reply. */
#ifndef RELAY_TROUBLE_H
#define RELAY_TROUBLE_H

#include "base/str.h"
#include "catalog/reply_match.h"

/* Where in a delivery it happened. */
enum trouble_at {
	TROUBLE_DNS,
	TROUBLE_CONNECT,
	TROUBLE_GREETING,
	TROUBLE_EHLO,
	TROUBLE_TLS,
	TROUBLE_AUTH,
	TROUBLE_MAIL,
	TROUBLE_RCPT,
	TROUBLE_DATA,
	TROUBLE_DOT,
	TROUBLE_HERE, /* our own: the body cannot be read, no memory, no descriptor */
};

enum trouble_scope {
	TROUBLE_RECIPIENT,  /* this recipient of this message */
	TROUBLE_MESSAGE,    /* all its recipients at this destination */
	TROUBLE_HOST,       /* this host: another of the destination may do better */
	TROUBLE_DESTINATION /* nothing more goes there for now */
};

struct trouble_case {
	enum trouble_at at;
	bool smarthost;                      /* we log in there; else the recipient's MX */
	unsigned code;                       /* 0: no reply, the connection or ourselves failed */
	struct str text;                     /* the reply, or words of ours */
	const struct reply_meaning *meaning; /* best one; NULL when there is no reply */
	bool no_such_domain; /* TROUBLE_DNS: the domain does not exist, or takes no mail (RFC 7505) */
};

struct trouble {
	enum trouble_scope scope;
	bool for_good;      /* refused; else delayed */
	bool next_host;     /* try the destination's next host now */
	bool next_route;    /* another route may be tried (never after a failed login) */
	bool again_at_once; /* the rest of the recipients in a new transaction (452 too many) */
	bool account;       /* the account's trouble: it comes back slowly (relay/lane/ramp) */
	bool blocked;       /* ... and it is blocked by policy: what it had proved counts no more */
	bool elsewhere;  /* this host's own passing trouble, said politely: where the destination has another,
			  * that one may take it now; where it has none, the scope holds */
	bool used_up;    /* 421: where this connection took messages before, it is only over */
	bool of_service; /* 421 until a time: no matter of the message in hand */
	long hint_s;     /* what the server asked for; 0 nothing */
};

struct trouble trouble_judge(const struct trouble_case *c);

/* Said by a smarthost it is about us there, and mail waits until somebody has mended it. */
bool trouble_is_mendable(const char *class);

#endif

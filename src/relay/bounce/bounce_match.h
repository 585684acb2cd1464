/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/bounce_match.h - which mail of ours, and which of its recipients, a report is about.  Pure.
 *
 * In this order: the return path that we signed; our id in the original's Received fields; its Message-ID;
 * the next server's queue id; address, subject and time.  Rather no match than a wrong one: where two of ours
 * fit, none does; where a report names another Message-ID, nothing less counts. */
#ifndef RELAY_BOUNCE_MATCH_H
#define RELAY_BOUNCE_MATCH_H

#include "relay/bounce/bounce_report.h"
#include "store/state.h"

enum {
	BOUNCE_MATCHES_MAX = 200,    /* of one report */
	BOUNCE_WINDOW_S = 6 * 86400, /* a report comes within: five days of trying, and one of grace */
	BOUNCE_ARRIVAL_S = 10 * 60,  /* clocks differ */
	BOUNCE_CANDIDATES_MAX = 2000
};

enum bounce_how {
	BOUNCE_BY_NOTHING,
	BOUNCE_BY_RETURN_PATH,
	BOUNCE_BY_OWN_ID,
	BOUNCE_BY_MESSAGE_ID,
	BOUNCE_BY_REMOTE_ID,
	BOUNCE_BY_ADDRESS,
	BOUNCE_HOWS
};

/* One recipient of one mail of ours. */
struct bounce_candidate {
	struct store_id id;
	uint32_t rcpt;
	const char *address, *orcpt; /* orcpt: without "rfc822;"; "" none */
	const char *message_id;      /* without <> */
	const char *subject;
	size_t nrcpts; /* of its mail */
	enum store_state state;
	int64_t handed_ms;                 /* 0: never */
	const char *host, *ip, *remote_id; /* of the server that took it */
};

enum bounce_meaning {
	BOUNCE_NOTED /* said on the trail, nothing changes; all that BY_ADDRESS can mean */,
	BOUNCE_FAILED,
	BOUNCE_ARRIVED
};

struct bounce_match {
	size_t candidate;
	const struct dsn_recipient *about; /* NULL: the report names nobody */
	enum bounce_how how;
	enum bounce_meaning meaning;
	bool same_address; /* the report names the address we sent to; else one behind it */
};

/* candidates: all of ours that any name in the report leads to; for a match by address, all mails to that
 * address that can have been handed over within BOUNCE_WINDOW_S.  Returns how many matches (out has room for
 * BOUNCE_MATCHES_MAX). */
size_t bounce_match(const struct bounce_report *r, const struct bounce_candidate *v, size_t n,
		    struct bounce_match *out);

/* True when the match is good enough to keep further mail from that address: what was signed by us; or a mail
 * to it alone, named by its Message-ID or our id, handed in from the address of the server that took it.
 * peer: the address that handed the report in, "" unknown.  What the report says of its origin proves
 * nothing. */
bool bounce_is_authentic(const struct bounce_candidate *c, const struct bounce_match *m, const char *peer);

const char *bounce_how_words(enum bounce_how h); /* "the signed return path" */

#endif

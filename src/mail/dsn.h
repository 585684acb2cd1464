/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dsn.h - what a mail reports about other mail: bounces, delays, receipts, complaints, answering
 * machines.
 *
 * Reads RFC 3464 reports first, then the many that are none, by the dialects of
 * catalog/bounces/.  Names no cause: the reply goes to the catalogue.  Hostile
 * structure is bounded by mail/mime; nothing is fetched.  All strings are in the
 * arena, printable, "" when the report does not say. */
#ifndef MAIL_DSN_H
#define MAIL_DSN_H

#include "base/arena.h"

enum {
	DSN_RECIPIENTS_MAX = 1000,
	DSN_RECEIVED_MAX = 12, /* Received fields of the original that are kept */
	DSN_ANSWERS_MAX = 12   /* message-ids of what a mail answers */
};

enum dsn_kind {
	DSN_NONE,      /* an ordinary mail */
	DSN_REPORT,    /* delivery status: see each recipient's action */
	DSN_RECEIPT,   /* message disposition (RFC 8098) */
	DSN_FEEDBACK,  /* a complaint or another feedback report (RFC 5965) */
	DSN_REPLY,     /* an answering machine (RFC 3834): out of office, "we got your mail" */
	DSN_CHALLENGE, /* asks the sender to prove that he is a person */
	DSN_KINDS
};

/* RFC 3464, 2.3.3; of a report without one, what its words say. */
enum dsn_action {
	DSN_ACTION_UNKNOWN,
	DSN_FAILED,
	DSN_DELAYED,
	DSN_DELIVERED,
	DSN_RELAYED,
	DSN_EXPANDED,
	DSN_ACTIONS
};

struct dsn_recipient {
	const char *address;  /* the final one, without "rfc822;" and brackets */
	const char *original; /* Original-Recipient, where it differs */
	enum dsn_action action;
	bool action_given;      /* the report says it; else read from its words */
	const char *status;     /* "5.1.1" as reported, or as found in the reply; "" none */
	const char *reply;      /* Diagnostic-Code or the quoted answer, one line, without "smtp;" */
	const char *reply_type; /* "smtp", "x-unix", ...; "" unknown */
	const char *step;       /* contract's step, where the report names the command answered */
	const char *remote;     /* host that said so */
	const char *remote_ip;
	const char *final_log_id;
	const char *will_retry_until; /* as reported */
	const char *last_attempt;
};

struct dsn_original {
	const char *message_id, *subject, *from, *to, *date; /* of the returned message or header */
	const char *return_path;
	struct strlist received; /* its Received fields, newest first, each on one line */
};

struct dsn {
	enum dsn_kind kind;
	const char *dialect;     /* "rfc3464", "qmail", "exim", ... for tests and bug reports */
	const char *reporter;    /* Reporting-MTA, or the host of the report's first Received field */
	const char *envelope_id; /* Original-Envelope-Id */
	const char *arrival;     /* as reported */
	const char *said;        /* the mail's own words for people, one line, cut; "" where each recipient
				    has a reply */
	const char *feedback;    /* feedback type: abuse fraud opt-out ... */
	const char *disposition; /* of a receipt: displayed deleted dispatched ... (RFC 8098, 3.2.6) */
	const char *queue_id;    /* the reporter's own name for the original (X-Postfix-Queue-ID) */
	const char *from;        /* who wrote the report: the address */
	struct strlist answers;  /* In-Reply-To and References, nearest first */
	struct dsn_recipient *v;
	size_t n;
	bool more; /* there were more than DSN_RECIPIENTS_MAX */
	struct dsn_original original;
};

extern const struct dsn dsn_nothing; /* DSN_NONE; each text "" */

/* message: a whole RFC 5322 message, CRLF or LF, an mbox "From " line in front is
 * passed over.  Never fails: what cannot be read is DSN_NONE. */
void dsn_read(struct arena *a, struct str message, struct dsn *out);

/* The report that a mail of DSN_NONE quotes in its text: somebody forwards it, or answers it.  It is words of
 * that somebody: to be explained, never to be acted on.  False: it quotes none. */
bool dsn_quoted_read(struct arena *a, struct str message, struct dsn *out) MUST_USE;

const char *dsn_kind_name(enum dsn_kind k);     /* none report receipt feedback reply challenge */
const char *dsn_action_name(enum dsn_action a); /* "" for unknown */

/* A status that names the cause by itself (5.1.1, 5.2.2, ...): where no reply is
 * given it says more than words for people do. */
bool dsn_status_tells(const char *status);

#endif

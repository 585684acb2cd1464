/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/bounce_report.h - what a mail that came back tells of a mail that went out: mail/dsn's facts,
 * and all the names by which ours may be known in it.  Pure. */
#ifndef RELAY_BOUNCE_REPORT_H
#define RELAY_BOUNCE_REPORT_H

#include "mail/dsn.h"
#include "smtp/scram.h"
#include "store/id.h"

enum {
	BOUNCE_SIGNED_MAX = 4, /* of each kind of name, looked at */
	BOUNCE_OWN_MAX = 4,
	BOUNCE_IDS_MAX = 8,
	BOUNCE_ADDRESSES_MAX = 20 /* of its header, where it came out of a mailbox */
};

struct bounce_ref {
	struct store_id id;
	uint32_t rcpt;
};

struct bounce_report {
	struct dsn dsn;
	struct bounce_ref signed_for[BOUNCE_SIGNED_MAX]; /* return paths it came to, signed by us */
	size_t nsigned;
	struct store_id own[BOUNCE_OWN_MAX]; /* ids that can be ours, in Received fields of the original */
	size_t nown;
	struct strlist message_ids; /* without <> */
	struct strlist remote_ids;  /* other servers' names for the original */
	int64_t at_ms;
};

struct bounce_reader {
	const struct scram_key *key;
	struct strlist addresses; /* it came to: RCPT TO */
	bool from_mailbox;        /* its header tells to whom it came */
	int64_t now_ms;
};

/* All in a; mail must outlive out. */
void bounce_report_read(struct arena *a, struct str mail, const struct bounce_reader *r,
			struct bounce_report *out);

#endif

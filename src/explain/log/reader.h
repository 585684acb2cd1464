/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/reader.h - mail logs of any size, in constant memory: what became of each recipient.
 *
 * Feed bytes; the lines of one message are brought together by its queue id (or
 * message id), and each fate of a recipient goes to the sink once it is known.
 * No I/O, no clock: a log without years is read with `now`. */
#ifndef EXPLAIN_LOG_READER_H
#define EXPLAIN_LOG_READER_H

#include "catalog/reply_match.h"
#include "base/arena.h"

/* The words of contract.md, "States". */
enum log_state {
	LOG_HANDED_OVER,    /* by SMTP or LMTP: the next server took it */
	LOG_DELIVERED_HERE, /* into a local mailbox, file or program of that machine */
	LOG_DELAYED,
	LOG_REFUSED,
	LOG_EXPIRED,
	LOG_HELD,
	LOG_DISCARDED,    /* dropped by a filter or an operator: cancelled */
	LOG_NOT_TAKEN,    /* refused at the door: the machine that logs never took it */
	LOG_LOGIN_FAILED, /* a login at that machine, or of that machine at its smarthost */
	LOG_TROUBLE,      /* an error line about no message: TLS, connection, configuration, disk */
	LOG_STATES
};

/* One fate; strings live until the sink returns. */
struct log_event {
	long long time_s; /* 0: the line has none */
	enum log_state state;
	bool final; /* no later line of this message will say more of this recipient */
	struct str queue_id, message_id, from, to, relay, relay_ip, client;
	struct str reply; /* the remote's or the program's words */
	unsigned code;    /* 0 none */
	struct str enhanced;
	unsigned tries; /* of this recipient so far, this one included */
	/* A delay of this recipient was given out before: this event takes its place. */
	bool was_delayed;
	const struct finding_entry *delayed_by; /* what that one meant; NULL unknown or none */
	const char *step;                       /* contract's, "" unknown */
	const char *format;                     /* "postfix", ... */
	unsigned long long line;                /* the line that says so, from 1 */
	/* Meanings of a reply that is no success; NULL for one. */
	const struct reply_meaning *meanings;
	size_t nmeanings;
};

typedef void log_sink_fn(void *user, const struct log_event *e);

struct log_options {
	long long now_s;            /* for logs without years; 0: none given, times stay relative to 1970 */
	long long since_s, until_s; /* 0: no bound */
	const char *recipient;      /* only these: an address, "@domain" or part of one; NULL all */
	const char *format;         /* NULL: found out from the lines */
	long long zone_s;           /* seconds east of UTC of logs that do not say their zone */
};

struct log_reader; /* owned by the caller */

struct log_reader *log_reader_new(const struct log_options *o, log_sink_fn *sink, void *user) MUST_USE;
void log_reader_feed(struct log_reader *r,
		     struct str bytes); /* any cut; lines may be longer than one piece */
/* What follows is another file: lines count from 1 again, a byte order mark or a
 * CSV header may come; messages stay open, as rotated logs go on in the next file.
 * now_s: as in the options (best: when that file was last written); 0 keeps it. */
void log_reader_next_file(struct log_reader *r, long long now_s);
void log_reader_end(struct log_reader *r); /* the last line, messages still open */
void log_reader_free(struct log_reader **r);

/* What was read, besides the events. */
struct log_totals {
	unsigned long long bytes, lines, understood, messages;
	unsigned long long states[LOG_STATES];
	unsigned long long dropped; /* messages forgotten for want of room before their end was seen */
	long long first_s, last_s;
	const char *format;
};
const struct log_totals *log_reader_totals(const struct log_reader *r);

const char *log_state_name(enum log_state s); /* contract's word where there is one */

#endif

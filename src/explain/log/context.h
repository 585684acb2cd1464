/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/context.h - what the readers of the formats share (internal to explain/log).
 *
 * A format's reader is handed one line at a time; it keeps what it learns of a
 * message under its id and hands fates to log_fate() or log_give(). */
#ifndef EXPLAIN_LOG_CONTEXT_H
#define EXPLAIN_LOG_CONTEXT_H

#include "explain/log/reader.h"
#include "explain/log/csv.h"
#include "explain/log/meaning.h"
#include "explain/log/table.h"
#include "explain/log/talk.h"
#include "explain/log/time.h"

enum {
	LOG_MESSAGES_MAX = 1 << 16,   /* open at a time; the oldest goes first */
	LOG_RECIPIENTS_MAX = 1 << 14, /* delayed and still open at a time */
	LOG_LINE_MAX = 64 * 1024      /* what is beyond is cut off */
};

/* A line with its syslog head taken apart. */
struct log_line {
	struct str whole;          /* without its end */
	struct str host, tag, pid; /* "" none; tag as it stands: "postfix/smtp" */
	struct str text;           /* what the program said */
	long long time_s;          /* 0 none */
	unsigned long long number; /* from 1 */
	bool in_csv;               /* a header named columns before it */
};

struct log_context;
/* Takes a line of its format and says whether it made anything of it. */
typedef bool log_format_fn(struct log_context *x, const struct log_line *l);

struct log_context {
	struct log_options options;
	log_sink_fn *sink;
	void *user;
	struct log_clock clock;
	struct log_totals totals;
	struct log_table *messages, *recipients;
	struct log_meanings *meanings;
	const struct log_line *line; /* the one being read */
	unsigned format;             /* of the last line that was understood: detect's own number */
	log_format_fn *any;          /* for what is wrapped within a line: it may be of any format */
	unsigned wraps;              /* objects around the line */
	long long wrapped_s;         /* the time that an object around the line told; 0 none */
	struct log_csv csv;
	struct log_talk talk; /* of programs */
};

log_format_fn log_postfix, log_exim, log_sendmail, log_opensmtpd, log_qmail, log_exchange, log_notice,
	log_wrapped, log_maddy, log_zonemta, log_plain;

/* Whether a line is of that format, by its program or its shape. */
typedef bool log_is_fn(const struct log_line *l);
log_is_fn log_postfix_is, log_exim_is, log_sendmail_is, log_opensmtpd_is, log_qmail_is, log_exchange_is,
	log_notice_is, log_wrapped_is, log_maddy_is, log_zonemta_is, log_plain_is;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/head.h - a server's line that stands behind something else.
 *
 * grep puts a file's name and a number before it, a container engine its columns, a person
 * "> ", an export quotes and commas; BusyBox and FreeBSD write the facility between, other
 * languages have other months. */
#ifndef EXPLAIN_LOG_HEAD_H
#define EXPLAIN_LOG_HEAD_H

#include "explain/log/context.h"

enum { LOG_HEAD_MAX = 200 }; /* bytes in which the line may begin */

struct log_head {
	size_t at; /* 0 to begin with */
	long long time_s;
};

/* The next place in l where a line may begin: at a time, at "postfix/smtp[812]", at an object of
 * a container; *in is read from there, with the time that stood last before it.  False: no more. */
bool log_head_next(struct log_clock *c, const struct log_line *l, struct log_head *h, struct log_line *in);

#endif

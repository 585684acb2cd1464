/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/line.h - the head of a log line: time, host, program.
 *
 * Taken: RFC 3164 and RFC 5424 as files and journals show them, with and without
 * host, behind "<22>", behind a container's name, behind a second time. */
#ifndef EXPLAIN_LOG_LINE_H
#define EXPLAIN_LOG_LINE_H

#include "explain/log/context.h"

/* Fills all but number; text is the whole line where no head is. */
void log_line_parse(struct log_clock *c, struct str whole, struct log_line *l);

#endif

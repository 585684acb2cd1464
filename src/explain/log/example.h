/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/example.h - one line of a log kept as an example, in fixed room. */
#ifndef EXPLAIN_LOG_EXAMPLE_H
#define EXPLAIN_LOG_EXAMPLE_H

#include "explain/log/summary.h"

enum { LOG_EXAMPLE_ADDRESS = 128 };

struct log_example_room {
	char reply[LOG_SUMMARY_REPLY_MAX + 1];
	char to[LOG_EXAMPLE_ADDRESS], from[LOG_EXAMPLE_ADDRESS];
	char relay[LOG_EXAMPLE_ADDRESS], client[LOG_EXAMPLE_ADDRESS];
};

/* Copies what e shows; printable, cut, NUL-terminated. */
void log_example_keep(struct log_example *x, struct log_example_room *room, const struct log_event *e);
/* Printable: control characters and bytes that are no UTF-8 become "?". */
void log_example_text(struct str s, char *out, size_t room);

#endif

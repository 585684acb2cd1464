/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/log_check.h - lines of a log in, the events they must give out. */
#ifndef TESTS_UNIT_LOG_CHECK_H
#define TESTS_UNIT_LOG_CHECK_H

#include "base/buf.h"
#include "explain/log/reader.h"

struct log_case {
	const char *name, *log;
	/* One line an event: "LINE STATE TO RELAY CODE ENHANCED STEP TRIES FROM CLIENT | REPLY";
	 * "-" for what is not known, "+" behind STATE when more may come. */
	const char *events;
};

enum { LOG_CHECK_NOW = 1795262400 }; /* 2026-11-21 12:00 */

/* Reads log in two pieces, cut at `cut`; writes the events to out. */
void log_check_read(const struct log_options *o, struct str log, size_t cut, struct buf *out);
/* The whole test: each case whole, and cut in two at every few bytes. */
int log_check_main(const struct log_case *cases, size_t n);

#endif

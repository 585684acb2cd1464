/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/exim.h - Exim's main log (spec.txt, "Log files"). */
#ifndef EXPLAIN_LOG_EXIM_H
#define EXPLAIN_LOG_EXIM_H

#include "explain/log/track.h"

#define LOG_EXIM "exim"

struct log_exim_words {
	struct str reply, host; /* the remote's words where it said some */
	const char *step;
};
/* What stands behind ": " of "**" and "==" lines. */
struct log_exim_words log_exim_words(struct str s);

/* Lines without a delivery: "... rejected RCPT ...", "... authenticator failed ...", "TLS error ...". */
bool log_exim_door(struct log_context *x, struct str id, struct str text);

#endif

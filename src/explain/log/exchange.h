/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/exchange.h - Exchange's tracking and protocol logs, and the IIS SMTP service's log. */
#ifndef EXPLAIN_LOG_EXCHANGE_H
#define EXPLAIN_LOG_EXCHANGE_H

#include "explain/log/track.h"

#define LOG_EXCHANGE "exchange"

/* One row of a message trace of Microsoft 365. */
void log_exchange_trace(struct log_context *x, const struct str cells[LOG_COLUMNS]);

/* What one side of a session said.  Sending: our commands go out and their replies come
 * in; else the reverse. */
struct log_exchange_said {
	struct str session, text, host, ip;
	bool reply, sending;
};
void log_exchange_said(struct log_context *x, const struct log_exchange_said *s);
void log_exchange_closed(struct log_context *x, struct str session);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/postfix.h - Postfix's log, one reader a daemon (postconf(5), each daemon's man page). */
#ifndef EXPLAIN_LOG_POSTFIX_H
#define EXPLAIN_LOG_POSTFIX_H

#include "explain/log/track.h"

#define LOG_POSTFIX "postfix"

/* Takes "3F2A51C02B4: " (or a long id, "4XqBzR1kYZz1N: ") off the front of *text; "" when there is none. */
struct str log_postfix_id(struct str *text);

/* A delivery line after its queue id: "to=<...>, relay=..., status=... (...)". */
bool log_postfix_delivery(struct log_context *x, struct str id, struct str text, const char *daemon);

/* "reject: RCPT from ...", "milter-reject: ...", "hold: ...", "discard: ..."; id "" for NOQUEUE. */
bool log_postfix_door(struct log_context *x, struct str id, struct str text);

/* "warning: ...", "fatal: ...", "SSL_accept error ...". */
bool log_postfix_trouble(struct log_context *x, struct str text);

#endif

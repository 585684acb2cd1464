/* SPDX-License-Identifier: Apache-2.0 */
/* web/order.h - a check as JSON asks for it.
 *
 *     {"target", "security", "user", "password", "auth", "from", "to": [], "until", "sending_ip",
 *      "dkim_selector", "dnsbl": [], "family": 4 | 6, "timeout_s", "experiments",
 *      "oauth": {"client_id", "tenant_id", "client_secret", "refresh_token", "token_url", "scope", "token"}}
 *
 * The options of `postrider check` but those that name files, resolvers or local addresses.  Pure. */
#ifndef WEB_ORDER_H
#define WEB_ORDER_H

#include "check/request.h"

enum { ORDER_TIMEOUT_MAX_S = 180 };

struct json_t;

/* Texts of *out live in a and in o.  False with *e (ERR_USAGE and the mend). */
bool order_read(const struct json_t *o, struct arena *a, struct check_request *out, struct err *e) MUST_USE;

#endif

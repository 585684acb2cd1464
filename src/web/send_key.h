/* SPDX-License-Identifier: Apache-2.0 */
/* web/send_key.h - the Idempotency-Key of a POST (draft-ietf-httpapi-idempotency-key-header): of one who
 * asks, and of one content. */
#ifndef WEB_SEND_KEY_H
#define WEB_SEND_KEY_H

#include "store/store.h"
#include "web/call.h"
#include "web/parts.h"

/* Can it be a key?  False: it was answered. */
bool send_key_judge(struct web_call *c);
/* A JSON body as text that spaces and the order of its names do not change; "" when no key came. */
struct str send_key_of_json(struct web_call *c, const struct json_t *o);
/* For struct deposit; "" none came.  content: what was sent, without its envelope. */
struct str send_key(struct web_call *c, const struct parts *p, struct str content);
/* Puts into a problem which message has the key, and what to do. */
void send_key_explain(struct json_t *problem, struct store_id first);

#endif

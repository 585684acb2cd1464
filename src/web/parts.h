/* SPDX-License-Identifier: Apache-2.0 */
/* web/parts.h - a message given as JSON parts, made into mail.
 *
 *     {"from": "Shop <shop@example.com>", "to": ["a@example.net"], "cc", "bcc", "reply_to", "sender",
 *      "subject", "text", "html", "attachments": [{"name", "type", "content": BASE64}],
 *      "notify": ["success", "failure", "delay"] | ["never"], "envid"}
 *
 * Pure: bytes in, message and envelope out.  A key that is not known is a mistake, so that a misspelt
 * one is not lost. */
#ifndef WEB_PARTS_H
#define WEB_PARTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum { PARTS_ATTACHMENTS_MAX = 100, PARTS_RCPTS_MAX = 1000 };

struct json_t;

struct parts {
	const char *sender;   /* envelope; "" the null one */
	struct strlist rcpts; /* to, cc, bcc; each once */
	unsigned notify;      /* enum store_notify */
	const char *envid;
	struct buf message; /* the caller's to clear */
};

struct parts_place { /* what the message needs besides */
	long long now_s;
	const char *hostname; /* for its Message-ID */
	unsigned long long nonce[2];
};

/* False with *e (ERR_USAGE and the mend); *out may hold a beginning all the same. */
bool parts_read(const struct json_t *o, const struct parts_place *at, struct arena *a, struct parts *out,
		struct err *e) MUST_USE;
#endif

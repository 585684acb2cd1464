/* SPDX-License-Identifier: Apache-2.0 */
/* net/hook.h - a JSON document posted to whoever wants to be told (a webhook), signed.
 *
 *     Postrider-Event: state
 *     Postrider-Signature: t=UNIX-SECONDS,v1=HEX of HMAC-SHA-256(secret, "UNIX-SECONDS.BODY")
 *
 * The time is signed along, so that nobody can play an old one again. */
#ifndef NET_HOOK_H
#define NET_HOOK_H

#include "base/arena.h"
#include "base/err.h"
#include "net/dns.h"

struct hook_post {
	const char *url, *event;
	const char *delivery; /* its name, the same at each try; "" none */
	const char *json;
	struct str secret;   /* "" not signed */
	const char *ca_file; /* NULL: the system's */
	long long now_s;
};

/* In a fiber.  True with *status: it was answered 2xx.  False with *e: why not. */
bool hook_send(struct net_loop *l, struct dns *d, const struct hook_post *p, long *status,
	       struct err *e) MUST_USE;
/* The header's value; in a. NULL: it cannot be signed. */
const char *hook_signature(struct arena *a, struct str secret, long long now_s, const char *json);

#endif

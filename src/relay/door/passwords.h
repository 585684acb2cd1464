/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/passwords.h - passwords compared with their hashes (crypt(5)), away from the loop.
 *
 * A hash is made to be slow, so it is computed in a thread, PASSWORDS_AT_ONCE at a time.
 * What was found right once is known again by a keyed digest in memory, so that a
 * program that logs in for every message costs one hash, not thousands. */
#ifndef RELAY_PASSWORDS_H
#define RELAY_PASSWORDS_H

#include <stdbool.h>

#include "net/loop.h"

enum { PASSWORDS_AT_ONCE = 2, PASSWORDS_WAITING_MAX = 256 };

struct passwords;

struct passwords *passwords_new(struct net_loop *l) MUST_USE;
void passwords_free(struct passwords **p); /* nobody is called any more */

/* True: right, and known to be so; false: ask. */
bool passwords_known(struct passwords *p, const char *hash, const char *password);
/* Calls done(ctx, right) from the loop.  hash NULL: no such user; it takes as long and is
 * never right.  False: too many wait, ask later.  Texts are copied. */
bool passwords_ask(struct passwords *p, const char *hash, const char *password,
		   void (*done)(void *ctx, bool right), void *ctx) MUST_USE;

/* Could that be a hash at all?  For the configuration. */
bool passwords_is_hash(const char *text);

#endif

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
struct passwords_question {
	const char *hash; /* "": there is no password that would be right */
	bool nobody;      /* no such user: the hash is only what it has to take as long as; never right */
	const char *password;
};

/* Calls done(ctx, right) from the loop.  False: too many wait, ask later.  Texts are copied. */
bool passwords_ask(struct passwords *p, const struct passwords_question *q,
		   void (*done)(void *ctx, bool right), void *ctx) MUST_USE;

/* Of n, whom an unknown user is to be like: the same name always gets the same, and which one only this
 * process knows.  Unknown users then take as long as those there are, each as one of them. */
size_t passwords_pick(const struct passwords *p, const char *user, size_t n);

/* For the configuration, at no cost.  Could a password be right by that: a method that crypt(3) has
 * here, all of it? */
bool passwords_is_hash(const char *text);
/* Of a method so fast that whoever has the hash has most passwords: MD5, SHA-1, NT. */
bool passwords_is_weak(const char *text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/known.h - names of which something good is remembered, as many as there is room for.
 *
 * A newer name may take the place of an older one: who is forgotten is a stranger again, no more.  A name
 * that nobody noted is found once in 2^64 only.  Pure. */
#ifndef RELAY_KNOWN_H
#define RELAY_KNOWN_H

#include "base/str.h"

enum { KNOWN_NAMES = 16384 /* 128 KB */ };

struct known;

struct known *known_new(void) MUST_USE;
void known_free(struct known **k);
void known_add(struct known *k, struct str name);
void known_drop(struct known *k, struct str name);
bool known_has(const struct known *k, struct str name);

#endif

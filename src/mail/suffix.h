/* SPDX-License-Identifier: Apache-2.0 */
/* mail/suffix.h - where a registered domain ends: the Public Suffix List as compiled into libpsl. */
#ifndef MAIL_SUFFIX_H
#define MAIL_SUFFIX_H

#include "base/arena.h"

/* "com", "co.uk"; also any single label. */
bool suffix_is_public(const char *name);

/* Its last label is a top-level domain that there is, or one reserved for examples and
 * private networks (RFC 2606, RFC 6762, RFC 8375); "case.json" is no name of a host. */
bool suffix_is_there(const char *name);

/* The registered domain name lies in ("example.co.uk" of "a.b.example.co.uk"),
 * lower case, in the arena; NULL when name is itself a public suffix. */
const char *suffix_registered(struct arena *a, const char *name) MUST_USE;

#endif

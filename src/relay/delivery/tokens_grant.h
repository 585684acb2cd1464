/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/tokens_grant.h - refresh tokens: each as its file in the settings has it, until the sign-in
 * service gives another in its place (RFC 6749, 6), which is used from then on.
 *
 * The newest is kept in DATA/tokens, 0600, one file for each of the settings, with a digest of what it began
 * from: where the file of the settings changes, that one begins anew.  The loop's alone. */
#ifndef RELAY_TOKENS_GRANT_H
#define RELAY_TOKENS_GRANT_H

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

struct grants;
struct grant;

struct grants *grants_new(void) MUST_USE;
void grants_free(struct grants **g);

/* One fiber at a time uses it, or the same token would be shown twice; the others wait until then.  NULL: in
 * vain.  file: of the settings. */
struct grant *grant_take(struct grants *g, struct net_loop *l, const char *file, uint64_t until_ms) MUST_USE;
void grant_leave(struct grant *x); /* NULL is fine */

/* Appends the token to show and a NUL.  False with *e: the file of the settings cannot be read. */
bool grant_read(struct grant *x, const char *data, struct buf *out, struct err *e) MUST_USE;
/* Another came in its place.  False with *e: it is in memory only. */
bool grant_renew(struct grant *x, const char *data, struct str token, struct err *e) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/tokens_grant.h - refresh tokens: each as its file in the settings has it, until the sign-in
 * service gives another in its place (RFC 6749, 6), which is used from then on.
 *
 * The newest is kept as net/oauth_kept.h says; in memory, until the disk takes it.  The loop's alone. */
#ifndef RELAY_TOKENS_GRANT_H
#define RELAY_TOKENS_GRANT_H

#include "net/oauth_kept.h"

struct grants;
struct grant;

struct grants *grants_new(void) MUST_USE;
void grants_free(struct grants **g);

/* One fiber at a time uses it, and no other program does; who comes next waits until then.  name:
 * oauth_kept_name().  NULL with *e: in vain, or what may be the newest cannot be had. */
struct grant *grant_take(struct grants *g, struct net_loop *l, const char *folder, const char *name,
			 uint64_t until_ms, struct err *e) MUST_USE;
void grant_leave(struct grant *x); /* NULL is fine */

/* Appends the newest and a NUL; nothing where none came in place of the one in the settings.  False with *e:
 * it cannot be read. */
bool grant_read(struct grant *x, struct buf *out, struct err *e) MUST_USE;
/* Another came in its place.  False with *e: it is in memory only. */
bool grant_renew(struct grant *x, struct str token, struct err *e) MUST_USE;

#endif

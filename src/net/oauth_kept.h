/* SPDX-License-Identifier: Apache-2.0 */
/* net/oauth_kept.h - refresh tokens that a sign-in service gave in the place of the configured ones (RFC
 * 6749, 6), kept for whoever shows the next: relay, monitors, checks and sending share a folder.
 *
 * A folder, 0700; of each a file, 0600, whose name is a digest of the client, the token address and the
 * configured token: a file that is renamed stays the same, another token in it begins anew, and nobody is
 * shown a token of somebody else's.  From reading to keeping it is locked, between processes and loops: a
 * token that is shown a second time counts as stolen, and all that came of it may end (RFC 9700, 4.14.2). */
#ifndef NET_OAUTH_KEPT_H
#define NET_OAUTH_KEPT_H

#include <stdint.h>

#include "net/loop.h"
#include "net/oauth.h"

enum {
	OAUTH_KEPT_NAME_BYTES = 65,
	OAUTH_KEPT_UNUSED_S = 90 * 86400 /* Microsoft's are dead then, too */
};

struct oauth_kept;

/* The name of what was configured; o->refresh_token is the configured one. */
void oauth_kept_name(const struct oauth_options *o, char out[OAUTH_KEPT_NAME_BYTES]);

/* Locks that name, and waits for it.  NULL with *e: ERR_LIMIT where another has it until until_ms; else the
 * folder cannot be used (made where it lacks, in a folder that is there). */
struct oauth_kept *oauth_kept_take(struct net_loop *l, const char *folder, const char *name,
				   uint64_t until_ms, struct err *e) MUST_USE;
void oauth_kept_leave(struct oauth_kept **k); /* NULL is fine */

/* Where it cannot be taken: true only when none is kept there for sure, so that the configured one is the
 * newest.  One that is there, or may be, is not to be passed over. */
bool oauth_kept_is_none(const char *folder, const char *name);

/* Appends the newest and a NUL; nothing where none came yet.  False with *e: it cannot be read, or is cut. */
bool oauth_kept_read(const struct oauth_kept *k, struct buf *out, struct err *e) MUST_USE;
/* Another came in its place; it is on the disk then. */
bool oauth_kept_keep(const struct oauth_kept *k, struct str token, struct err *e) MUST_USE;

/* It is in use: oauth_kept_tidy() leaves it. */
void oauth_kept_touch(const char *folder, const char *name);
/* Removes those that nobody took or touched since before_s (Unix time) and nobody has now. */
void oauth_kept_tidy(const char *folder, int64_t before_s);

#endif

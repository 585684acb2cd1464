/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/tokens.h - access tokens of smarthosts: fetched once, renewed before they expire.
 *
 * Access tokens are in memory only, wiped when forgotten; refresh tokens are tokens_grant.h's.  Called in a
 * fiber. */
#ifndef RELAY_TOKENS_H
#define RELAY_TOKENS_H

#include "base/buf.h"
#include "relay/relay_inner.h"

enum {
	TOKEN_SPARE_S = 300, /* renewed that long before its end */
	TOKEN_LIFE_S = 3000, /* where the answer does not say how long it lives */
	TOKEN_FETCH_MS = 15000
};

struct tokens;

struct tokens *tokens_new(void) MUST_USE;
void tokens_free(struct tokens **t);

/* Appends the token of the route and a NUL to out.  False: *finding and *why (in a) say what is wrong. */
bool tokens_get(struct relay *r, struct tokens *t, const struct relay_route *route, struct arena *a,
		struct buf *out, const char **finding, const char **why);
/* The server did not take it: the next one is fetched. */
void tokens_forget(struct tokens *t, const struct relay_route *route);
/* A login with this one, as tokens_get() gave it, has passed. */
void tokens_served(struct tokens *t, const struct relay_route *route, struct str token);
/* Forgets this one.  True: it had served before, or another has come since; so a login with what is given out
 * now may pass. */
bool tokens_refused(struct tokens *t, const struct relay_route *route, struct str token);

/* A mailbox as tokens_get() takes it; borrows from m. */
struct relay_route tokens_mailbox(const struct relay_mailbox *m);
/* Removes kept refresh tokens that are in no settings, and that nobody showed for a long time. */
void tokens_tidy(struct relay *r);

#endif

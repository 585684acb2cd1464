/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/bearers.h - access tokens shown at the door: asked about, and known again for a while.
 *
 * A question is a fetch in a fiber, BEARERS_AT_ONCE at a time: a slow provider delays those who
 * show a token it was not asked about yet, and nobody else.  Clients with one token share one
 * question.  What was answered is kept by a keyed digest of token and settings, good and bad in
 * tables of their own, so that invented tokens push no good one out. */
#ifndef RELAY_BEARERS_H
#define RELAY_BEARERS_H

#include "relay/door/bearer_verdict.h"
#include "relay/relay_inner.h"

enum {
	BEARERS_AT_ONCE = 4,
	BEARERS_WAITING_MAX = 256, /* clients */
	BEARERS_GUEST_MAX = 64,    /* of one address; an IPv6 /64 is one */
	BEARERS_KEPT = 1024,       /* answers of either kind */
	BEARER_ASK_MS = 10000      /* from the client's word to ours */
};

struct bearers;

struct bearers *bearers_new(struct relay *r) MUST_USE;
void bearers_end(struct bearers *b); /* no more is asked; who waits is told BEARER_UNTESTED, soon */
void bearers_free(struct bearers **b);

/* True: it was answered lately; out->user is borrowed until the next call. */
bool bearers_known(const struct bearers *b, const struct relay_settings *s, const char *token,
		   struct bearer_verdict *out) MUST_USE;
/* Calls done(ctx, verdict) once, later, from the loop or a fiber; the verdict is borrowed for that call.
 * False: too many wait, of all or of that address: ask later. */
typedef void bearers_done_fn(void *ctx, const struct bearer_verdict *v);
bool bearers_ask(struct bearers *b, const struct relay_settings *s, const char *token,
		 const struct ipaddr *from, bearers_done_fn *done, void *ctx) MUST_USE;
/* Who asked with ctx has gone.  True: done is not called, and what nobody else wants to know is not asked;
 * false: it is being asked, done is called. */
bool bearers_leave(struct bearers *b, const void *ctx) MUST_USE;

#endif

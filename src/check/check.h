/* SPDX-License-Identifier: Apache-2.0 */
/* check/check.h - one check, from request to evidence.
 *
 * Probes touch the network and record; judging is verdict_of(). */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "check/evidence.h"
#include "check/request.h"
#include "net/loop.h"

/* Told of every fact as it is recorded, for drawing progress; may be NULL.  Must
 * not change ev. */
struct check_observer {
	void (*fact)(void *ctx, const struct evidence *ev, const struct fact *f);
	void *ctx;
};

/* Runs the check and sets *out (caller owns).  False with *e only when OUR work
 * could not be done (ERR_USAGE: wrong input, nothing was contacted).  Whatever a
 * server did is evidence.  Ends within r->timeout_s. */
bool check_run(struct net_loop *loop, const struct check_request *r, const struct check_observer *o,
	       struct evidence **out, struct err *e) MUST_USE;

#endif

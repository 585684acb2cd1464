/* SPDX-License-Identifier: Apache-2.0 */
/* relay/steering.h - an operator's word carried out: one mark a recipient, through the store.
 *
 * For who may steer a running relay: the control socket and the HTTP API.  In the loop. */
#ifndef RELAY_STEERING_H
#define RELAY_STEERING_H

#include "relay/relay_inner.h"
#include "relay/steer.h"

struct steering_item {
	struct store_id id;
	uint32_t rcpt;
	const char *finding; /* why it waits, static; "" unknown */
};

struct steering_no {
	size_t item; /* its place in the items given */
	const char *why;
};

struct steering_outcome {
	size_t done;
	const struct steering_no *no;
	size_t nno;
};

/* Texts of o and items are copied.  Calls done(ctx) once: from within when nothing had to be written, else
 * from the loop when all is on disk.  The outcome is valid during that call. */
void steering_start(struct relay *r, const struct steer_order *o, const struct steering_item *items, size_t n,
		    void (*done)(void *ctx, const struct steering_outcome *x), void *ctx);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* relay/company.h - how many are about to hand the store something, counted as they pass.
 *
 * A group of the store's is worth waiting for while clients are in the middle of their messages and
 * deliveries before their dots.  Who has said nothing for a while is no company: neither an idle connection
 * nor one that stalls on purpose delays anybody.  Pure: the time is the caller's. */
#ifndef RELAY_COMPANY_H
#define RELAY_COMPANY_H

#include <stddef.h>
#include <stdint.h>

enum {
	COMPANY_WINDOW_MS = 32,    /* heard of in this window or in the one before */
	COMPANY_CLIENTS_LEAST = 48 /* fewer lose more by waiting than the saved syncs give them: none does */
};

struct company {
	uint64_t window; /* the present one */
	size_t now, before;
};

/* *seen is the caller's for each client and delivery, 0 at first: nobody is counted twice in a window. */
void company_heard(struct company *c, uint64_t *seen, uint64_t now_ms);
/* Who goes is no company any longer. */
void company_left(struct company *c, uint64_t seen);
size_t company_size(struct company *c, uint64_t now_ms);
/* How many a group may wait for: both, or nobody where it is only a few clients who would wait. */
size_t company_to_await(struct company *clients, struct company *deliveries, uint64_t now_ms);

#endif

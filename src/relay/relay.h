/* SPDX-License-Identifier: Apache-2.0 */
/* relay/relay.h - the running relay: doors, store, lanes and deliveries over one loop. */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include "base/err.h"
#include "net/loop.h"
#include "relay/settings.h"

struct relay_counts {
	unsigned long long connections, logins, logins_failed, taken, refused, handed_over, delayed, failed;
};

struct relay;

/* Opens the store and binds the listeners; nothing is accepted yet.  settings is borrowed for life.
 * NULL with *e (the mend in its detail). */
struct relay *relay_new(struct net_loop *l, const struct relay_settings *settings, struct err *e) MUST_USE;
void relay_start(struct relay *r);
/* Accepts no more; what is in hand is finished or parked until until_ms (net_loop_now_ms scale). */
void relay_drain(struct relay *r, uint64_t until_ms);
void relay_free(struct relay **r);

const struct relay_counts *relay_counts(const struct relay *r);
/* The i'th listener's address as bound; NULL past the end. */
const char *relay_address(const struct relay *r, size_t i);

#endif

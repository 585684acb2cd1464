/* SPDX-License-Identifier: Apache-2.0 */
/* relay/clock_look.h - what is done when the clock was set.
 *
 * Times that wait for the clock were meant as so long from then: caps, pauses and retries (store/live_clock)
 * are moved with it, and what a cap held until a time of the wrong clock is judged again.  Seen only while
 * the relay runs; at a start the store and the ledger mend what lies too far ahead. */
#ifndef RELAY_CLOCK_LOOK_H
#define RELAY_CLOCK_LOOK_H

#include "relay/relay_inner.h"

struct clock_held;

/* In each turn of the loop, before its fibers go on; costs next to nothing while the clock goes as it should.
 */
void clock_look(struct relay *r);
/* By how much the clock is ahead of what mail has aged that arrived then, just now (relay/lane/leap.h). */
int64_t clock_ahead_ms(struct relay *r, int64_t arrived_ms);
void clock_keep(struct relay *r); /* every few seconds: the store is told the time, held mail judged again */
void clock_held_free(struct clock_held **h);

#endif

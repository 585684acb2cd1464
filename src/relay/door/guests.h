/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/guests.h - the addresses that come: how many connections each has, and its failed logins.
 *
 * Pure.  IPv6 addresses count by their /64: a guest has all of it. */
#ifndef RELAY_GUESTS_H
#define RELAY_GUESTS_H

#include <stdint.h>

#include "mail/ipaddr.h"

enum {
	GUEST_V6_BITS = 64,
	GUESTS_MAX = 100000,     /* addresses remembered; past that failures are not counted */
	GUEST_FAILURES_MAX = 10, /* logins failed in GUEST_WINDOW_MS; then none is tried */
	GUEST_WINDOW_MS = 10 * 60000,
	GUEST_BARRED_MS = 15 * 60000 /* for so long */
};

struct guests;

struct guests *guests_new(void) MUST_USE;
void guests_free(struct guests **g);

unsigned guests_enter(struct guests *g, const struct ipaddr *a); /* connections it has now */
void guests_leave(struct guests *g, const struct ipaddr *a, uint64_t now_ms);
void guests_failed(struct guests *g, const struct ipaddr *a, uint64_t now_ms);
void guests_trusted(struct guests *g, const struct ipaddr *a); /* logged in: its failures are forgiven */
/* How long no login of it is tried; 0: go on. */
uint64_t guests_barred_ms(const struct guests *g, const struct ipaddr *a, uint64_t now_ms);
void guests_tidy(struct guests *g, uint64_t now_ms); /* forgets whom nothing is known of */

#endif

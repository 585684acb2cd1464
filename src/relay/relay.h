/* SPDX-License-Identifier: Apache-2.0 */
/* relay/relay.h - the running relay: doors, store, lanes and deliveries over one loop.
 *
 * new -> (privileges may be dropped here) -> open -> start -> ... -> drain -> free
 *
 * Where the disk is full, open fails: clients are turned away (421) and open is tried again. */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include "base/err.h"
#include "net/loop.h"
#include "relay/settings.h"

struct relay_counts {
	unsigned long long connections, logins, logins_failed, taken, refused, handed_over, delayed, failed;
	unsigned long long expired, bounced; /* expired: by age; also counted as failed */
};

struct relay;

/* Loads the certificate and binds the listeners: what may need a privilege.  settings are held.  NULL with *e
 * (the mend in its detail). */
struct relay *relay_new(struct net_loop *l, const struct relay_settings *settings, struct err *e) MUST_USE;
/* Opens the store and all that writes in its folder. */
bool relay_open(struct relay *r, struct err *e) MUST_USE;
enum { RELAY_ROOM_MIB = 8 };                /* free on the disk, before it is tried again */
bool relay_wants_room(const struct err *e); /* it failed for that, and may be tried again */
bool relay_has_room(const struct relay *r); /* there may be some by now; a cheap look */
void relay_turn_away(struct relay *r);      /* until relay_start() every client is told to come later */
void relay_start(struct relay *r);          /* clients are let in */

void relay_rotate(struct relay *r); /* opens the logs anew: they may have been renamed */
/* Other settings from now on; who is in ends with those he came under.  False with *e: they cannot be
 * used, nothing has changed. */
bool relay_reload(struct relay *r, const struct relay_settings *settings, struct err *e) MUST_USE;

/* Accepts no more; who is in the middle of a message gets his answer.  Poll relay_is_idle(). */
void relay_drain(struct relay *r);
bool relay_is_idle(const struct relay *r); /* nobody is in, nothing under way */
void relay_settle(struct relay *r);        /* what was submitted is on disk, counted and told */
void relay_free(struct relay **r);         /* parks what is in hand */

const struct relay_counts *relay_counts(const struct relay *r);
/* The i'th listener's address as bound; NULL past the end. */
const char *relay_address(const struct relay *r, size_t i);

#endif

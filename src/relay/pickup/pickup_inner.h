/* SPDX-License-Identifier: Apache-2.0 */
/* relay/pickup/pickup_inner.h - what pickup.c (folders), pickup_hand.c (a mail on its way into the store) and
 * pickup_tell.c (results) share. */
#ifndef RELAY_PICKUP_INNER_H
#define RELAY_PICKUP_INNER_H

#include "net/watch.h"
#include "relay/door/deposit.h"
#include "relay/pickup/pickup.h"
#include "relay/pickup/pickup_read.h"
#include "relay/pickup/pickup_result.h"
#include "relay/pickup/pickup_scan.h"

#define PICKUP_LISTENER "pickup" /* of what came from a folder */

struct pickup_folder {
	struct pickups *all;
	struct pickup_folder *next;
	char *path;
	struct net_timer *timer;
	int inotify; /* -1: nobody tells */
	struct net_watch *watch;
	struct arena *closed_arena;
	struct strlist closed;   /* files whose writers are done, since the last look */
	struct pickup_scan scan; /* the thread's while looking */
	bool looking, again;
	struct pickup_hand *hands; /* files being handed in */
	size_t nhands, finishing;  /* finishing: threads */
};

struct pickup_dirty { /* a mail whose result is to be told */
	struct store_id id;
	int64_t at_ms; /* of the change: the trail must know it */
	unsigned tries;
	bool if_other; /* only when it differs from what is told already */
};

struct pickup_hand;

struct pickups {
	struct relay *relay;
	struct pickup_folder *list;
	struct net_timer *timer;
	struct pickup_dirty *dirty;
	size_t ndirty, room;
	bool telling, stopped;
	bool ended;                          /* no thread is started any more */
	size_t working;                      /* threads */
	void (*over)(struct pickup_hand *h); /* pickup.c: it has come to its end */
};

/* One file on its way in; owns all of it. */
struct pickup_hand {
	struct pickup_folder *folder;
	struct pickup_hand *next;
	const struct relay_settings *settings;
	const struct relay_pickup *p;
	struct arena *arena;
	const char *name;
	struct pickup_mail mail;
	struct deposit deposit;
	struct pickup_refused *refused;
	size_t nrefused;
	bool waits; /* for a thread to finish it */
	enum pickup_end { PICKUP_END_TAKEN, PICKUP_END_REFUSED, PICKUP_END_LATER } end;
	struct pickup_note note;
	struct pickup_result result;
	struct err err;
};

/* Takes h, with its mail read, or with what is wrong with it in h->err. */
void pickup_hand_start(struct pickup_hand *h);

/* pickup_tell.c */
void pickup_tell(struct pickups *p, struct store_id id, int64_t at_ms, bool if_other);
void pickup_tell_next(struct pickups *p);
void pickup_tell_recover(struct pickups *p); /* what a crash kept from being told */

#endif

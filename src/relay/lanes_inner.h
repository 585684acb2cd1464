/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lanes_inner.h - lanes and the sessions that work for them; for lane*.c and delivery*.c only.
 *
 * A lane holds nothing of its recipients: what is due is asked of the store. */
#ifndef RELAY_LANES_INNER_H
#define RELAY_LANES_INNER_H

#include "net/watch.h"
#include "relay/relay_inner.h"
#include "relay/trouble.h"
#include "store/names.h"

#define LANE_NONE "none" /* where no route fits */

enum {
	LANES_SESSIONS_MAX = 500,     /* of all lanes */
	LANE_LINGER_MS = 2000,        /* a session without work stays that long */
	LANE_PAUSE_FIRST_MS = 15000,  /* after a failure; doubled with each further one */
	LANE_PAUSE_LOGIN_MS = 300000, /* after a failed login: accounts get locked */
	LANE_PAUSE_MOST_MS = 15 * 60000,
	LANE_HINT_MOST_MS = 3600000, /* of what a server asked for */
	LANE_DROPS_MAX =
		3, /* connections lost in the midst of a message, in a row; then the destination fails */
	LANE_CAP_MS = 5 * 60000, /* then one session more than the server took is tried again */
	LANE_LOOK_MS = 60000     /* the clock may jump: looked at that often at least */
};

struct delivery;

/* Lanes that lead to the same MX hosts by the same route: they share its limit. */
struct lane_group {
	struct named named; /* first; the hosts' names */
	unsigned sessions;
	struct lane *waiting; /* lanes with work, while it has as many sessions as it may */
};

struct lane {
	struct named named;       /* first */
	struct lane_group *group; /* NULL: not known yet, or a smarthost's */
	bool waits;               /* in group->waiting */
	struct lane *next_waiting;
	size_t heap;       /* place in lanes->heap plus 1; 0: not there */
	int64_t due_ms;    /* when it is looked at again */
	unsigned sessions; /* under way */
	unsigned takers;   /* of these: about to claim */
	struct delivery *idle;
	unsigned fails; /* sessions in a row that went wrong */
	unsigned drops;
	int64_t pause_ms;   /* no session is begun before */
	int64_t stop_ms;    /* and those under way take no message before */
	unsigned cap;       /* sessions the server lets us have, as it has shown; 0 unknown */
	int64_t cap_ms;     /* believed until then */
	int64_t slot_ms;    /* of its rate: no message before */
	unsigned rcpts_max; /* of one transaction, as the server has shown; 0 unknown */
	char *reply, *finding;
};

struct lanes {
	struct relay *relay;
	struct names names, groups;
	struct lane **heap; /* by due_ms */
	size_t nheap, room;
	struct net_timer *timer;
	int64_t timer_ms; /* what it is set to */
	struct delivery *sessions;
	size_t nsessions;
	unsigned long long number;
	bool draining, ending;
	struct mx_cache *mx;
	struct tokens *tokens;
};

/* lane_heap.c */
void lane_due(struct lanes *l, struct lane *x, int64_t due_ms); /* STORE_NEVER: out of the heap */
struct lane *lane_first(const struct lanes *l);                 /* NULL: none */

/* lane_name.c.  NULL: the lane is none of this route's; the route is gone. */
const char *lane_domain(const struct relay_route *r, const char *lane);
const struct relay_route *lane_route(const struct relay_settings *s, const char *lane);

/* lane_group.c */
void lane_join(struct lanes *l, struct lane *x, const char *hosts); /* after a look-up; "" none */
void lane_leave_group(struct lanes *l, struct lane *x);
/* True: it may have one session more.  Else the lane is told when it may. */
bool lane_group_room(struct lanes *l, struct lane *x, unsigned most);
void lane_group_next(struct lanes *l, struct lane *x); /* it needs no room: whose turn it is may look */
void lane_group_over(struct lanes *l, struct lane *x); /* one session of the lane has ended */
void lane_groups_free(struct lanes *l);

/* lanes.c */
void lane_look(struct lanes *l, struct lane *x); /* may free x when it has no session */
unsigned lane_sessions_max(const struct lanes *l, const struct lane *x);
long lane_slot(const struct relay_route *r); /* ms between two messages; 0: no rate */
void lane_well(struct lane *x);
void lane_cap(struct lane *x, unsigned sessions); /* the server takes no more of them */
/* known: x->fails when the session began, so that many sessions failing together count once. */
void lane_failed(struct lane *x, const struct trouble *t, bool login, unsigned known, struct str reply,
		 const char *finding);
void lane_session_over(struct lanes *l, struct delivery *d);

/* delivery.c */
void delivery_start(struct lanes *l, struct lane *x);
void delivery_call(struct delivery *d);   /* there is work */
void delivery_finish(struct delivery *d); /* end the transaction in hand, then yourself */
void delivery_yield(struct lanes *l, const struct lane_group *g); /* an idle session of it ends */
void delivery_hurry(struct delivery *d);                          /* come to an end at once */

#endif

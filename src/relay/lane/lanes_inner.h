/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/lanes_inner.h - lanes and the sessions that work for them; for lane*.c and delivery*.c only.
 *
 * A lane holds nothing of its recipients: what is due is asked of the store. */
#ifndef RELAY_LANES_INNER_H
#define RELAY_LANES_INNER_H

#include "net/watch.h"
#include "relay/lane/known.h"
#include "relay/lane/lane_name.h"
#include "relay/lane/ledger.h"
#include "relay/relay_inner.h"
#include "relay/lane/route_caps.h"
#include "relay/lane/seats.h"
#include "relay/trouble.h"
#include "store/names.h"

enum {
	LANES_SESSIONS_MAX = 500,     /* of all lanes */
	LANE_LINGER_MS = 2000,        /* a session without work stays that long */
	LANE_PAUSE_FIRST_MS = 15000,  /* after a failure; doubled with each further one */
	LANE_PAUSE_LOGIN_MS = 300000, /* after a failed login: accounts get locked */
	LANE_PAUSE_MOST_MS = 15 * 60000,
	LANE_HINT_MOST_MS = 3600000, /* of what a server asked for */
	LANE_DROPS_MAX =
		3, /* connections lost in the midst of a message, in a row; then the destination fails */
	LANE_CAP_MS = 5 * 60000,  /* then one session more than the server took is tried again */
	LANE_LIFT_MS = 5000,      /* between two pauses that a person's word ends */
	LANE_LOOK_MS = 60000,     /* the clock may jump: looked at that often at least */
	LANE_HOLD_MS = 60000,     /* what waits longer for a cap is held, with rule and time */
	LANE_OPEN_MS = 10000,     /* a session without work stays that long for the next turn of a rate */
	LANE_RAMP_MS = 1000,      /* looked at again when the ramp has no room */
	LANE_PART_MS = 1000,      /* looked at again when other hosts have too many of all sessions */
	LANE_PATIENCE_MS = 20000, /* with a new host until it greets, while first tries wait for a seat */
	LANE_LACK_MS = 3000,      /* until it is looked again whether this machine has room */
	LANE_LACK_TOLD_MS = 5 * 60000, /* a lack that has been away for less is not told again */
	LANE_SCARCE_MS = 60000,        /* between ways that lack memory, to be one lack of the machine */
	LANE_ROOM_MS = 100,       /* that there was room is believed so long, while no session is begun */
	LANE_FILES = 8,           /* descriptors that a new session finds free, or does not begin */
	LANE_CAPS_MAX = 4,        /* route, profile, kind, account */
	LANE_TURN = 10,           /* messages of one session while other lanes wait for the same hosts */
	LANE_GONE_MS = 5000,      /* hosts may count a session for that long after it has ended */
	LANE_GONE_WAIT_MS = 2000, /* before the next one, when they do */
};

struct delivery;
struct mx_plan;

/* Lanes that lead to the same hosts by the same route: they share its limits, and take turns. */
struct lane_group {
	struct named named; /* first; the hosts' names, a smarthost route's, or a lane's while its hosts are
			       not known */
	unsigned sessions;
	unsigned cap;             /* sessions the hosts let us have, as they have shown; 0 unknown */
	int64_t cap_ms;           /* believed until then */
	bool cap_stays;           /* a provider's: that one of its hosts fails says nothing of it */
	int64_t well_ms;          /* the last message was taken there */
	int64_t slot_ms;          /* of its rate: no message before */
	size_t waiting;           /* lanes with work, while it has as many sessions as it may */
	struct lane *next;        /* of these, whose turn it is; NULL: not chosen yet */
	struct lane_turns *turns; /* of accounts; NULL: nobody has waited yet */
	unsigned bidders;         /* sessions that may take its next slot at any moment */
	size_t in_line;           /* lanes that stand in line for a seat */
};

enum { LANE_TURNS = 64 };

/* What a session gives back when it sends nothing. */
struct lane_turn {
	unsigned long long number; /* 0: nobody had waited */
	unsigned long long before; /* its account's last one until then */
	uint32_t account;
};

/* The waiting lanes of an account, and when it last had its turn; some share a line, and so a turn. */
struct lane_line {
	unsigned long long last;
	struct lane *first, *end;
	size_t n;
};

struct lane_turns {
	struct lane_line lines[LANE_TURNS];
};

struct lane {
	struct named named; /* first */
	struct lane_group
		*group; /* its own until a look-up has told its hosts; a smarthost route's at once */
	bool waits;     /* in a line of group->turns */
	struct lane *prev_waiting, *next_waiting;
	unsigned long long came; /* when it began to wait, in lanes->turn */
	uint32_t account;        /* of its next message, while it waits */
	struct lane_turn turn;   /* the one that it was given, until a session takes it */
	size_t heap;             /* place in lanes->heap plus 1; 0: not there */
	int64_t due_ms;          /* when it is looked at again */
	unsigned sessions;       /* under way */
	unsigned takers;         /* of these: about to claim */
	unsigned bidders;        /* of these: about to take a slot */
	struct delivery *idle;
	unsigned fails; /* sessions in a row that went wrong */
	unsigned drops;
	bool silent;         /* its last failure was without a word of its hosts, or no way led there */
	bool hosts_silent;   /* ... and it was its hosts that said nothing: an answer to others ends it */
	bool seat_early;     /* ... and it had answered before, or somebody has set up this server */
	enum seat seat_line; /* it stands in this one; SEAT_PROVEN: in none */
	bool wants_seat;     /* found none when it was looked at */
	struct lane *prev_seat, *next_seat;
	int64_t seat_ms;    /* it stands there since then */
	bool detour;        /* while it pauses its mail goes by the next route */
	int64_t pause_ms;   /* no session is begun before */
	int64_t stop_ms;    /* and those under way take no message before */
	int64_t lifted_ms;  /* when a person ended such a pause; 0 never */
	int64_t slot_ms;    /* of its caps: no message before */
	unsigned rcpts_max; /* of one transaction, as a server of it has refused more; 0 unknown */
	char *reply, *finding, *host;
	unsigned code;
};

/* One set of limits that a message has to pass. */
struct lane_cap {
	struct ledger_row *row;
	struct caps caps;
	const char *whose; /* "route m365" */
};

struct lane_caps {
	struct lane_cap v[LANE_CAPS_MAX];
	size_t n;
	bool of_route; /* v[0] is; else a profile's is the first */
	const struct relay_route *route;
	unsigned connections; /* at once; 0 nothing is known */
};

/* Why the next message waits. */
struct lane_wait {
	int64_t at_ms;                  /* <= now: it does not */
	const struct caps_limit *limit; /* of caps->v[which]; NULL: the spacing, or the ramp */
	size_t which;
	bool spaced;   /* the spacing is what it waits for */
	unsigned room; /* recipients that may go at once */
};

/* Lanes that wait for a seat of one kind. */
struct seat_line {
	struct lane *first, *end;
	struct lane *early; /* the last of those that stand before the others; NULL: none does */
	size_t n;
};

struct lanes {
	struct relay *relay;
	lane_begin_fn *begin;
	struct names names, groups;
	struct names plans; /* when held mail of an account is to go by a limit */
	struct lane **heap; /* by due_ms */
	size_t nheap, room;
	struct net_timer *timer;
	int64_t timer_ms; /* what it is set to */
	struct delivery *sessions;
	size_t nsessions;
	struct seats seats;
	struct seat_line seat_lines[SEATS];
	struct known *known;  /* lanes, and groups of hosts, that have taken mail and were not silent since */
	int lack;             /* errno: this machine had no room for one more; 0: it has */
	int64_t lack_ms;      /* none is begun before */
	int lack_told;        /* errno, told the last time */
	int64_t lack_told_ms; /* when it was there the last time */
	int64_t room_ms;      /* there was room */
	size_t room_sessions; /* with so many under way */
	/* To whose hosts a connection found no memory (never looked into), when one did last, and whether
	 * elsewhere, too. */
	const struct lane_group *scarce;
	int64_t scarce_ms;
	bool scarce_more;
	struct delivery *spare; /* of these: at the end of its turn, while work is sought for it */
	unsigned long long number;
	unsigned long long turn;   /* counts on: turns of all groups, and who comes to wait */
	bool planning, plan_again; /* held mail, in a fiber; and by newer settings than it began with */
	bool plan_failed;          /* the store could not take some of it */
	size_t moving;             /* messages of it whose marks the store has not answered */
	bool draining, ending;
	struct mx_cache *mx;
	struct tokens *tokens;
};

/* lane_heap.c */
void lane_due(struct lanes *l, struct lane *x, int64_t due_ms); /* STORE_NEVER: out of the heap */
/* Its sessions wait, too: it is looked at then at the latest. */
void lane_wait(struct lanes *l, struct lane *x, int64_t at_ms);
struct lane *lane_first(const struct lanes *l); /* NULL: none */
void lanes_set_timer(struct lanes *l);          /* to when the first is due: after a change of that */

/* lane_group.c */
void lane_join(struct lanes *l, struct lane *x, const char *hosts); /* its own name, or its hosts' */
void lane_leave_group(struct lanes *l, struct lane *x);
/* True: its next message may go now, by the session at hand (one of its hosts; NULL: one more).  Else the
 * lane is told when it may. */
bool lane_group_room(struct lanes *l, struct lane *x, const struct delivery *hand);
/* Of a session that sent nothing (its mail was cancelled, or may not go yet): its account has not had it. */
void lane_group_unspent(struct lane *x, const struct lane_turn *t);
struct lane *lane_group_next(struct lane_group *g); /* whose turn it is; NULL: nobody waits */
/* It waits for a limit that it shares with the others: in line, so that none of them is always the first. */
void lane_group_stay(struct lanes *l, struct lane *x);
void lane_group_pass(struct lanes *l, struct lane *x); /* it needs no turn: the next one may look */
void lane_group_full(struct lanes *l, struct lane *x); /* it has as many sessions as it may */
void lane_group_over(struct lanes *l, struct lane *x); /* one session of the lane has ended */
/* A session of it waits with its connection open: whose turn it is goes on with it at its time. */
void lane_group_idle(struct lanes *l, struct lane *x);
/* A session of it has taken the hosts' next slot, or leaves it: the next one may be called. */
void lane_group_bid_over(struct lanes *l, struct lane *x);
bool lane_group_is_wanted(const struct lane *x); /* other lanes wait for their turn there */
size_t lane_group_before(const struct lane *x);  /* turns of other lanes before its own */
void lane_groups_free(struct lanes *l);

/* lane_seat.c */
/* True: there is one for its next session.  Else it stands in line, and is looked at when there is. */
bool lane_seat_room(struct lanes *l, struct lane *x);
void lane_seat_pass(struct lanes *l, struct lane *x);     /* it needs none: the next one may look */
void lane_seat_give(struct lanes *l, struct delivery *d); /* its session has ended */
/* Its hosts have been found out, and others may have had their word: then it needs none. */
void lane_seat_settle(struct lanes *l, struct delivery *d);
void lane_has_answered(struct lanes *l, struct delivery *d); /* and taken or refused a message */
/* It failed, and said nothing; hosts: it was all its hosts, which are nobody else's in a provider's group. */
void lane_is_silent(struct lanes *l, struct lane *x, bool hosts);
size_t lane_seats_before(const struct lane *x); /* lanes that stand in line before it */

/* lane_lack.c */
bool lane_is_lack(int number); /* this errno tells of our machine, not of a server */
/* The same of a connection for x: what only the way to its hosts lacks is none of all lanes. */
bool lane_lacks(struct lanes *l, const struct lane *x, int number);
void lanes_lack(struct lanes *l, int number);
/* This machine has no room for one more session now: nothing is begun, and nothing has failed. */
bool lanes_are_short(struct lanes *l);
/* The same for one more session of x: where there is none, it is looked at again later. */
bool lane_lack_room(struct lanes *l, struct lane *x);
const char *lanes_lack_rule(const struct lanes *l, struct arena *a); /* "" it has room */

/* lane_caps.c */
void lane_caps_of(struct lanes *l, const struct relay_settings *s, const struct lane *x,
		  struct lane_caps *out);
/* The same for mail of an account ("" none), with that account's own. */
void lane_caps_of_mail(struct lanes *l, struct str lane, struct str account, struct lane_caps *out);
/* account NULL: what has none, or no limits of its own. */
void lane_caps_add_account(struct lanes *l, const struct relay_account *account, struct lane_caps *c);
struct lane_wait lane_caps_ask(const struct lane_caps *c, unsigned recipients, int64_t now_ms);
/* It waits, and not for long, for its route's own limit: what all lanes of the route wait for. */
bool lane_wait_is_shared(const struct lane_caps *c, const struct lane_wait *w, int64_t now_ms);
/* The reason in words: a limit, the rate that wants the spacing, or the ramp. */
const char *lane_caps_reason(const struct lane_caps *c, const struct lane_wait *w, struct arena *a);
/* When a message that has to wait is to go, behind those of its account that wait already. */
int64_t lane_caps_plan(struct lanes *l, const struct lane_caps *c, struct str account, unsigned recipients,
		       int64_t now_ms);
/* The same, with the limit that puts it off. */
struct lane_wait lane_caps_turn(struct lanes *l, const struct lane_caps *c, struct str account,
				unsigned recipients, int64_t now_ms);
void lane_plans_forget(struct lanes *l);
/* Its account is the reason: it comes back slowly. */
void lane_account_failed(struct lanes *l, const struct lane *x, bool blocked);

/* lane.c */
enum seat lane_seat(const struct lanes *l, const struct lane *x); /* of its next session */
bool lane_answers(const struct lanes *l, const struct lane *x);   /* it, or its hosts; and not silent since */
bool lane_is_set_up(const struct lanes *l, const struct lane *x); /* it leads to a smarthost, or an API */
unsigned lane_sessions_max(struct lanes *l, const struct lane *x);
unsigned lane_group_max(struct lanes *l, const struct lane *x); /* of all lanes that share its hosts */
bool lane_part_is_small(struct lanes *l, const struct lane *x); /* its hosts alone allow more */
/* No message before: its caps', or its hosts' rate. */
int64_t lane_slot_ms(const struct lane *x);
long lane_slot(const struct relay_route *r); /* ms between two messages to one destination; 0: no rate */
void lane_well(struct lane *x);
/* Its hosts take no more of them; of_provider: nor do those of its other customers. */
void lane_cap(struct lane *x, unsigned sessions, bool of_provider);
/* They have taken mail just now, and may count that session still: the next one comes a little later. */
bool lane_was_well(struct lane *x);
/* What made it pause.  host "", code 0: no server said it, the words are ours. */
struct lane_word {
	struct str host, reply;
	unsigned code;
	const char *finding;
};

/* known: x->fails when the session began, so that many sessions failing together count once. */
void lane_failed(struct lane *x, const struct trouble *t, const struct relay_route *r, bool login,
		 unsigned known, const struct lane_word *w);
void lane_forget_word(struct lane *x);

/* lane_held.c */
bool lane_limit_wrote(const struct store_event *v); /* its last one: it is held for a limit */

/* lanes.c */
void lane_session_over(struct lanes *l, struct delivery *d);
/* Between two messages of many, in a fiber: lets others have their turn, and the store's index come along.
 * False: we stop. */
bool lanes_pace(struct lanes *l);

/* lane_look.c */
void lane_look(struct lanes *l, struct lane *x); /* may free x when it has no session */
/* Its turn is over, its connection stands: whose turn it is at the same hosts goes on with it.  False:
 * nobody's. */
bool lanes_hand_on(struct lanes *l, struct delivery *d);

/* delivery_list.c */
void delivery_call(struct delivery *d); /* there is work */
/* It is this lane's turn, of the same hosts: what it does next is for that one. */
void delivery_turn(struct delivery *d, struct lane *x);
/* Is its connection worth a try for x, of its group, while the plan of x is not at hand? */
bool delivery_may_suit(const struct delivery *d, const struct lane *x);
/* One that waits for work of another lane of its hosts, and could do that of x; NULL: none.  plan: of x, NULL
 * when it is not at hand. */
struct delivery *delivery_idle_beside(const struct lanes *l, const struct lane *x,
				      const struct mx_plan *plan);
void delivery_finish(struct delivery *d); /* end the transaction in hand, then yourself */
/* Up to n sessions with new hosts that have had LANE_PATIENCE_MS make room: their mail is tried again later,
 * with all the patience that the RFC asks for. */
void delivery_press(struct lanes *l, size_t n);
void delivery_yield(struct lanes *l, const struct lane_group *g); /* an idle session of it ends */
void delivery_hurry(struct delivery *d);                          /* come to an end at once */

#endif

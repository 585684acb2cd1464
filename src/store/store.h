/* SPDX-License-Identifier: Apache-2.0 */
/* store/store.h - messages, the states of their recipients and their trails, kept
 * so that a 250 can be trusted.
 *
 * What was reported done is on disk.  Nothing waits here but store_settle() and
 * store_close(): changes are submitted from any thread, one writer makes many of
 * them durable at once, and the caller takes the outcomes when store_wake_fd()
 * becomes readable.  Reads of one message and claims answer at once.
 *
 * Strings given are borrowed for the call; strings given back live in the
 * caller's arena.  Times are milliseconds of Unix time, given by the caller: the
 * store asks no clock.  STORE_NEVER is no time at all.
 *
 * Here: opening, taking, marking, claiming, keeping house.  What a message is stands
 * in store/message.h, its bytes in store/body.h, searches in store/look.h. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdint.h>

#include "store/body.h"
#include "store/look.h"
#include "store/message.h"
#include "store/outcome.h"
#include "store/pace.h"

enum {
	STORE_ADDRESS_MAX = 1024,       /* of a suppressed address */
	STORE_SUPPRESSED_MAX = 1000000, /* addresses on the list */
};

struct store; /* one folder, or one database */
struct store_done;

enum store_mode {
	STORE_OWN,  /* read and write; one process at a time */
	STORE_READ, /* look only, also while another process owns it */
};

struct store_options {
	const char *path; /* the folder, made (0700) when missing */
	enum store_mode mode;
	int64_t now_ms;
	uint64_t segment_bytes; /* 0: 64 MiB, a 32nd of a small budget; of one file of bodies */
	uint64_t budget_bytes;  /* 0: none; all of the store's files.  Full: new messages are refused */
	uint64_t reserve_bytes; /* 0: 64 MiB, a quarter of a small disk; fewer free: no new messages */
	int64_t body_keep_ms;   /* bodies stay that long after a segment was closed, room permitting */
	int64_t trail_keep_ms;  /* 0: 30 days; trails of ended messages */
	int64_t wait_max_ms;    /* 0: 48 hours; what is to be tried later than that is due at the start */
	int64_t key_keep_ms;    /* 0: 7 days; how long an idempotency key is remembered */
	/* Each outcome, in the store's own thread and before anybody can take it; not for long, and it calls
	 * no store.  True: nobody waits for it to be taken; it may take a moment (OUTCOME_IDLE_US).  May be
	 * NULL. */
	bool (*done)(void *user, const struct store_done *d);
	void (*report)(void *user,
		       const struct err *e); /* trouble that is nobody's call; any thread; may be NULL */
	void *report_user;                   /* of both */
};

/* Recovers first: after this every claim of a dead owner is back, and what had sent its
 * final dot without a reply is in-doubt, with an event.  *out is the caller's. */
bool store_open(const struct store_options *o, struct store **out, struct err *e) MUST_USE;
/* Makes all that was submitted durable, ends the threads, frees; outcomes not yet taken are lost.
 * Bodies still open must have been freed.  NULL is fine. */
void store_close(struct store **s);

/* ---- taking a message ---- */

/* Takes *body (*body becomes NULL, also when false).  m->id and m->size are not read; each
 * recipient's state is queued, held, suppressed or cancelled.  False with *e: nothing will come of
 * it, refuse the message; true: an outcome with `user` follows. */
bool store_accept(struct store *s, struct store_body **body, const struct store_message *m, void *user,
		  struct err *e) MUST_USE;

/* ---- changing a recipient's state ---- */

/* All marks of a call become durable together or not at all.  False with *e: wrong use. */
bool store_mark(struct store *s, const struct store_mark *marks, size_t n, void *user,
		struct err *e) MUST_USE;

/* What became of it: store/outcome.h.  How to keep step: store/pace.h. */

/* ---- claiming work ---- */

struct store_claim {
	struct store_id id;
	uint32_t rcpt;
	uint64_t epoch;         /* never 0 */
	enum store_state state; /* before the claim */
	unsigned tries;
	int64_t next_ms, expires_ms, arrived_ms;
	uint64_t size;
};

/* Due recipients (next_ms <= now_ms; queued, delayed, in-doubt, held with a time) of a lane, the
 * accounts that have some in turn, of each the earliest first; each is ours until now_ms + lease_ms.  Returns
 * how many (<= max).  Claims live in memory: an owner that dies gives all back.  Claims past their lease are
 * first given back to everybody.  An earlier time than was told already asks what was due by then. */
size_t store_claim(struct store *s, struct str lane, unsigned owner, int64_t now_ms, int64_t lease_ms,
		   struct store_claim *out, size_t max) MUST_USE;
/* Of one message those in the lane that are due, in the order of its envelope. */
size_t store_claim_message(struct store *s, struct store_id id, struct str lane, unsigned owner,
			   int64_t now_ms, int64_t lease_ms, struct store_claim *out, size_t max) MUST_USE;
/* False: not ours any more. */
bool store_claim_renew(struct store *s, const struct store_claim *c, int64_t until_ms);
/* Gives it back untried, due as before.  With its dot sent it becomes in-doubt instead. */
void store_claim_release(struct store *s, const struct store_claim *c, int64_t now_ms);
/* Gives back what is past its lease; returns how many. */
size_t store_claims_expire(struct store *s, int64_t now_ms);
/* Whether more may become of the message at once: some recipient of it is claimed, or could be now, or a
 * change of one is on its way to the disk.  `of` says of which recipients that is asked, and calls no store;
 * NULL: of all.  From memory. */
typedef bool store_rcpt_fn(void *user, uint32_t rcpt);
bool store_under_way(struct store *s, struct store_id id, int64_t now_ms, store_rcpt_fn *of,
		     void *user) MUST_USE;

/* All that are claimed, in a; STORE_SENDING_MAX at most, the latest.  From memory: only who owns the store
 * knows of any. */
void store_sending(struct store *s, struct arena *a, struct store_sending *out);

/* When the next recipient of a lane can be claimed; STORE_NEVER: none can.  *n (may be NULL): how
 * many can, now or when their time comes.  Looks at the top of a heap only. */
int64_t store_lane_next(struct store *s, struct str lane, size_t *n);

/* A number for the account whose turn is next in the lane; 0 where nothing is due. */
uint32_t store_lane_account(struct store *s, struct str lane, int64_t now_ms);

/* Where a recipient stands in its lane.  Messages: recipients of one that are due together count once. */
struct store_turn {
	size_t due;   /* messages of the lane that are due and not claimed */
	size_t ahead; /* of these, those whose turn comes before its own */
	bool claimed; /* its turn has come: somebody tries it now */
	bool more;    /* not all were counted: so many at least */
};
/* Walks over what is due, up to 100,000 recipients; where no living recipient is asked for due only, up to
 * 1,000. */
void store_turn(struct store *s, struct str lane, struct store_id id, uint32_t rcpt, int64_t now_ms,
		struct store_turn *out);

/* ---- live work, for the scheduler ---- */

struct store_live {
	struct store_id id;
	uint32_t rcpt;
	enum store_state state; /* sending: claimed */
	unsigned tries;
	int64_t arrived_ms, next_ms, expires_ms;
	uint64_t size;
	const char *lane, *account; /* valid during the call; the same pointer while any row has it */
};

/* Calls fn for each live recipient, oldest message first, until it returns false; fn calls no store. */
void store_each_live(struct store *s, bool (*fn)(void *user, const struct store_live *row), void *user);

/* ---- addresses that get no mail ---- */

struct store_suppressed {
	struct str address;         /* an address, or "@domain"; shown in small letters */
	struct str why;             /* a finding's id, or an operator's words */
	struct str proof;           /* the reply or report that led to it; "" none */
	int64_t since_ms, until_ms; /* STORE_NEVER: until it is lifted */
};

/* Puts an address on the list, in place of what stood there; until_ms <= since_ms takes it off.  Becomes
 * durable like a mark: true means that an outcome with `user` follows (done or failed), and it holds from
 * then on.  The list outlives trails and segments.  False with *e: wrong use. */
bool store_suppress(struct store *s, const struct store_suppressed *v, void *user, struct err *e) MUST_USE;
/* Whether the address or its domain is on the list at that time: from memory, for use at RCPT TO. */
bool store_is_suppressed(struct store *s, struct str address, int64_t now_ms, struct arena *a,
			 struct store_suppressed *out);
/* Calls fn for each, in no order, also for those whose time is over, until it returns false.  fn must not
 * call the store; what it is given is valid during the call. */
void store_each_suppressed(struct store *s, bool (*fn)(void *user, const struct store_suppressed *v),
			   void *user);

/* ---- what came since ---- */

struct store_place { /* of the disk; zero: the beginning */
	uint32_t segment;
	uint64_t offset;
};
/* Where what is on disk ends: all that was taken as an outcome stands before it. */
struct store_place store_place(struct store *s);
/* Gives each change that is on disk from that place on, in order: mark NULL: the message was taken.  What
 * was dropped by age meanwhile is passed over.  Ends where each returns false.  Texts are valid during the
 * call; each may not call the store.  False with *e: unreadable. */
typedef bool store_change_fn(void *user, struct store_id id, const struct store_mark *mark);
bool store_changes(struct store *s, struct store_place from, store_change_fn *each, void *user,
		   struct err *e) MUST_USE;

/* ---- keeping house ---- */

/* Drops what is past its time, and whole segments, oldest first, that no live message needs; where more
 * than half of all is nobody's, live messages are moved out of the oldest.  Goes on behind; call it every
 * minute or so. */
void store_tidy(struct store *s, int64_t now_ms);

struct store_health {
	bool accepting; /* false: err says why, and what to do */
	struct err err;
	uint64_t used_bytes, free_bytes,
		reusable_bytes; /* of the store; of its disk; of `used`, free for use */
	uint64_t reserve_bytes; /* fewer free: nothing new is taken */
	uint64_t live, messages_taken, marks_taken, groups, syncs, segments, skipped;
	uint64_t suppressed;   /* addresses on that list */
	uint64_t moved;        /* long-lived messages written again so that old segments could go */
	uint64_t unsearchable; /* changes on disk that trace does not know yet */
	struct err index_err;  /* why they stay so; ERR_NONE: it goes on */
};
void store_health(struct store *s, struct store_health *out);

#endif

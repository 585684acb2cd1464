/* SPDX-License-Identifier: Apache-2.0 */
/* store/live.h - live recipients in memory: what is due in which lane, and who has claimed it.
 *
 * About 170 bytes a message with one recipient.  No lock and no disk: the owner
 * guards it.  Changes come in two steps, as they do on disk: `check` says
 * whether a mark may be written and notes that it is on its way, `apply` makes
 * it so once it is durable, `undo` forgets it when it is not. */
#ifndef STORE_LIVE_H
#define STORE_LIVE_H

#include "store/pack_message.h"

struct live;
struct live_message;

struct live_place { /* of a message's record, and what it pins */
	uint32_t segment;
	uint64_t offset;
};

/* Epochs are greater than this one, so that claims of an earlier run are never ours. */
struct live *live_new(uint64_t epoch) MUST_USE;
void live_free(struct live **l);

void live_reserve(struct live *l, size_t messages); /* about so many will come */
/* A message that is on disk.  Recipients are added one after the other, in order, ended ones
 * included.  reply_at orders replies, for live_lanes. */
struct live_message *live_add(struct live *l, struct store_id id, uint32_t nrcpts, struct live_place place,
			      int64_t arrived_ms, uint64_t size, struct str account);
enum live_dot { LIVE_NO_DOT, LIVE_DOT_SENT }; /* of a session that is on disk */
void live_add_rcpt(struct live *l, struct live_message *m, uint32_t rcpt, const struct store_rcpt *r,
		   enum live_dot dot);
/* Pieces of its body, so that they are known when it ends.  Copied. */
void live_set_pieces(struct live *l, struct live_message *m, const struct body_piece *p, size_t n);

struct live_message *live_find(struct live *l, struct store_id id);
struct store_id live_id(const struct live_message *m);
struct live_place live_place_of(const struct live_message *m);
void live_move(struct live_message *m, struct live_place to); /* its record was written anew */
size_t live_pieces(const struct live_message *m, const struct body_piece **p);
/* NULL: has ended. */
bool live_rcpt(const struct live_message *m, uint32_t rcpt, struct store_rcpt *out, bool *dot);
uint32_t live_nrcpts(const struct live_message *m);
bool live_is_whole(const struct live_message *m); /* none of its recipients has ended */

/* It is not here any more, or this recipient of it has ended while others go on. */
bool live_has_ended(struct live *l, const struct store_mark *m);
/* True when the mark may be written now; false: claim lost, claimed by another, or ended. */
bool live_check(struct live *l, const struct store_mark *m);
void live_undo(struct live *l, const struct store_mark *m);
/* Makes it so.  True when this was the last live recipient: then *ended is the message, taken out
 * of the table and the caller's to free with live_message_free. */
bool live_apply(struct live *l, const struct store_mark *m, int64_t event, struct live_message **ended);
void live_message_free(struct live_message **m);

/* Takes out a message whose recipients have all ended before they were added; else NULL. */
struct live_message *live_take_ended(struct live *l, struct live_message *m);

/* name: of the lane. */
size_t live_claim(struct live *l, struct str name, unsigned owner, int64_t now_ms, int64_t until_ms,
		  struct store_claim *out, size_t max);
size_t live_claim_message(struct live *l, struct store_id id, struct str name, unsigned owner, int64_t now_ms,
			  int64_t until_ms, struct store_claim *out, size_t max);
bool live_renew(struct live *l, const struct store_claim *c, int64_t until_ms);
/* Ends a claim.  *written: the disk has it as sending, so the new state must be written: in-doubt
 * when *dot, its dot was sent. */
bool live_release(struct live *l, const struct store_claim *c, int64_t now_ms, bool *dot, bool *written);
/* All that are claimed, the latest first; in no other order.  STORE_SENDING_MAX at most. */
void live_claimed(struct live *l, struct arena *a, struct store_sending *out);
/* Some recipient of it is claimed, due, or being marked. */
bool live_under_way(struct live *l, struct store_id id, int64_t now_ms, store_rcpt_fn *of, void *user);
/* To be told before what goes by time: leases move with a clock that jumps, and what only a clock that was
 * ahead made wait comes due (that alone, of all that waits longer: live_clock_mend, after loading). */
#define LIVE_WAIT_MAX_MS (INT64_C(48) * 3600 * 1000)
void live_clock(struct live *l, int64_t now_ms);
bool live_clock_is_past(const struct live *l, int64_t ms); /* before what it was told last */
void live_clock_mend(struct live *l, int64_t now_ms, int64_t wait_max_ms);
/* The next claim past its lease; false: none. */
bool live_expired(struct live *l, int64_t now_ms, struct store_claim *out);

size_t live_count(const struct live *l); /* recipients */
size_t live_messages(const struct live *l);
uint64_t live_bytes(const struct live *l); /* of bodies */
void live_each(struct live *l, bool (*fn)(void *user, const struct store_live *row), void *user);
/* Every message, in no order. */
void live_each_message(struct live *l, void (*fn)(void *user, struct live_message *m), void *user);

/* Ids of messages whose record or pieces stand in a segment up to `last`: of up to `slots` places of the
 * table from *at on; *at is where to go on, SIZE_MAX at the end. */
size_t live_touching(struct live *l, uint32_t last, size_t *at, size_t slots, struct store_id *out,
		     size_t max);
/* True when a recipient is in that very state, and no session of it is on disk. */
bool live_same(const struct live_message *m, uint32_t rcpt, const struct store_rcpt *r);

struct live_open { /* a recipient whose session was under way */
	struct store_id id;
	uint32_t rcpt, tries;
	bool dot;
};
/* All that are marked as sending and claimed by nobody: those of an earlier run.  *out is the caller's to
 * free. */
size_t live_open_sessions(struct live *l, struct live_open **out);

/* When the next of a lane can be claimed; STORE_NEVER: none.  *n (may be NULL): how many can in time. */
int64_t live_lane_next(struct live *l, struct str name, size_t *n);

/* A number for the account whose turn is next; 0: nothing is due. */
uint32_t live_account_next(struct live *l, struct str name, int64_t now_ms);
/* Where the recipient stands in the lane of that name; walks over what is due there. */
void live_order(struct live *l, struct str name, struct store_id id, uint32_t rcpt, int64_t now_ms,
		struct store_turn *out);

struct live_lane_view {
	struct store_lane row; /* lane: valid while the lane has recipients; reply fields are not set */
	uint64_t seq;          /* message and event of the last reply; 0 none */
	int64_t event;
};
/* Writes a row for each lane; returns how many.  *out is the arena's. */
size_t live_lanes(struct live *l, struct arena *a, struct live_lane_view **out);
/* The message and event that hold a lane's newest reply, found at the start. */
void live_lane_reply(struct live *l, struct str name, uint64_t seq, int64_t event);

#endif

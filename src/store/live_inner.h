/* SPDX-License-Identifier: Apache-2.0 */
/* store/live_inner.h - how the live table lies in memory; for live*.c only. */
#ifndef STORE_LIVE_INNER_H
#define STORE_LIVE_INNER_H

#include "store/live.h"
#include "store/names.h"

struct live_row;

/* What of a lane is one account's; gone when it is empty. */
struct share {
	struct named *account;
	struct live_row **heap; /* what can be claimed, earliest first */
	size_t n, room;
	size_t place; /* in the lane */
};

struct lane {
	struct named named;
	struct share **shares; /* accounts take turns, so that a crowd of one delays no other */
	size_t nshares, shares_room;
	size_t turn; /* whose it is */
	size_t n;    /* in all heaps */
	size_t count[STORE_STATES], unreadable;
	int64_t oldest_ms; /* arrival; as live_lanes last saw it */
	uint64_t reply_seq;
	int64_t reply_event;
};

struct claim {
	uint64_t epoch;
	int64_t until_ms;
	unsigned owner;
	struct live_row *row;
	struct claim *before, *after;
};

/* settled: a mark that ends its claim is on its way */
enum { ROW_DOT = 1, ROW_SETTLED = 2, ROW_ENDING = 4, ROW_UNREADABLE = 8 };

struct live_row {
	struct lane *lane;   /* NULL: ended */
	struct share *share; /* NULL: it cannot be claimed now */
	struct claim *claim;
	int64_t next_ms, expires_ms;
	uint32_t n, tries;
	uint32_t heap; /* place in share->heap */
	uint8_t state, flags;
	uint16_t pending; /* marks of nobody's claim on their way */
};

struct live_message {
	struct store_id id;
	uint32_t nrcpts, left; /* left: live ones */
	struct live_place place;
	int64_t arrived_ms;
	uint64_t size;
	struct named *account;
	struct body_piece *pieces;
	uint32_t npieces;
	struct live_row rows[];
};

struct live {
	struct live_message **v; /* by seq, open addressing */
	size_t n, room;
	size_t rcpts;
	uint64_t bytes, epoch;
	struct names lanes, accounts;
	struct claim *claims;
	int64_t now_ms;      /* told last; 0 never */
	int64_t next_expiry; /* no claim ends before */
};

struct live_row *live_row_at(struct live *l, struct store_id id,
			     uint32_t rcpt); /* NULL: not here, or ended */
struct live_message *row_message(struct live_row *row);
enum store_state row_shown(const struct live_row *row);
uint8_t live_unreadable(struct str finding); /* ROW_UNREADABLE or 0 */

void lane_enter(struct live *l, struct live_row *row,
		struct str lane); /* counts it, and offers it when it may be claimed */
void lane_leave(struct live *l, struct live_row *row);
void lane_offer(struct live_row *row);    /* into the heap when it may be claimed */
void lane_withdraw(struct live_row *row); /* out of the heap */
/* The account whose turn it is and that has work that is due; NULL: none. */
struct live_row *lane_turn(struct lane *lane, int64_t now_ms);
struct live_row *lane_peek(const struct lane *lane, int64_t now_ms, size_t *place); /* its turn is not over */
void lane_clear(struct lane *lane);
void lane_count(struct live_row *row, int by); /* around every change of what is shown */

void claim_end(struct live *l, struct live_row *row);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* batch/hand_inner.h - what hand.c (many letters, patience), hand_letter.c (one letter, one session) and
 * hand_body.c (its bytes) share. */
#ifndef BATCH_HAND_INNER_H
#define BATCH_HAND_INNER_H

#include "batch/hand.h"

enum { HAND_TROUBLE_BYTES = 500 };

struct hand {
	struct net_loop *loop;
	struct hand_way way;
	struct hand_user user;
	size_t lines;     /* fibers under way */
	unsigned put_off; /* letters in a row that were refused for now, to the end of patience */
	bool stops;
	bool reached; /* the relay has greeted us once */
	char trouble[HAND_TROUBLE_BYTES];
};

/* A fiber: one session after another, one letter after another. */
struct line {
	struct hand *h;
	struct session *session;
	struct letter letter;
	bool loaded;
	uint64_t troubled_ms; /* since when this letter, or the way, cannot go on; 0: all is well */
	uint64_t pause_ms;
	char why[HAND_TROUBLE_BYTES]; /* of the last trouble */
};

enum went { WENT_WELL, WENT_LOST, WENT_LATER };

/* Opens a session where there is none; false: it cannot be had, x->why says why. */
bool line_greet(struct line *x);
/* The loaded letter, over the session.  LOST: no session any more, x->why. */
enum went line_transact(struct line *x, struct hand_answer *out);
uint64_t line_now(const struct line *x);

/* hand_body.c: whether the letter can go out in one piece, and that piece, until the letter changes; else all
 * of it behind DATA.  False: the connection broke, or x->why says what is wrong with a file. */
bool line_is_whole(const struct line *x);
struct str line_whole(struct line *x);
bool line_body(struct line *x);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* lab/talk.h - one connection to a pretend server: input, and actions carried out in order.
 *
 * Input waits while actions are pending, so pipelined commands are answered in turn. */
#ifndef LAB_TALK_H
#define LAB_TALK_H

#include "base/buf.h"
#include "lab/server.h"

enum { TALK_INPUT_BYTES_MAX = 128 << 20, TALK_LINE_BYTES_MAX = 64 * 1024 };

struct talk {
	struct lab_server *srv;
	struct wire *wire; /* NULL once it is gone */
	struct arena *arena;
	struct buf in, out;
	struct lab_action *queue;
	size_t nqueue, at; /* queue[at..nqueue) are pending */
	size_t progress;   /* inside a drip */
	uv_timer_t timer;
	uv_timer_cb rested; /* a pause is over */
	bool sleeping, shaking, silent, over, pumping;
	void *state; /* the speaker's */
	unsigned long counts[RULES_COUNT];
	struct lab_moment m; /* what is known so far */
	struct talk *next, *prev;
};

void talk_accept(struct lab_server *s, uv_stream_t *listener); /* goes on by itself from then on */
void talk_end(struct talk *t, enum lab_act how);               /* ACT_CLOSE or ACT_RESET */

/* Picks the rule for a step (or parses `otherwise`, rule text) and queues its
 * actions; `default` stands for those of `otherwise`, or where that is NULL for
 * speaker->usual.  Counts the step once.  Returns the code of the last reply
 * among them; without a reply the one that bytes to be sent begin with; 0 none. */
unsigned talk_answer(struct talk *t, enum server_rules step, const char *otherwise);
/* Only a rule marked `start`; false: there is none, nothing queued. */
bool talk_answer_start(struct talk *t, enum server_rules step, unsigned *code) MUST_USE;
void talk_interrupt(struct talk *t); /* forgets the pending actions */
void talk_count(struct talk *t, enum server_rules step);
void talk_queue(struct talk *t, enum lab_act act, const char *text);

/* The next line of the input without its line end, in the talk's arena; NULL: none yet. */
char *talk_line(struct talk *t);
void talk_write(struct talk *t, const char *p, size_t n);
void talk_tracef(const struct talk *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Fills {from} {to} {client} {helo} {user} {name} {id} in a reply. */
const char *talk_fill(struct talk *t, const char *text);

void talk_flush(struct talk *t); /* writes what is ready */

/* Carries out the action at the head; false: it goes on later. */
bool talk_carry_out(struct talk *t);

#endif

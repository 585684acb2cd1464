/* SPDX-License-Identifier: Apache-2.0 */
/* show/queue_pick.h - which recipients an operator means, what would happen to them, and what did. */
#ifndef SHOW_QUEUE_PICK_H
#define SHOW_QUEUE_PICK_H

#include "relay/steering.h"

struct queue_place { /* for the word before a bulk action */
	const char *lane;
	size_t n;
	int64_t oldest_ms;
};

struct queue_selection {
	struct steering_item *v;
	size_t n, room;
	size_t mails;
	bool named;                 /* each by its id */
	size_t ndoubts;             /* besides these: in doubt and kept for a person, so they are not meant */
	struct steering_item doubt; /* the first of those */
	struct queue_place *places;
	size_t nplaces;
};

/* By what they have in common, or by the id of their mail. */
struct queue_choice {
	enum steer what;
	enum store_state state; /* STORE_NO_STATE: all that the word fits */
	struct store_query q;   /* the filter, without a state */
	bool all;               /* no filter is meant so */
	struct str recipient;   /* of a mail named by its id; "" each */
};

/* Adds to *out; places live in a.  False with *e (ERR_USAGE: nothing was said). */
bool queue_pick_bulk(const struct queue_choice *w, struct store *s, struct arena *a,
		     struct queue_selection *out, struct err *e) MUST_USE;
#define QUEUE_PICK_EACH UINT32_MAX

/* "ID" or "ID/N": as trace shows it, one recipient only.  False with *e. */
bool queue_pick_read(const char *text, struct store_id *id, uint32_t *only, struct err *e) MUST_USE;
/* Recipients that are meant; each is added once, however often its id is typed. */
size_t queue_pick_trail(const struct queue_choice *w, const struct store_trail *t, uint32_t only,
			struct arena *a, struct queue_selection *out);
void queue_selection_clear(struct queue_selection *s);

enum { QUEUE_REASONS_MAX = 16, QUEUE_REASON_BYTES = 160 };

struct queue_outcome {
	size_t done, not_done;
	struct {
		char why[QUEUE_REASON_BYTES];
		size_t n;
		struct steering_item first;
	} reasons[QUEUE_REASONS_MAX]; /* why not; what is past the end counts with the last */
	size_t nreasons;
};

void queue_outcome_not(struct queue_outcome *out, struct steering_item item, const char *why);
/* What the selection left out because it may have arrived already is told as not done. */
void queue_outcome_left(struct queue_outcome *out, const struct queue_selection *s);

#endif

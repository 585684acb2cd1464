/* SPDX-License-Identifier: Apache-2.0 */
/* relay/steer.h - what an operator's word makes of a recipient's state.  Pure. */
#ifndef RELAY_STEER_H
#define RELAY_STEER_H

#include "base/arena.h"
#include "store/store.h"

enum steer {
	STEER_HOLD,    /* nothing goes out until it is released, or until a time; what is in doubt stays so */
	STEER_RELEASE, /* what was held goes on now */
	STEER_RETRY,   /* what waits for its next try is tried now */
	STEER_BOUNCE,  /* given up; its sender is told by a delivery report */
	STEER_CANCEL,  /* given up; nobody is told */
	STEERS
};

const char *steer_name(enum steer s); /* "hold" */
bool steer_of(struct str name, enum steer *out);
/* States that the word can be said to. */
bool steer_fits(enum steer s, enum store_state state);

/* True of a trail's `why` that steer_mark wrote: a person's word, no server's. */
bool steer_wrote(struct str why);

struct steer_order {
	enum steer what;
	struct str by, reason; /* who says so; "" unknown, none */
	int64_t now_ms;
	int64_t until_ms; /* hold: goes on by itself then; 0 not */
};

/* What is known besides. */
struct steer_known {
	struct str lane;    /* where it goes by the present routes, "" as before: the old route may be gone */
	struct str finding; /* why it waits: it stays findable by that */
};

/* The mark for recipient rcpt of m; texts in a.  False: it cannot be, *no says why. */
bool steer_mark(const struct steer_order *o, const struct store_message *m, uint32_t rcpt,
		const struct steer_known *k, struct arena *a, struct store_mark *out, const char **no);

#endif

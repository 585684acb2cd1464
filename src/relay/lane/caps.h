/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/caps.h - how much may go out in a time: limits, what was sent when, and when the next may go.
 *
 * Pure: no clock, no disk.  The same functions hold mail back in the running relay (relay/lane/ledger)
 * and simulate a month's end (`send --dry-run`).  Times are any milliseconds that don't run back.
 *
 * A limit is "at most so many in any window of that length".  A message counts from when it is begun until
 * a window after it is done, so that a server that counts anywhere in between never counts too many. */
#ifndef RELAY_CAPS_H
#define RELAY_CAPS_H

#include <stdint.h>

#include "base/arena.h"

enum {
	CAPS_LIMITS_MAX = 12,
	CAPS_MINUTE_MS = 60000,
	CAPS_HOUR_MS = 3600000,
	CAPS_DAY_MS = 86400000,  /* the longest window */
	CAPS_UNPROVEN_DAY = 100, /* recipients a day of an account that has not proved itself yet */
};

enum caps_unit { CAPS_MESSAGES, CAPS_RECIPIENTS };

/* Who says so. */
enum caps_source {
	CAPS_CONFIGURED,
	CAPS_PROVIDER, /* known of it: catalog/providers */
	CAPS_UNPROVEN  /* ours, for an account that has not proved itself yet */
};

struct caps_limit {
	unsigned most;
	enum caps_unit unit;
	int64_t window_ms;
	enum caps_source source;
};

/* All that holds for one account, route, profile or kind. */
struct caps {
	struct caps_limit v[CAPS_LIMITS_MAX];
	size_t n;
	int64_t spacing_ms;   /* at least that long between two messages; 0 none */
	unsigned connections; /* at once; 0 none */
	unsigned recipients;  /* of one message; 0 none */
};

/* What was told of one of these: 0 not given. */
struct caps_told {
	unsigned minute;     /* messages */
	unsigned hour, day;  /* recipients */
	unsigned recipients; /* of one message */
};

/* most 0: no limit, nothing is added. */
void caps_add(struct caps *c, unsigned most, enum caps_unit unit, int64_t window_ms, enum caps_source source);
void caps_add_told(struct caps *c, const struct caps_told *t, enum caps_source source);
/* `most` messages in window_ms, evenly spread ("30/1m"). */
void caps_add_rate(struct caps *c, unsigned most, int64_t window_ms, enum caps_source source);

/* The rate that its spacing comes from; NULL: none. */
const struct caps_limit *caps_spacing_limit(const struct caps *c);

/* What was sent when.  Zero-initialise; bounded memory: older sends are kept less exactly, and always
 * as if they had been a little later. */
struct caps_log {
	struct caps_sent {
		int64_t at_ms;
		unsigned messages, recipients;
	} * v; /* oldest first */
	size_t n, room;
	unsigned open_messages, open_recipients; /* under way: they count, and nobody knows how long yet */
	int64_t begun_ms;                        /* the last one; 0 none */
};

void caps_log_clear(struct caps_log *l); /* frees */
void caps_log_copy(struct caps_log *to, const struct caps_log *from);
/* What is under way counts as sent now: nobody waits for its end any more. */
void caps_log_end_all(struct caps_log *l, int64_t now_ms);
/* The clock was set by so much: what was sent is as old as it was before. */
void caps_log_shift(struct caps_log *l, int64_t leap_ms, int64_t now_ms);
/* The clock was put back unseen: what would be yet to come was now. */
void caps_log_mend(struct caps_log *l, int64_t now_ms);

struct caps_answer {
	int64_t at_ms;                  /* may go then; <= now: now */
	const struct caps_limit *limit; /* that holds it; NULL: none, or the spacing */
	unsigned room;                  /* now: how many of its recipients at once, >= 1 */
};

/* May a message to so many recipients go?  One that fits no window whole goes in parts: at_ms is the
 * first one's. */
struct caps_answer caps_ask(const struct caps *c, const struct caps_log *l, unsigned recipients,
			    int64_t now_ms);

/* The same for one that cannot go in parts; a limit that it never fits counts as one it fills. */
struct caps_answer caps_ask_whole(const struct caps *c, const struct caps_log *l, unsigned recipients,
				  int64_t now_ms);

/* Under way from now on, to so many recipients. */
void caps_begin(struct caps_log *l, unsigned recipients, int64_t now_ms);
/* It is over.  begun: what caps_begin was told; sent: of these what the server may have counted, 0: it
 * heard nothing of the message. */
void caps_end(struct caps_log *l, unsigned begun, unsigned sent, int64_t now_ms);
/* Begun and over: for a simulation, and for what an earlier run has sent. */
void caps_note(struct caps_log *l, unsigned messages, unsigned recipients, int64_t at_ms);

/* "30 messages a minute" */
const char *caps_limit_text(const struct caps_limit *x, struct arena *a);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* store/look.h - what is known of messages: the live one, its trail, searches, what waits by lane. */
#ifndef STORE_LOOK_H
#define STORE_LOOK_H

#include "base/arena.h"
#include "store/body.h"
#include "store/message.h"
#include "store/sending.h"

enum { STORE_FIND_MAX = 1000 }; /* hits in one answer */

struct store;

/* Envelope and present states of a live message: one read of the disk, no search; where that place is
 * damaged, as the index has it.  False with *e when it is not live or cannot be read. */
bool store_fetch(struct store *s, struct store_id id, struct arena *a, struct store_message *out,
		 struct err *e) MUST_USE;
/* store_fetch and store_body_open in one read of the disk: the way of a delivery.  NULL with *e. */
struct store_reader *store_fetch_open(struct store *s, struct store_id id, struct arena *a,
				      struct store_message *out, struct err *e) MUST_USE;

struct store_event {
	uint32_t rcpt; /* UINT32_MAX: of all recipients, the first event */
	int64_t at_ms;
	enum store_state state;
	bool dot, owed; /* as in struct store_mark; a store made before `owed` was kept has none */
	enum store_proof proof;
	unsigned code, tries;
	int64_t next_ms; /* STORE_NEVER: none */
	struct str host, address, tls, reply, finding, remote_id, config, why;
};

struct store_trail {
	struct store_message message;
	struct store_event *events; /* in the order they happened; the first is the acceptance */
	size_t nevents;
	bool body_here; /* the body can still be read */
};
/* 1 found, 0 no such message, -1 *e.  Live or ended, as of a few hundredths of a second ago. */
int store_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out,
		struct err *e) MUST_USE;
/* Trails asked for between these are of one moment, and cost less; not for long. */
void store_hold(struct store *s);
void store_let_go(struct store *s);

enum { STORE_FORMS_MAX = 2 };

/* All that is given must hold ("" and 0 are not given). */
struct store_query {
	struct str recipient; /* an address, "@domain", or the beginning of an address and "*" */
	struct str sender;    /* the reverse-path, or the client's own: an address or "@domain" */
	/* The same written otherwise, with U-labels or A-labels: one of the forms must hold. */
	struct str recipient_forms[STORE_FORMS_MAX], sender_forms[STORE_FORMS_MAX];
	struct str message_id; /* with or without <> */
	struct str subject;    /* words, all of them, in any order */
	struct str remote_id;  /* the next server's queue id */
	struct str account;
	struct str lane;
	struct str (*lane_own)(struct str kept); /* the name that `lane` asks for; NULL: as it is kept */
	struct str finding;
	enum store_state state;
	bool owed;       /* messages of which a mark said `owed`: of each all its recipients */
	unsigned states; /* or any of these: 1u << state, or-ed; then `state` is not read */
	const struct store_sending
		*sending;           /* states are asked for and told as seen with it; NULL: as kept */
	int64_t since_ms, until_ms; /* of the arrival: since <= t < until */
	size_t limit;               /* 0: 50; at most STORE_FIND_MAX */
	struct str cursor;          /* where the last answer ended */
};

struct store_hit { /* one recipient */
	struct store_id id;
	uint32_t rcpt;
	int64_t arrived_ms;
	uint64_t size;
	struct str reverse_path, recipient, message_id, subject, account, lane, finding;
	enum store_state state, kept; /* as seen; as it is on disk */
	unsigned tries;
	int64_t next_ms, changed_ms;
	unsigned code; /* the last reply, with who gave it */
	struct str host, address, reply, remote_id;
};

struct store_hits {
	struct store_hit *v; /* newest message first, its recipients in order */
	size_t n;
	const char *cursor; /* for the next answer; NULL: there is no more */
};
/* An answer may hold fewer than limit (even none) and still have a cursor: where nothing but the
 * state, finding, account or lane is given, so many rows are looked at and then it is your turn. */
bool store_find(struct store *s, const struct store_query *q, struct arena *a, struct store_hits *out,
		struct err *e) MUST_USE;

struct store_lane {
	const char *lane;
	size_t count[STORE_STATES]; /* by state; live ones only */
	size_t unreadable; /* of them: their finding is FINDING_OWN_COPY, so no reply is why they wait */
	int64_t oldest_ms; /* arrival */
	int64_t next_ms;   /* STORE_NEVER: nothing will become due by itself */
	int64_t reply_ms;  /* of the last reply to one that waits; 0 none */
	unsigned code;
	struct str reply, finding, host;
};

struct store_lanes {
	struct store_lane *v; /* most recipients first */
	size_t n;
};
bool store_lanes(struct store *s, struct arena *a, struct store_lanes *out, struct err *e) MUST_USE;

#endif

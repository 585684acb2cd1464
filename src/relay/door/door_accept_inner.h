/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/door_accept_inner.h - a whole message on its way to its answer: shared by door_accept*.c,
 * door_change.c and door_verdict.c, each of which calls only those behind it:
 *
 *     filters -> signatures -> store -> (the next server's word, where it is waited for) -> answer */
#ifndef RELAY_DOOR_ACCEPT_INNER_H
#define RELAY_DOOR_ACCEPT_INNER_H

#include "relay/door/door_inner.h"
#include "relay/filter/filter.h"

/* What the next servers said of it so far. */
struct verdict {
	size_t of;   /* recipients, without those that a filter took away */
	size_t left; /* of them, nothing is known */
	unsigned handed_over, refused, delayed, doubt;
	unsigned code; /* of the last reply */
	const char *host, *reply, *finding;
	const char *first_refused; /* "b@example.net: 550 5.1.1 ..."; NULL: none was */
	bool *known;               /* by recipient */
};

/* Outlives its door: what came in whole is taken, also when its client has gone. */
struct door_accept {
	struct relay_ticket ticket; /* first */
	struct relay *relay;
	struct door *door; /* NULL: the client has gone, or it came another way */
	/* Where there was never a door: told the answer, from within door_accept_start() or from the loop. */
	void (*told)(void *ctx, const struct door_accept *w, const struct smtp_answer *x);
	/* The same from the store's thread, where nothing can come between: it is kept whole, under that id.
	 * True: then told() is not called, and told_ctx is not touched any more.  May be NULL. */
	bool (*told_at_once)(void *ctx, struct store_id id);
	void *told_ctx;
	struct door_transaction *mail;
	const struct relay_settings *settings;
	struct store_body *body; /* until the store has it */
	struct store_message message;
	struct lane_as as;        /* texts of the settings */
	const char *from_address; /* NULL: not to be signed */
	struct signing *signing;  /* while it is signed */
	bool is_signed;
	struct err err;
	const char *account; /* whose caps its recipients count for; NULL: none */
	unsigned counted;    /* of them, and not yet known to be kept */
	unsigned duplicates;
	bool known; /* it had come before: message.id is the earlier one's */
	bool spent; /* its key had, with another message: message.id is that one's */
	const char *helo, *tls_version, *cipher;
	unsigned port;
	long wait_s;
	bool later;      /* the answer comes from the loop, not from within its command */
	const char *why; /* a filter holds it, or wants it thrown away; NULL */
	bool discard;
	const struct filter_refusal *refused; /* recipients that a filter refused, the message it did not */
	size_t nrefused;
	const struct filter_removal *removed; /* recipients that a filter took away */
	size_t nremoved;
	bool reports;         /* some of its recipients are ours: it is a delivery report */
	struct strlist lanes; /* that will have work */

	struct door_accept *prev, *next; /* of relay.waiting */
	struct net_timer *timer;
	struct verdict verdict;
};

/* door_change.c: filters, signatures, store.  w is filled in, and in the arena of its mail. */
void door_accept_start(struct door_accept *w);
/* The same from any thread, of what has neither: nor an account, nor recipients who are ours. */
void door_accept_plain(struct door_accept *w);

/* door_accept_filtered.c: what filters said of it goes into its trail; then goes on. */
const struct filter_refusal *door_accept_refusal(const struct door_accept *w, struct str rcpt); /* or NULL */
const struct filter_removal *door_accept_removal(const struct door_accept *w, struct str rcpt); /* or NULL */
/* The lane of a recipient, or the one that says what filters said of it. */
struct str door_accept_filter_lane(const struct door_accept *w, struct str rcpt, struct str lane);
/* A lane keeps less of long words than a trail: the marks that were read of it get what that keeps. */
void door_accept_say_whole(const struct door_accept *w, struct store_mark *marks, size_t n);
void door_accept_tell_filters(struct door_accept *w, const struct store_mark *marks, size_t n,
			      void (*then)(struct door_accept *w));

/* door_accept_store.c */
void door_accept_submit(struct door_accept *w);
void door_accept_stored(struct relay_ticket *t, const struct store_done *x);  /* for its ticket */
bool door_accept_on_disk(struct relay_ticket *t, const struct store_done *x); /* at once */

/* door_accept.c */
/* How it is known again when it comes twice; "" not. */
struct str door_accept_key(struct arena *a, struct str sender, const struct intake_facts *f);
bool door_accept_key_renews(const struct intake_facts *f); /* store_message.key_renews */

/* In the name of the profile it goes by. */
struct str door_accept_sender(struct str sender, const struct intake_facts *f);
struct lane_as door_accept_as(const struct intake_facts *f);

/* door_fate.c: the answer to a key whose mail ended without being handed over.  False: that is not known. */
bool door_fate_tell(struct door_accept *w, struct store_id before);

/* door_verdict.c */
/* "5.1.1" where the reply begins with one of the code's class, else "5.0.0"; *rest: what follows it. */
const char *door_verdict_enhanced(struct arena *a, unsigned code, const char *reply, const char **rest);
/* It is in the store; answered when there is an answer.  False: of nobody will there be one. */
bool door_verdict_wait(struct door_accept *w) MUST_USE;

/* door_accept_end.c: the answer, and the end of w. */
/* Its recipients count for their account from its first step on, so that no other session gets the same
 * places while a filter thinks; those of what was not kept are given back. */
void door_accept_count(struct door_accept *w);
void door_accept_uncount(struct door_accept *w);
void door_accept_answer(struct door_accept *w, unsigned code, const char *enhanced, const char *text);
void door_accept_refuse(struct door_accept *w, const struct err *e);
void door_verdict_leave(struct door_accept *w); /* off the list of those that wait */

#endif

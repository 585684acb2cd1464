/* SPDX-License-Identifier: Apache-2.0 */
/* batch/hand.h - letters handed to the relay, many at a time.
 *
 * Some sessions side by side, a fiber each: while the relay makes one letter durable, others
 * are on the wire.  A relay that went away is waited for; a letter without an answer goes
 * again under its key, of which the relay takes each once. */
#ifndef BATCH_HAND_H
#define BATCH_HAND_H

#include "base/err.h"
#include "batch/letter.h"
#include "net/session.h"

enum { HAND_SESSIONS = 32, HAND_PATIENCE_MS = 60000, HAND_FIRST_MS = 10000 };

struct hand_way {
	const char *host; /* numeric */
	unsigned port;
	enum session_security security; /* never STARTTLS */
	const char *ehlo_name;
	uint64_t patience_ms; /* how long a relay that is away, or full, is waited for; HAND_FIRST_MS before
				 it has answered at all */
};

struct hand_rcpt {
	unsigned code;
	const char *reply;
};

/* What the relay said of one letter; texts in the letter's arena. */
struct hand_answer {
	const char *id; /* in its queue; "" it was not taken */
	bool before;    /* it had it already */
	unsigned code;  /* of the reply that decided; 0: none, reply is our own words */
	const char *reply;
	const struct hand_rcpt *rcpts; /* as l->to */
};

struct hand_user {
	bool (*next)(void *ctx, struct letter *l); /* false: there is no more */
	void (*answered)(void *ctx, const struct letter *l, const struct hand_answer *a);
	void *ctx;
};

struct hand;

struct hand *hand_new(struct net_loop *l, const struct hand_way *w, const struct hand_user *u) MUST_USE;
/* Until until_ms: true when all is over.  Call it again otherwise. */
bool hand_go_on(struct hand *h, uint64_t until_ms);
/* Nothing new is begun; what is on the wire is finished. */
void hand_stop(struct hand *h);
/* The relay has greeted us at least once. */
bool hand_reached(const struct hand *h);
/* Why it ended before all was handed over; "" it did not. */
const char *hand_trouble(const struct hand *h);
void hand_free(struct hand **h);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* cli/send.h - the parts of `postrider send`: what is known of the mail and of each recipient. */
#ifndef CLI_SEND_H
#define CLI_SEND_H

#include "cli/config.h"
#include "cli/send_options.h"
#include "explain/answer.h"
#include "net/submit.h"
#include "store/state.h"

/* What became of one recipient: a state of the contract, with its proof.  STORE_NO_STATE: nothing was
 * handed over, and no server refused for good (no connection, "try again later" ...). */
struct send_fate {
	const char *address;
	enum store_state state;
	bool kept; /* a queue took it: what comes of it its trail tells */
	unsigned code;
	const char *reply; /* without the code; or the words of what happened; "" none */
	const char *step;  /* contract's; "" unknown */
	const char *host, *host_address, *tls, *remote_id, *finding;
	int64_t next_ms;                /* delayed: the next try; 0 unknown */
	const struct answer_item *told; /* by its trail: why it is not over well; NULL: nothing there says */
};

struct send_mail {
	const struct send_options *o;
	struct arena *arena;
	const char *from; /* NULL until it is known */
	const char *message_id;
	struct buf bytes; /* CRLF */
	bool bare;        /* without words of anybody's: a test mail */
	const char *via;  /* "queue" or "profile:NAME" */
	const char *host; /* whom we spoke to */
	unsigned port;
	const char *id;   /* of the queue; "" none */
	const char *data; /* the relay's folder */
	struct send_fate *fates;
	size_t n;
	bool late;                            /* waiting ended before the fate of all was known */
	const struct config_profile *profile; /* by which, or in whose name; NULL none; of the config below */
	struct config *config;                /* the caller's, once it is known */
	const char *outcome;                  /* of a profile's test, in a sentence; NULL: it is none */
	bool passed;
};

/* send_message.c: reads the files, builds the message.  hostname: for a sender that was not given. */
bool send_message(struct send_mail *m, const char *hostname, struct err *e) MUST_USE;

/* send_way.c: over which way, and hands it over; fills fates. */
bool send_way(struct send_mail *m, struct net_loop *l, struct err *e) MUST_USE;
/* send_test.c: after its mail was handed over: whether it has arrived, and the note that lets other mail go.
 * False with *e: it could not be found out, or not be noted. */
bool send_test(struct send_mail *m, struct net_loop *l, struct err *e) MUST_USE;
/* False with *e: the profile's test has to pass first. */
bool send_may_leave(const struct send_mail *m, const struct config_profile *p, struct err *e) MUST_USE;

/* send_wait.c: follows m->id in the relay's store until each fate is final. */
bool send_wait(struct send_mail *m, struct net_loop *l, struct err *e) MUST_USE;
/* send_token.c: an access token by the profile's settings; the caller wipes and frees. */
char *send_token(struct net_loop *l, struct dns *d, const struct config *c, const struct config_profile *p,
		 uint64_t until_ms, struct err *e) MUST_USE;

/* send_show.c */
bool send_is_well(const struct send_mail *m);
bool send_show(const struct send_mail *m, struct err *e) MUST_USE;
/* One line on a terminal, over the last one; NULL wipes it off. */
void send_progress(const struct send_options *o, const char *text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* web/web_inner.h - what the parts of the web share. */
#ifndef WEB_WEB_INNER_H
#define WEB_WEB_INNER_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "relay/relay_inner.h"
#include "web/call.h"
#include "web/certificate.h"
#include "web/readers.h"
#include "web/web.h"

enum {
	WEB_THREADS = 4,
	WEB_IDLE_S = 60,        /* without a byte */
	WEB_MEMORY = 16 * 1024, /* of a connection's header and answer in pieces */
	WEB_RETIRED_MAX = 4,    /* certificates that connections still go on with */
};

/* What a reload replaces; read, or held, under `lock`. */
struct web_access {
	const struct relay_settings *settings;
	struct web_tokens *tokens;
};

/* The library takes a certificate at its start only: a renewed one has a daemon of its own, at the same
 * socket. */
struct web_front {
	struct MHD_Daemon *daemon;
	struct certificate *certificate; /* NULL: no TLS */
};

struct web {
	struct net_loop *loop;
	struct relay *relay;
	struct web_front front;                    /* who takes new connections */
	struct web_front retired[WEB_RETIRED_MAX]; /* with older certificates: their connections go on */
	size_t nretired;
	int fd; /* listening, until the front has it; -1 */
	char *address;
	bool tls, quiet;        /* quiet: none is taken any more */
	struct net_timer *look; /* for a renewed certificate, and at the room */
	struct net_timer *hour; /* what is old is forgotten */
	int64_t short_told_ms;  /* that there is not enough of it */
	pthread_rwlock_t lock;  /* guards access */
	struct web_access access;
	atomic_bool draining;
	atomic_size_t deferred;     /* calls that wait for somebody */
	pthread_mutex_t later_lock; /* guards the next three */
	struct web_call *later;     /* those calls */
	unsigned alone;             /* so many in a row had no company */
	bool closing;               /* none is waited for any more */
	pthread_cond_t roused;      /* for who lingers */
	atomic_size_t bodies;       /* bytes of bodies being read */
	atomic_ullong requests, problems;

	struct sessions *sessions;
	struct tries *tries; /* wrong passwords */
	struct fates *fates; /* of batches */

	struct runner *runner; /* checks */
	pthread_mutex_t watching_lock;
	struct watching *watching; /* who watches one */

	struct watch *watch; /* monitors; NULL: none run */
	struct hooks *hooks; /* webhooks */
	struct news *news;   /* changes of state, for those who watch */

	struct readers *readers; /* to look into the store */
};

/* checks.c */
void checks_open(struct web *w);
void checks_wake(struct web *w, const char *id); /* those who watch it; NULL: everybody */

/* later.c */
void later_init(struct web *w);
void later_clear(struct web *w);
/* After web_defer() and handing over, in the thread that answers: false: it was woken meanwhile, and c->then
 * runs at once; true: its connection sleeps until it is, and c is not touched any more. */
bool web_rest(struct web_call *c) MUST_USE;
/* No call is waited for any more; true: some were, and are answered 503.  In the loop, which must stand
 * still until the library has stopped. */
bool web_later_end(struct web *w);
void web_too_late(struct web_call *c);  /* that answer */
void later_release(struct web_call *c); /* one who held it does not any longer */

/* front.c */
bool front_start(struct web *w, struct err *e);
/* New connections get that certificate from now on.  Takes *c when true. */
bool front_renew(struct web *w, struct certificate **c, struct err *e);
void front_tidy(struct web *w);           /* ends what is retired and has no connection any more */
unsigned front_open(const struct web *w); /* connections now, streams and all */
void front_quiet(struct web *w);          /* accepts no more */
void front_stop(struct web *w);

bool web_query_judge(struct web_call *c); /* query.c.  False: it has been answered */

/* gate.c.  False: it has been answered. */
void web_gate_peer(struct web_call *c); /* who asks, where a proxy says so */
bool web_gate_host(struct web_call *c); /* is it meant for us? */
bool web_gate(struct web_call *c);      /* who asks, and may he? */
struct session_view;
/* Fills in c->who by token, session or place, as far as somebody is known; *v is that of the session.
 * False: a token or a session was sent that does not count (any more). */
bool web_gate_know(struct web_call *c, struct session_view *v);
/* It is this one's session; false: its person or password is not there any more. */
bool web_gate_is(struct web_call *c, const struct session_view *v);

#endif

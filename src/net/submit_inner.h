/* SPDX-License-Identifier: Apache-2.0 */
/* net/submit_inner.h - one submission under way; for net/submit*.c only. */
#ifndef NET_SUBMIT_INNER_H
#define NET_SUBMIT_INNER_H

#include "net/submit.h"

struct submitting {
	struct net_loop *loop;
	struct dns *dns;
	const struct submit *s;
	struct arena *a;
	struct submit_result *out;
	struct session *session;
	bool trusted; /* TLS is up, and its certificate is good for the host */
};

/* Waits for the reply to what was said last.  False: there is none, *out says why. */
bool submit_reply(struct submitting *x, const char *step, unsigned *code);
/* Ends as refused by the last reply; always false. */
bool submit_refused(struct submitting *x, const char *step);
/* Ends as broken; always false. */
bool submit_broken(struct submitting *x, const char *step, const char *words);
bool submit_failed(struct submitting *x, const char *step, const struct err *e);
void submit_drain(struct submitting *x); /* tells the dialogue so far */
void submit_tell(struct submitting *x, const char *step, const char *what);

/* Sets x->session connected.  False: *out says why. */
bool submit_connect(struct submitting *x);
bool submit_tls(struct submitting *x); /* the handshake, and our judgement of it */
bool submit_log_in(struct submitting *x);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* web/call.h - one request and its answer, as the endpoints see them.
 *
 * An endpoint runs in a thread of the server, with the whole body read.  It answers, or
 * it defers: then it hands its work to somebody in the relay's loop, who calls web_wake() when it is done,
 * and the endpoint's second half runs in the server's thread again.  Between the two nothing is held and no
 * thread waits, but for a moment where calls come one after the other. */
#ifndef WEB_CALL_H
#define WEB_CALL_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "relay/settings.h"

enum {
	WEB_BODY_MAX = 4 << 20,     /* of a JSON body, where the endpoint says nothing else */
	WEB_BODIES_MAX = 256 << 20, /* of all that are being read at a time, strangers' apart */
	WEB_SMALL_MAX = 4096,       /* of a body where no role is wanted; it takes no part of those */
	WEB_TEXT_MAX = 8192,        /* of one parameter */
};

struct web;
struct web_call;
struct json_t;   /* jansson.h */
struct mhd_side; /* the library's part of a call */

/* Who asks. */
struct web_who {
	enum relay_role role; /* NONE: nobody known */
	const char *name;     /* of the token or the person; "" open loopback */
	const char *account;  /* whose mail is sent under; "" none */
	bool session;         /* by cookie: a browser */
};

struct web_call {
	struct web *web;
	struct arena *arena;
	const struct web_route *route;
	const char *method, *path;
	const char *parts[2]; /* what stood for * in the route's path; NULL none */
	struct web_who who;
	const char *peer; /* numeric address of who asks */
	bool secure;      /* by TLS, ours or the proxy's */
	struct buf body;
	size_t counted;              /* bytes of it in web->bodies */
	unsigned long long received; /* bytes that came, kept or not */
	int64_t begun_ms;
	unsigned status;                    /* 0: no answer yet */
	void (*then)(struct web_call *c);   /* the second half, after web_wake() */
	void *state;                        /* the endpoint's */
	void (*forget)(struct web_call *c); /* frees state; may be NULL */
	struct mhd_side *side;
	struct web_call *sooner, *later; /* of web->later, while it waits */
	bool woken, asleep;              /* later.c's: it need not wait; its connection sleeps */
	atomic_bool abandoned;           /* the end did not wait for it */
	atomic_uint held;                /* by its connection, and by whom it waits for: the last one frees */
};

const char *web_header(const struct web_call *c, const char *name);      /* "" none */
const char *web_header_last(const struct web_call *c, const char *name); /* of several with that name */
const char *web_parameter(const struct web_call *c, const char *name);   /* of the query; NULL none */

const char *web_cookie(const struct web_call *c, const char *name); /* "" none */
/* Each value of a parameter that was given several times. */
void web_each_parameter(const struct web_call *c, const char *name,
			void (*each)(void *ctx, const char *value), void *ctx);
const char *web_hostname(struct web_call *c);    /* the relay's */
const char *web_data_folder(struct web_call *c); /* the relay's */

/* The policy of a page of words that servers said: it may do nothing but be looked at. */
extern const char web_sandbox[];

/* ---- answering, once ---- */

void web_answer(struct web_call *c, unsigned status, const char *type, struct str bytes); /* copied */
/* Takes the bytes, which free() frees. */
void web_answer_given(struct web_call *c, unsigned status, const char *type, struct str bytes);
void web_answer_static(struct web_call *c, unsigned status, const char *type, struct str bytes);
void web_answer_json(struct web_call *c, unsigned status, struct json_t *o); /* takes o */
void web_answer_empty(struct web_call *c, unsigned status);
/* A problem document (RFC 9457): title is the kind, detail this case with its mend. */
void web_problem(struct web_call *c, unsigned status, const char *title, const char *detail, ...)
	PRINTF_LIKE(4, 5);
struct json_t *web_problem_json(struct web_call *c, unsigned status, const char *title, const char *detail);
void web_answer_problem(struct web_call *c, unsigned status, struct json_t *o); /* with more; takes o */
void web_problem_err(struct web_call *c, const struct err *e);                  /* 400 wrong use, 503 else */
/* Before the answer. */
void web_add_header(struct web_call *c, const char *name, const char *value);

/* ---- later ---- */

/* then(c) runs once web_wake(c) was called, once.  Call it before the work is handed over. */
void web_defer(struct web_call *c, void (*then)(struct web_call *c));
void web_wake(struct web_call *c); /* in the loop, or before the endpoint's first half is over */
/* In the loop, before anything else is done for c: true: the end did not wait, c is freed. */
bool web_gone(struct web_call *c) MUST_USE;
/* In its place, from any other thread that deposit_settle() waits for: false: the end did not wait, and
 * web_wake() or web_gone() is still to be called in the loop. */
bool web_wake_at_once(struct web_call *c) MUST_USE;

/* ---- a stream that goes on: server-sent events ---- */

struct web_stream;
/* Fills up to room bytes; 0: nothing now, web_stream_wake() will be called when there is; -1: the end.
 * Called under no lock, by one thread at a time. */
typedef long web_stream_fn(void *ctx, char *out, size_t room);
/* Answers with a stream; end(ctx) is called when it is over.  ctx must outlive it.  The stream is valid
 * until end(). */
struct web_stream *web_answer_stream(struct web_call *c, const char *type, web_stream_fn *more,
				     void (*end)(void *ctx), void *ctx);
void web_stream_wake(struct web_stream *s); /* any thread */

/* ---- the body ---- */

/* The body as a JSON object; false: it was answered (400).  *o is the caller's. */
bool web_body_json(struct web_call *c, struct json_t **o);

#endif

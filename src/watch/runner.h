/* SPDX-License-Identifier: Apache-2.0 */
/* watch/runner.h - checks that run beside everything else: in a thread with a loop of its own.
 *
 * Several at once, each in a fiber; what they see is told as it happens.  Every
 * call here may come from any thread.  Nothing here blocks on the network; calls
 * take a lock for as long as it takes to copy or render one document.
 *
 * An order becomes a job: WAITING -> RUNNING -> DONE | FAILED | CANCELLED, and is kept
 * for a while after that (RUNNER_KEPT_MAX, _S, _BYTES), oldest forgotten first.
 *
 * Events of a job are numbered from 1; each is a name and a JSON object:
 *   state    {"id","state","input"}           waiting, running
 *   target   the document's "target"          whenever more of it is known
 *   step     one of the document's "steps"    whenever its status or words change
 *   fact     one of the document's "facts"
 *   finding  one of the document's "findings" at the end, the root cause first
 *   end      {"id","state","verdict","summary","elapsed_ms","error"}  the last one
 * The names and forms are those of check/render_document_json.h. */
#ifndef WATCH_RUNNER_H
#define WATCH_RUNNER_H

#include <stdint.h>
#include <stdio.h>

#include "check/render.h"
#include "check/request.h"
#include "net/loop.h"

enum {
	RUNNER_AT_ONCE = 8,                   /* checks under way; further ones wait */
	RUNNER_WAITING_MAX = 64,              /* further orders are refused (ERR_LIMIT) */
	RUNNER_KEPT_MAX = 100,                /* jobs that have ended */
	RUNNER_KEPT_S = 3600,                 /* and how long they are kept */
	RUNNER_KEPT_BYTES = 64 * 1024 * 1024, /* of their evidence and events; the newest is always kept */
	RUNNER_EVENTS_MAX = 6000,             /* of one job; the end is told in any case */
	RUNNER_EVENT_BYTES_MAX = 4 * 1024 * 1024, /* of one job, all its events */
	RUNNER_ID_BYTES = 25                      /* 24 random hexadecimal digits, NUL */
};

enum runner_state { RUNNER_WAITING, RUNNER_RUNNING, RUNNER_DONE, RUNNER_FAILED, RUNNER_CANCELLED };

struct runner;

/* What became of a job.  v and ev are valid during the call only; NULL when FAILED (*e says why) or when
 * it was cancelled before it began. */
struct runner_end {
	const char *id;
	enum runner_state state;
	const struct verdict *v;
	const struct err *e;
};

struct runner_order {
	const struct check_request
		*request; /* copied, secrets included; they are wiped when the check ends */
	/* Whom the check may connect to, names looked up already: SMTP sessions, HTTPS fetches (policies,
	 * tokens, certificates) and name servers alike.  allows NULL: anybody.  Called in the runner's
	 * thread; ctx must live until ended was called.  net/address.h knows what is public. */
	struct net_guard guard;
	/* Called once in the runner's thread, without a lock held; may be NULL. */
	void (*ended)(void *ctx, const struct runner_end *end);
	void *ctx;
	bool quiet; /* nobody watches: no events, and it is not kept */
};

/* Starts the thread.  Signals are left to the other threads. */
struct runner *runner_new(void) MUST_USE;
/* Cancels what is under way, waits for it (ended is called), and ends the thread. */
void runner_free(struct runner **r);

/* False with *e: ERR_LIMIT too many wait. */
bool runner_start(struct runner *r, const struct runner_order *o, char id[RUNNER_ID_BYTES],
		  struct err *e) MUST_USE;
/* False: there is no such job, or it has ended. */
bool runner_cancel(struct runner *r, const char *id);

/* Called in the runner's thread whenever a job has new events, without a lock held; must be quick
 * (wake somebody).  Set it before the first order. */
void runner_listen(struct runner *r, void (*news)(void *ctx, const char *id), void *ctx);

struct runner_look {
	enum runner_state state;
	long long ordered_s, ended_s; /* Unix time; 0: not yet */
	size_t events;                /* so far */
	enum verdict_word word;       /* DONE or CANCELLED with a verdict */
	bool has_verdict;
};
bool runner_look(struct runner *r, const char *id, struct runner_look *out); /* false: no such job */

/* Gives each event after number `after` (0: all) in order, under the lock: copy, do not call back.
 * Texts are valid during the call.  Stops when each returns false.  False: there is no such job. */
typedef bool runner_event_fn(void *ctx, size_t n, const char *name, const char *json);
bool runner_events(struct runner *r, const char *id, size_t after, runner_event_fn *each, void *ctx);

/* The document of a job that has a verdict (also a cancelled one's): JSON is the contract's.  False with
 * *e: ERR_USAGE there is none (yet), or out could not be written. */
bool runner_render(struct runner *r, const char *id, enum render_format format,
		   const struct render_options *o, FILE *out, struct err *e) MUST_USE;

/* The evidence of such a job as JSON, for `report` and for judging it again. */
bool runner_save(struct runner *r, const char *id, FILE *out, struct err *e) MUST_USE;

/* Newest first; one call of each per job, under the lock.  Stops when each returns false. */
typedef bool runner_job_fn(void *ctx, const char *id, const char *input, const struct runner_look *look);
void runner_jobs(struct runner *r, runner_job_fn *each, void *ctx);

const char *runner_state_name(enum runner_state s); /* "waiting" ... */

/* Work of others in the runner's thread: fn(ctx) is called there soon, outside of any fiber; it may use
 * runner_loop() and start fibers.  Orders of one caller are kept. */
void runner_post(struct runner *r, void (*fn)(void *ctx), void *ctx);
struct net_loop *runner_loop(struct runner *r); /* for code in that thread only */

#endif

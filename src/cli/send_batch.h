/* SPDX-License-Identifier: Apache-2.0 */
/* cli/send_batch.h - the parts of `postrider send --merge`: a table's rows as mails. */
#ifndef CLI_SEND_BATCH_H
#define CLI_SEND_BATCH_H

#include "batch/batch.h"
#include "batch/results.h"
#include "cli/config.h"
#include "cli/local_relay.h"
#include "cli/send_options.h"
#include "relay/settings.h"

/* As the page names them (send_batch_note.c). */
enum batch_phase {
	BATCH_CHECKING,
	BATCH_SENDING,
	BATCH_REFUSED, /* nothing was sent */
	BATCH_ENDED_DONE,
	BATCH_ENDED_PAUSED,
	BATCH_ENDED_BROKEN,
};

struct batch_run {
	const struct send_options *o;
	struct arena *arena;
	struct net_loop *loop;
	struct relay_settings *settings;
	struct local_relay relay;
	const struct relay_profile *profile; /* in whose name; NULL nobody's */
	const struct relay_kind *kind;
	const char *from, *from_name;  /* NULL: the template's */
	const char *config;            /* its file */
	const char *results, *journal; /* files */
	struct batch *batch;
	struct batch_checked checked;
	struct batch_sent sent;
	long long began_ms; /* of the pass that is under way */
	struct roll *roll;  /* where the page finds it; NULL: this user may not write there */
	char attempt[ROLL_ID_BYTES];
	long long noted_ms;
	enum batch_phase noted;
};

/* All of it; returns the exit status. */
int send_batch(const struct send_options *o);

/* send_batch_files.c */
/* path without its end ("a.csv" -> "a"), in a. */
const char *send_batch_without(struct arena *a, const char *path, const char *end);
void send_batch_name_files(struct batch_run *r);
bool send_batch_is_free(const struct batch_run *r, struct err *e) MUST_USE;
bool send_batch_begin_again(struct batch_run *r, struct err *e) MUST_USE;

/* send_batch_as.c: profile, kind and sender by the options; and the fields that tell the relay, which takes
 * them off. */
bool send_batch_as(struct batch_run *r, struct err *e) MUST_USE;
const char *send_batch_as_fields(const struct batch_run *r);

/* send_batch_via.c: false: --via names another way than the queue, and it was told what to do instead. */
bool send_batch_via(const struct send_options *o, const struct config *c,
		    const struct relay_settings *s) MUST_USE;

/* send_batch_results.c: writes the results, waits with --wait, tells the sum.  Returns the exit
 * status, or -1 with *e. */
int send_batch_results(struct batch_run *r, struct err *e);

/* send_batch_plan.c: the first pass, and when each mail would leave. */
bool send_batch_dry_run(struct batch_run *r, const struct batch_watch *watch, struct err *e) MUST_USE;

/* send_batch_show.c */
void send_batch_faults(const struct batch_run *r, const struct strlist *faults);
void send_batch_problems(const struct batch_run *r);  /* rows that cannot be sent */
void send_batch_sent(const struct batch_run *r);      /* how the handing in ended */
void send_batch_unreached(const struct batch_run *r); /* nobody was there to hand it to */
void send_batch_sum(const struct batch_run *r, const struct results_summary *s, bool readable);
const char *send_batch_span(struct arena *a, long long s); /* "40 min" */
/* NULL: each row is good. */
const char *send_batch_count_words(const struct batch_run *r);
const char *send_batch_sent_words(const struct batch_run *r);
const char *send_batch_broken_words(const struct batch_run *r, const char *trouble);
const char *send_batch_progress_words(const struct batch_run *r, const char *doing, const struct batch_at *at,
				      struct arena *a);
/* The line on a terminal: how far, how fast, how long still. */
void send_batch_progress(const struct batch_run *r, const char *doing, const struct batch_at *at);

/* send_batch_note.c: for the relay's page; all of them do nothing where there is no roll. */
void send_batch_note_open(struct batch_run *r);
void send_batch_note_close(struct batch_run *r);
/* faults: of the template; NULL none.  What moves is written once a second. */
void send_batch_note(struct batch_run *r, enum batch_phase phase, const struct batch_at *at,
		     const char *trouble, const struct strlist *faults);
void send_batch_note_refused(struct batch_run *r, const struct strlist *faults, const struct err *e);
void send_batch_note_end(struct batch_run *r, const struct err *e);

/* send_batch_stop.c: signals end it from now on; NULL: they end the program again. */
void send_batch_stop_on(struct net_loop *l);
/* A person wants it to end (Ctrl-C, SIGTERM): what is on the wire is finished. */
bool send_batch_stops(void);

#endif

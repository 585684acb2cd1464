/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/summary.h - what a log says as a whole: counts, the worst, and what to mend first.
 *
 * Fed from the sink of explain/log/reader.h; constant memory: findings are a table of the
 * catalogue's size, destinations and clients the most frequent ones ("space-saving"
 * counters, Metwally 2005), texts are copied and cut.  Renderers only print it. */
#ifndef EXPLAIN_LOG_SUMMARY_H
#define EXPLAIN_LOG_SUMMARY_H

#include "explain/log/reader.h"

enum {
	LOG_SUMMARY_REPLY_MAX = 480,  /* bytes kept of an example */
	LOG_SUMMARY_NAME_MAX = 255,   /* of a domain or a client */
	LOG_SUMMARY_PLACES_MAX = 256, /* destinations and clients counted at a time, each */
	LOG_SUMMARY_WORST_MAX = 20    /* of them shown */
};

struct log_summary; /* owned by the caller */

struct log_summary *log_summary_new(void) MUST_USE;
void log_summary_free(struct log_summary **s);
/* A log_sink_fn with the summary as `user`. */
void log_summary_add(void *summary, const struct log_event *e);

/* One line of the log as an example. */
struct log_example {
	const char *reply;                      /* printable, cut at LOG_SUMMARY_REPLY_MAX; "" none */
	const char *to, *from, *relay, *client; /* "" unknown */
	unsigned code;
	unsigned long long line;
	const char *step, *format;
};

/* One cause and all it hit.  A recipient counts once, under the last cause that held it up
 * or ended it: hit = refused + delayed + passed + at_door + troubles. */
struct log_cause {
	const struct finding_entry *finding;
	const struct class_entry *class;
	double confidence;         /* of the example */
	unsigned long long events; /* lines that say so */
	unsigned long long hit;
	unsigned long long refused;  /* for good: refused, expired, not sent any more */
	unsigned long long delayed;  /* and waiting still where the log ends */
	unsigned long long passed;   /* delayed, and through later */
	unsigned long long at_door;  /* not taken by this machine, or a login at it that failed: tries */
	unsigned long long troubles; /* lines about no message */
	long long first_s, last_s;   /* 0: no times */
	double weight;               /* how much mending it is worth; 0: nobody has to act */
	struct log_example example;  /* the surest line seen, the first among equals */
};

/* One class: the sum of its causes. */
struct log_class_count {
	const struct class_entry *class;
	unsigned long long hit, events;
};

/* One destination domain, or one client at the door. */
struct log_place {
	const char *name;
	unsigned long long failed;           /* recipients refused or expired; a client's tries at the door */
	unsigned long long delayed;          /* recipients that wait still where the log ends */
	unsigned long long passed;           /* recipients that were delayed, and through later */
	unsigned long long taken;            /* all that went through since the first trouble with it */
	unsigned long long most_wrong;       /* the counts may be too high by this (space-saving) */
	const struct finding_entry *finding; /* the last one; NULL unknown */
	struct log_example example;          /* the last one */
};

struct log_digest {
	unsigned long long recipients; /* whose fate the log tells: the sum of the first seven states */
	unsigned long long states[LOG_STATES]; /* each recipient once, by its last state */
	unsigned long long events[LOG_STATES]; /* lines */
	unsigned long long late;               /* recipients that went through after at least one delay */
	unsigned most_tries;                   /* of one recipient */
	long long first_s, last_s;
	const struct log_cause *causes; /* by weight, then by hit */
	size_t ncauses;
	const struct log_class_count *classes; /* by hit */
	size_t nclasses;
	const struct log_place *domains; /* worst destinations first */
	size_t ndomains;
	const struct log_place *clients; /* who was turned away at the door most */
	size_t nclients;
	const struct log_place *replies; /* the most frequent bad replies, numbers and addresses set aside;
					    name: one of them */
	size_t nreplies;
	const struct log_cause *first; /* the one thing to mend first; NULL: nothing needs anybody */
};

/* Owned by the summary; valid until the next add or free. */
const struct log_digest *log_summary_digest(struct log_summary *s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* batch/plan.h - when each mail of a batch would leave, and what keeps it: today's caps and rates, run ahead
 * of time.
 *
 * Pure but for what it is given: the settings, what was sent before (relay/lane/ledger), what waits
 * already. It reckons by the same functions that hold mail back in the running relay (relay/lane/caps), and
 * takes it that servers answer in PLAN_MAIL_MS and refuse nothing. */
#ifndef BATCH_PLAN_H
#define BATCH_PLAN_H

#include "relay/lane/ledger.h"
#include "relay/settings.h"

enum {
	PLAN_MAIL_MS = 1000, /* a mail on a connection */
	PLAN_CONNECTIONS_MAX = 100,
	PLAN_DAYS_MAX = 366, /* told apart; what leaves later counts to the last */
	PLAN_STOPS_MAX = 16, /* of one route */
	PLAN_GATE_MS =
		3600000, /* what kept the mails that long is named for all behind it, not their spacing */
	PLAN_WAIT_MS = 60000, /* a mail that waits longer for a cap is told as held */
};

struct plan;

/* In whose name the batch goes; NULL: nobody's. */
struct plan_as {
	const struct relay_profile *profile;
	const struct relay_kind *kind;
};

/* l may be NULL: nothing was sent yet.  All must outlive it. */
struct plan *plan_new(const struct relay_settings *s, const struct plan_as *as, struct ledger *l,
		      int64_t now_ms) MUST_USE;
void plan_free(struct plan **p);

/* So many recipients wait in a lane of the relay and go first. */
void plan_ahead(struct plan *p, const char *lane, size_t n);

struct plan_time {
	int64_t at_ms;     /* -1: no route fits, it would never leave */
	const char *route; /* "" none */
	const char *limit; /* what held it last, in short ("30 messages a minute"); "" nothing */
	const char *stop;  /* the same with who says so; both are valid as long as p */
};

/* One mail; out: of each recipient.  Those of one route, and by MX of one domain, go together. */
void plan_mail(struct plan *p, struct str sender, const struct str *recipients, size_t n,
	       struct plan_time *out);

/* ---- the sum ---- */

struct plan_stop { /* a cap, and what it keeps */
	const char *words;
	size_t mails; /* that it held for PLAN_WAIT_MS or more */
};

struct plan_way {
	const struct relay_route *route; /* NULL: where no route fits */
	size_t ahead, mails;
	int64_t first_ms, last_ms;
	unsigned days[PLAN_DAYS_MAX]; /* mails by day, today first (UTC) */
	struct plan_stop stops[PLAN_STOPS_MAX];
	size_t nstops;
};

const struct plan_way *plan_way(const struct plan *p, size_t i); /* NULL past the end; with mails 0 too */

#endif

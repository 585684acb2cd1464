/* SPDX-License-Identifier: Apache-2.0 */
/* watch/alert.h - one alert as people and programs read it.
 *
 * Pure.  Its parts are monitors with news, things that run out, or the network that is away.
 * The JSON, for webhooks and commands:
 *
 * { "schema": 1, "at": T, "host": HOSTNAME,
 *   "kind": "bad | worse | well | expiring | away | back",      the gravest of its parts
 *   "subject": "...", "text": "...",                            what the mail says
 *   "monitors": [{
 *     "name", "target", "news": "bad | worse | well | away | back",
 *     "state": "well | warning | bad", "since": T, "summary",
 *     "finding": one of a check document's findings | null }],
 *   "expiring": [{"kind", "name", "detail", "expires": T, "days_left": N}] } */
#ifndef WATCH_ALERT_H
#define WATCH_ALERT_H

#include "store/history.h"
#include "watch/course.h"

enum { ALERT_PARTS_MAX = 64, ALERT_REPORT_MAX = 16 * 1024 /* bytes of one monitor's report in the mail */ };

struct alert_part { /* texts are borrowed */
	enum news news;
	const char *name, *target;
	enum condition now;
	int64_t since_ms;
	const char *title;   /* of the root cause, "" none */
	const char *summary; /* of the last run */
	const char *report;  /* the check as text for people, "" none */
	const char *finding; /* its JSON, "" none */
};

struct alert_expiry {
	const char *kind, *name, *detail;
	int64_t expires_ms;
	long long days_left;
};

struct alert {
	int64_t at_ms;
	const char *host;
	enum news network; /* NEWS_AWAY, NEWS_BACK, or NEWS_NONE */
	struct alert_part parts[ALERT_PARTS_MAX];
	size_t nparts;
	struct alert_expiry expiries[ALERT_PARTS_MAX];
	size_t nexpiries;
};

/* The gravest of its news: away, bad, worse, expiring, back, well. */
enum news alert_kind(const struct alert *x);
const char *alert_subject(const struct alert *x, struct arena *a) MUST_USE; /* one line */
const char *alert_text(const struct alert *x, struct arena *a) MUST_USE;    /* the mail's body */
char *alert_json(const struct alert *x) MUST_USE;                           /* free() it */

#endif

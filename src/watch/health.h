/* SPDX-License-Identifier: Apache-2.0 */
/* watch/health.h - everything the monitors know, as one JSON document: for GET /api/v1/health and
 * `postrider monitor list --json`.
 *
 * Pure over the history: the same in the running relay and beside it.
 *
 * { "schema": 1, "now": T, "since": T,
 *   "state": "well | warning | bad | unknown",        the worst of all monitors
 *   "says": "1 of 3 monitors is bad: office.",
 *   "trouble": "..."|null,   of the relay, which goes on all the same: a log cannot be opened again
 *   "monitors": [{
 *     "name", "target", "every_ms",
 *     "state": "well | warning | bad | unknown",      confirmed
 *     "since": T|null,
 *     "open": bool,          the last run says otherwise: it is looked at again soon
 *     "late": bool,          it should have run by now: is the relay running?
 *     "finding": {"id", "title", "class", "actor", "step"} | null,     of the confirmed state
 *     "summary": "...",      of the last run, one sentence
 *     "last": T|null, "next": T|null,
 *     "runs": N, "well_share": 0.998|null,            in the period
 *     "history": [{          oldest first
 *       "at": T, "verdict": "ok|warning|failing|unknown|error",
 *       "finding": ID|null, "step": STEP|null, "away": bool,
 *       "elapsed_ms": N, "steps": {"dns": MS, ...},
 *       "runs": N, "bad": N }] }],
 *         Where there are more runs than points, one row stands for "runs" of them: the
 *         worst in words, the mean in times, "bad" how many were bad.
 *   "expiring": [{           soonest first
 *     "kind": "certificate | own-certificate | client-secret | token",
 *     "name", "detail", "monitor": NAME|null,
 *     "trouble": "..."|null,   of our own certificate: why its renewed files are not used
 *     "expires": T, "days_left": N, "warn": bool, "seen": T }],
 *   "dns": {
 *     "records": [{"name", "type", "values": [...], "since": T, "seen": T}],
 *     "changes": [{"at": T, "name", "type", "before": [...], "after": [...]}] },   newest first
 *   "days": [{               oldest first, UTC; every key always there
 *     "day": "2026-11-21", "taken": N, "handed_over": N, "refused": N, "delayed": N,
 *     "bounced": N, "expired": N }],
 *   "queue": [{"at": T, "waiting": N, "held": N, "sending": N, "oldest_s": N}],
 *         oldest first, one for five minutes; the last one is of a minute ago at most
 *   "caps": [{
 *     "kind": "account|route", "name", "limit": "100 recipients a day",
 *     "used": N, "most": N, "at": T }],
 *   "alerts": [{             newest first
 *     "at": T, "alert", "way": "mail|webhook|command",
 *     "kind": "bad|worse|well|expiring|away|back", "subject", "result" }] }
 *
 * T is RFC 3339 in UTC with milliseconds. */
#ifndef WATCH_HEALTH_H
#define WATCH_HEALTH_H

#include <stdio.h>

#include "store/history.h"
#include "watch/settings.h"

enum {
	HEALTH_POINTS = 200, /* of one monitor's history and of the queue's, where nothing is said */
	HEALTH_POINTS_MAX = 2000,
	HEALTH_CHANGES = 100,
	HEALTH_ALERTS = 100,
	HEALTH_PERIOD_S = 7 * 86400
};

/* Kept by the relay as a document of the history (store/history.h): its own trouble in words, "" none. */
#define HEALTH_RELAY   ""
#define HEALTH_TROUBLE "trouble"

struct health_view {
	int64_t now_ms, since_ms; /* since_ms 0: the last HEALTH_PERIOD_S */
	size_t points;            /* 0: HEALTH_POINTS */
	const char *monitor;      /* only this one's; NULL all */
};

/* Writes the document with a line end.  h may be NULL: nothing was kept yet.  False with *e. */
bool health_write(struct history *h, const struct watch_settings *s, const struct health_view *v, FILE *out,
		  struct err *e) MUST_USE;

#endif

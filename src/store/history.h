/* SPDX-License-Identifier: Apache-2.0 */
/* store/history.h - what the monitors saw and how the relay fared, day by day: DATA/watch.db.
 *
 * A database of its own, not tables of the index: the index is made anew from the segments whenever it is
 * damaged, and these rows stand nowhere else; and a slow disk under them must never hold up mail.
 * Losing it loses no mail and no trail: a damaged file is put aside (watch.db.damaged) and begun anew.
 *
 * A handle is used by one thread at a time; one owner writes, readers may look beside it, from other
 * processes too.  Times are milliseconds of Unix time.  Texts given are borrowed for the call; texts told to
 * a callback live during it.  What is kept is bounded by age (history_tidy) and by the limits below. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum {
	HISTORY_RUNS_MAX = 500000,   /* of all monitors; the oldest go first */
	HISTORY_CHANGES_MAX = 20000, /* of DNS records */
	HISTORY_ALERTS_MAX = 10000,
	HISTORY_SAMPLES_MAX = 50000,
	HISTORY_TEXT_MAX = 16 * 1024,          /* of one text but a document; longer ones are cut */
	HISTORY_DOCUMENT_MAX = 4 * 1024 * 1024 /* longer ones are not kept */
};

struct history;

enum history_mode { HISTORY_OWN, HISTORY_READ };

/* folder: the relay's data.  False with *e; HISTORY_READ of a folder where none was ever written: ERR_USAGE.
 */
bool history_open(const char *folder, enum history_mode mode, struct history **out, struct err *e) MUST_USE;
void history_close(struct history **h); /* NULL is fine */

/* Writes between these become durable together, or, where one was not ok, none of them; without them each
 * by itself.  history_end is false when they were not kept. */
void history_begin(struct history *h);
bool history_end(struct history *h, bool ok, struct err *e);

/* ---- runs of monitors ---- */

struct history_run {
	const char *monitor;
	int64_t at_ms;
	long elapsed_ms;
	const char *verdict; /* ok warning failing unknown; "error": the check itself could not be done */
	const char *finding; /* id of the root cause, "" none */
	const char *title;   /* its title, filled in */
	const char *step;    /* where it breaks, "" nowhere */
	const char *summary;
	const char *steps; /* "dns=3 connect=12 banner=20": milliseconds of those that were reached */
	bool away;         /* nothing outside could be reached at all */
};

bool history_run_add(struct history *h, const struct history_run *r, struct err *e);
/* Of one monitor since that time, oldest first; of more than `most` the newest. */
typedef bool history_run_fn(void *ctx, const struct history_run *r);
bool history_runs(struct history *h, const char *monitor, int64_t since_ms, size_t most, history_run_fn *each,
		  void *ctx, struct err *e) MUST_USE;

/* Whole documents of a monitor: kind "last", "bad" (the last one that was bad).  */
bool history_document_put(struct history *h, const char *monitor, const char *kind, int64_t at_ms,
			  struct str json, struct err *e);
/* 1 with *json (free it), 0 none, -1 *e */
int history_document(struct history *h, const char *monitor, const char *kind, char **json, struct err *e);

/* What a monitor's state machine has to remember over a restart; any text. */
bool history_state_put(struct history *h, const char *monitor, const char *text, struct err *e);
int history_state(struct history *h, const char *monitor, char **state, struct err *e); /* as above */
/* Forgets how monitors stand that are configured no longer, and what runs out there; their runs stay until
 * they are old: a block may come back.  names: NULL-terminated. */
bool history_keep_only(struct history *h, const char *const *names, struct err *e);

/* ---- what runs out ---- */

struct history_expiry {
	const char *kind;    /* certificate own-certificate client-secret token */
	const char *name;    /* of what: "mail.example.com:587", a profile */
	const char *detail;  /* subject and issuer, the tenant, ...; of our own why its renewal fails, "" it
				does not */
	const char *monitor; /* that saw it; "" the relay itself */
	int64_t expires_ms, seen_ms;
	int told_days; /* the fewest days left that were warned of; -1: none yet */
};

/* Kind and name are the key.  told_days stays as it is unless expires_ms is another. */
bool history_expiry_put(struct history *h, const struct history_expiry *x, struct err *e);
bool history_expiry_told(struct history *h, const char *kind, const char *name, int days, struct err *e);
typedef bool history_expiry_fn(void *ctx, const struct history_expiry *x);
bool history_expiries(struct history *h, history_expiry_fn *each, void *ctx, struct err *e) MUST_USE;

/* ---- DNS records ---- */

struct history_record {
	const char *name, *type; /* MX A AAAA TXT TLSA; of TXT the kind: SPF DMARC DKIM MTA-STS */
	const char *values;      /* one a line, in order; "" there is none */
	const char *recent;      /* addresses seen lately, "1767000000 192.0.2.7" a line; see watch/drift */
	int64_t since_ms, seen_ms;
};

bool history_record_put(struct history *h, const struct history_record *r, struct err *e);
/* 1: each was called with it, 0 none, -1 *e */
typedef bool history_record_fn(void *ctx, const struct history_record *r);
int history_record(struct history *h, const char *name, const char *type, history_record_fn *each, void *ctx,
		   struct err *e);
bool history_records(struct history *h, history_record_fn *each, void *ctx, struct err *e) MUST_USE;

struct history_change {
	int64_t at_ms;
	const char *name, *type, *before, *after; /* values as above */
};

bool history_change_add(struct history *h, const struct history_change *c, struct err *e);
typedef bool history_change_fn(void *ctx, const struct history_change *c);
/* newest first */
bool history_changes(struct history *h, int64_t since_ms, size_t most, history_change_fn *each, void *ctx,
		     struct err *e) MUST_USE;

/* ---- the relay, day by day ---- */

/* day: "2026-11-21" (UTC).  Adds to what is there. */
bool history_day_add(struct history *h, const char *day, const char *key, long long n, struct err *e);
typedef bool history_day_fn(void *ctx, const char *day, const char *key, long long n);
/* oldest first */
bool history_days(struct history *h, const char *since_day, history_day_fn *each, void *ctx,
		  struct err *e) MUST_USE;

struct history_sample { /* of the queue */
	int64_t at_ms;
	long long waiting, held, sending, oldest_s; /* recipients; age of the oldest */
};

bool history_sample_add(struct history *h, const struct history_sample *s, struct err *e);
typedef bool history_sample_fn(void *ctx, const struct history_sample *s);
bool history_samples(struct history *h, int64_t since_ms, history_sample_fn *each, void *ctx,
		     struct err *e) MUST_USE;

struct history_cap {                     /* how much of a limit is used now */
	const char *kind, *name, *limit; /* "account", "app@example.com", "100 recipients a day" */
	long long used, most;
	int64_t at_ms;
};

bool history_caps_clear(struct history *h, struct err *e);
bool history_cap_put(struct history *h, const struct history_cap *c, struct err *e);
typedef bool history_cap_fn(void *ctx, const struct history_cap *c);
bool history_caps(struct history *h, history_cap_fn *each, void *ctx, struct err *e) MUST_USE;

/* ---- alerts that were given ---- */

struct history_alert {
	int64_t at_ms;
	const char *alert, *way; /* "ops"; mail webhook command */
	const char *kind;        /* bad worse well expiring away back */
	const char *subject;
	const char *result; /* "queued", "delivered", "failed: ..." */
};

bool history_alert_add(struct history *h, const struct history_alert *x, struct err *e);
typedef bool history_alert_fn(void *ctx, const struct history_alert *x);
/* newest first */
bool history_alerts(struct history *h, int64_t since_ms, size_t most, history_alert_fn *each, void *ctx,
		    struct err *e) MUST_USE;

/* ---- age ---- */

/* Forgets what is older, and what is over the limits. */
bool history_tidy(struct history *h, int64_t before_ms, struct err *e);

#endif

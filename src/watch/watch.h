/* SPDX-License-Identifier: Apache-2.0 */
/* watch/watch.h - the running watch: monitors on their schedule, their history, their alerts.
 *
 * All of its work is done in the runner's thread; the relay's loop only gives its figures now and
 * then and takes alert mails.  Order of life, calls from the relay's thread where nothing is said:
 *
 *     herald_new (before threads)  ->  relay_open  ->  runner_new  ->  watch_new  ->  ...
 *     ->  watch_stop  ->  runner_free  ->  relay_free  ->  watch_free  ->  herald_free */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include "relay/relay.h"
#include "watch/health.h"
#include "watch/herald.h"
#include "watch/runner.h"
#include "watch/settings.h"

enum {
	WATCH_FIGURES_MS = 15000,
	WATCH_SAMPLE_MS = 60000,    /* the queue is looked at */
	WATCH_BUCKET_MS = 5 * 60000 /* and one look of so long is kept: the last */
};

struct watch;
struct course;

/* Takes *s (sets it to NULL).  herald may be NULL: no alert has a command.  False with *e: the history
 * cannot be kept. */
bool watch_new(struct runner *r, struct relay *relay, struct net_loop *relay_loop, struct herald *herald,
	       struct watch_settings **s, struct watch **out, struct err *e) MUST_USE;
/* Other monitors and alerts from now on; those that are the same go on.  Takes *s. */
void watch_reload(struct watch *w, struct watch_settings **s);
/* The relay's figures, as of now: counts, caps, its own certificate.  Call it each WATCH_FIGURES_MS. */
void watch_figures(struct watch *w);
/* The last figures are kept; no more is begun. */
void watch_stop(struct watch *w);
void watch_free(struct watch **w); /* NULL is fine */

/* ---- from any thread ---- */

/* The document of watch/health.h. */
bool watch_health(struct watch *w, const struct health_view *v, FILE *out, struct err *e) MUST_USE;
/* A check's whole document, of the monitor's last run ("last") or its last bad one ("bad").  1 with *json
 * (free it), 0: no such monitor, or none yet; -1 *e. */
int watch_document(struct watch *w, const char *monitor, const char *kind, char **json, struct err *e);
/* Looks now, whatever the schedule says.  False: there is no such monitor. */
bool watch_run_now(struct watch *w, const char *monitor);

/* What a profile of the configuration asks of a check, with its secrets as they are now: the caller's
 * (request_free).  NULL with *e: ERR_USAGE there is none of that name; or a file of it cannot be read. */
struct check_request *watch_profile(struct watch *w, const char *name, struct err *e) MUST_USE;
void watch_profiles(struct watch *w, void (*each)(void *ctx, const struct watch_monitor *profile), void *ctx);

/* Each configured monitor's condition, and all that runs out; for figures.  False with *e. */
bool watch_conditions(struct watch *w, void (*each)(void *ctx, const char *monitor, const struct course *c),
		      void *ctx, struct err *e) MUST_USE;
bool watch_runs_out(struct watch *w, history_expiry_fn *each, void *ctx, struct err *e) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What other threads ask of the watch: by a reader of their own, under the lock. */
#include <stdlib.h>

#include "watch/secrets.h"
#include "watch/watch_inner.h"

/* The lock is held. */
static bool can_read(struct watch *w, struct err *e)
{
	return w->reader || history_open(w->settings->data, HISTORY_READ, &w->reader, e);
}

bool watch_health(struct watch *w, const struct health_view *v, FILE *out, struct err *e)
{
	pthread_mutex_lock(&w->lock);
	bool ok = can_read(w, e) && health_write(w->reader, w->settings, v, out, e);
	pthread_mutex_unlock(&w->lock);
	return ok;
}

int watch_document(struct watch *w, const char *monitor, const char *kind, char **json, struct err *e)
{
	int found = -1;
	pthread_mutex_lock(&w->lock);
	if (can_read(w, e))
		found = watch_monitor_find(w->settings, monitor)
				? history_document(w->reader, monitor, kind, json, e)
				: 0;
	pthread_mutex_unlock(&w->lock);
	return found;
}

/* The lock is held. */
static bool condition_of(struct watch *w, const struct watch_monitor *m, struct course *c, struct err *e)
{
	CLEANUP(mem_free) char *text = NULL;
	*c = (struct course){ 0 };
	int found = history_state(w->reader, m->name, &text, e);
	if (found > 0)
		(void)course_read(c, m->target, str_of(text));
	return found >= 0;
}

bool watch_conditions(struct watch *w, void (*each)(void *ctx, const char *monitor, const struct course *c),
		      void *ctx, struct err *e)
{
	struct course c;
	pthread_mutex_lock(&w->lock);
	bool ok = can_read(w, e);
	for (size_t i = 0; ok && i < w->settings->nmonitors; i++) {
		ok = condition_of(w, &w->settings->monitors[i], &c, e);
		if (ok)
			each(ctx, w->settings->monitors[i].name, &c);
	}
	pthread_mutex_unlock(&w->lock);
	return ok;
}

bool watch_runs_out(struct watch *w, history_expiry_fn *each, void *ctx, struct err *e)
{
	pthread_mutex_lock(&w->lock);
	bool ok = can_read(w, e) && history_expiries(w->reader, each, ctx, e);
	pthread_mutex_unlock(&w->lock);
	return ok;
}

struct check_request *watch_profile(struct watch *w, const char *name, struct err *e)
{
	CLEANUP(watch_secrets_wipe) struct watch_secrets s = { 0 };
	struct check_request q, *own = NULL;
	pthread_mutex_lock(&w->lock);
	const struct watch_monitor *m = watch_profile_find(w->settings, name);
	if (m && watch_request(m, &s, &q, e))
		own = request_copy(&q);
	pthread_mutex_unlock(&w->lock);
	if (!m) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "profile:%s", name);
		err_detail(e, "there is no such profile with a server of its own in postrider.conf");
	}
	return own;
}

void watch_profiles(struct watch *w, void (*each)(void *ctx, const struct watch_monitor *profile), void *ctx)
{
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->settings->nprofiles; i++)
		each(ctx, &w->settings->profiles[i]);
	pthread_mutex_unlock(&w->lock);
}

struct wish {
	struct watch *watch;
	char *monitor;
};

static void run_now(void *ctx)
{
	struct wish *x = ctx;
	struct watched *m = watch_find(x->watch, x->monitor);
	if (m && !m->running && !x->watch->stopping)
		m->hurried = true;
	if (x->watch->timer)
		watch_set_timer(x->watch);
	free(x->monitor);
	free(x);
}

bool watch_run_now(struct watch *w, const char *monitor)
{
	pthread_mutex_lock(&w->lock);
	bool there = watch_monitor_find(w->settings, monitor);
	pthread_mutex_unlock(&w->lock);
	if (!there)
		return false;
	struct wish *x = mem_alloc(sizeof(*x));
	*x = (struct wish){ w, mem_strdup(monitor) };
	runner_post(w->runner, run_now, x);
	return true;
}

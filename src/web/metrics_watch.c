/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of the monitors, and of what runs out, for Prometheus. */
#include "web/metrics_watch.h"

#include "watch/course.h"
#include "web/metrics_label.h"

static void put_bad(void *ctx, const char *monitor, const struct course *c)
{
	struct buf *b = ctx;
	buf_adds(b, "postrider_monitor_bad{monitor=\"");
	metrics_label(b, monitor);
	buf_addf(b, "\"} %d\n", c->now == CONDITION_BAD);
}

static void put_last(void *ctx, const char *monitor, const struct course *c)
{
	struct buf *b = ctx;
	if (!c->n)
		return;
	buf_adds(b, "postrider_monitor_last_run_timestamp_seconds{monitor=\"");
	metrics_label(b, monitor);
	buf_addf(b, "\"} %lld\n", (long long)(c->looks[0].at_ms / 1000));
}

static bool put_expiry(void *ctx, const struct history_expiry *x)
{
	struct buf *b = ctx;
	buf_addf(b, "postrider_expiry_timestamp_seconds{kind=\"%s\",name=\"", x->kind);
	metrics_label(b, x->name);
	buf_addf(b, "\"} %lld\n", (long long)(x->expires_ms / 1000));
	return true;
}

/* A name without a row would be told of nothing. */
static void put_rows(struct buf *b, const char *name, const char *help, const struct buf *rows)
{
	if (!buf_waiting(rows))
		return;
	buf_addf(b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
	buf_add(b, buf_str(rows).p, buf_waiting(rows));
}

bool metrics_watch(struct watch *w, struct buf *b, struct err *e)
{
	CLEANUP(buf_clear) struct buf bad = { 0 }, last = { 0 }, expiries = { 0 };
	bool ok = watch_conditions(w, put_bad, &bad, e) && watch_conditions(w, put_last, &last, e) &&
		  watch_runs_out(w, put_expiry, &expiries, e);
	put_rows(b, "postrider_monitor_bad", "1 while the monitor is confirmed to be bad.", &bad);
	put_rows(b, "postrider_monitor_last_run_timestamp_seconds",
		 "When the monitor looked last (Unix time).", &last);
	put_rows(b, "postrider_expiry_timestamp_seconds",
		 "When a certificate or secret runs out (Unix time).", &expiries);
	return ok;
}

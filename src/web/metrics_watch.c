/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of the monitors, and of what runs out, for Prometheus. */
#include "web/metrics_watch.h"

#include "watch/course.h"

/* Of the exposition format: backslash, quote and line end are escaped in a label. */
static void put_label(struct buf *b, const char *value)
{
	for (const char *p = value; *p; p++)
		if (*p == '\n')
			buf_adds(b, "\\n");
		else if (*p == '"' || *p == '\\')
			buf_addf(b, "\\%c", *p);
		else
			buf_add(b, p, 1);
}

static void head(struct buf *b, const char *name, const char *help)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void put_bad(void *ctx, const char *monitor, const struct course *c)
{
	struct buf *b = ctx;
	buf_adds(b, "postrider_monitor_bad{monitor=\"");
	put_label(b, monitor);
	buf_addf(b, "\"} %d\n", c->now == CONDITION_BAD);
}

static void put_last(void *ctx, const char *monitor, const struct course *c)
{
	struct buf *b = ctx;
	if (!c->n)
		return;
	buf_adds(b, "postrider_monitor_last_run_timestamp_seconds{monitor=\"");
	put_label(b, monitor);
	buf_addf(b, "\"} %lld\n", (long long)(c->looks[0].at_ms / 1000));
}

static bool put_expiry(void *ctx, const struct history_expiry *x)
{
	struct buf *b = ctx;
	buf_addf(b, "postrider_expiry_timestamp_seconds{kind=\"%s\",name=\"", x->kind);
	put_label(b, x->name);
	buf_addf(b, "\"} %lld\n", (long long)(x->expires_ms / 1000));
	return true;
}

bool metrics_watch(struct watch *w, struct buf *b, struct err *e)
{
	head(b, "postrider_monitor_bad", "1 while the monitor is confirmed to be bad.");
	if (!watch_conditions(w, put_bad, b, e))
		return false;
	head(b, "postrider_monitor_last_run_timestamp_seconds", "When the monitor looked last (Unix time).");
	if (!watch_conditions(w, put_last, b, e))
		return false;
	head(b, "postrider_expiry_timestamp_seconds", "When a certificate or secret runs out (Unix time).");
	return watch_runs_out(w, put_expiry, b, e);
}

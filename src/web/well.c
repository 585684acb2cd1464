/* SPDX-License-Identifier: Apache-2.0 */
/* Is it well?  For service managers, balancers and Prometheus. */
#include "net/watch.h"
#include "web/endpoints.h"
#include "web/hooks.h"
#include "web/metrics_label.h"
#include "web/metrics_watch.h"
#include "web/web_inner.h"

void well_alive(struct web_call *c)
{
	web_answer_static(c, 200, "text/plain; charset=utf-8", STR_LIT("ok\n"));
}

void well_ready(struct web_call *c)
{
	struct store_health h;
	store_health(c->web->relay->store, &h);
	if (atomic_load(&c->web->draining))
		web_problem(c, 503, "Not ready", "It is ending.");
	else if (!h.accepting)
		web_problem(c, 503, "Not ready", "No new mail can be kept; see the log.");
	else
		web_answer_static(c, 200, "text/plain; charset=utf-8", STR_LIT("ready\n"));
}

/* ---- metrics ---- */

struct numbers {
	struct relay_counts counts;
	size_t doors, sessions;
	bool has_certificate, renewal_fails, unprovable, log_stale;
	struct store_health health;
	size_t states[STORE_STATES];
	int64_t oldest_ms;
};

/* In the loop, whose numbers these are. */
static void count(void *ctx)
{
	struct web_call *c = ctx;
	if (web_gone(c))
		return;
	struct numbers *n = c->state;
	const struct relay *r = c->web->relay;
	n->counts = r->counts;
	n->doors = r->ndoors;
	n->sessions = lanes_busy(r->lanes);
	n->unprovable = lanes_unprovable(r->lanes);
	n->log_stale = relay_log_stale(r->log) != NULL;
	n->has_certificate = r->identity;
	n->renewal_fails = *r->renewal.why || *r->page_renewal.why;
	web_wake(c);
}

static void head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void row(struct buf *b, const char *name, const char *type, const char *help, unsigned long long v)
{
	head(b, name, type, help);
	buf_addf(b, "%s %llu\n", name, v);
}

static void put_counts(struct buf *b, const struct relay_counts *k)
{
	const struct {
		const char *name, *help;
		unsigned long long v;
	} counters[] = {
		{ "postrider_smtp_connections_total", "Connections of clients taken.", k->connections },
		{ "postrider_smtp_logins_total", "Logins of clients that were right.", k->logins },
		{ "postrider_smtp_login_failures_total", "Logins of clients that were wrong.",
		  k->logins_failed },
		{ "postrider_messages_taken_total", "Messages taken and made durable.", k->taken },
		{ "postrider_messages_refused_total", "Messages refused at the door.", k->refused },
		{ "postrider_recipients_handed_over_total",
		  "Recipients taken by the next server; not: delivered.", k->handed_over },
		{ "postrider_recipients_delayed_total", "Tries that ended in a delay.", k->delayed },
		{ "postrider_recipients_failed_total",
		  "Recipients refused for good, expired, or given up by a person.", k->failed },
		{ "postrider_recipients_expired_total", "Of them, given up for their age.", k->expired },
		{ "postrider_recipients_bounced_total", "Recipients whose mail came back later.",
		  k->bounced },
	};
	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		row(b, counters[i].name, "counter", counters[i].help, counters[i].v);
}

static void put_relay(struct buf *b, const struct numbers *n)
{
	put_counts(b, &n->counts);
	row(b, "postrider_smtp_connections", "gauge", "Clients connected now.", n->doors);
	row(b, "postrider_delivery_sessions", "gauge", "Sessions with next servers under way.", n->sessions);
	row(b, "postrider_dnssec_unprovable", "gauge",
	    "1 while the resolver lets nothing be proven by DNSSEC, so that DANE is not used.",
	    n->unprovable);
	row(b, "postrider_log_reopen_failing", "gauge",
	    "1 while a log could not be opened again, or put by, and its lines go into the file of before.",
	    n->log_stale);
	if (n->has_certificate)
		row(b, "postrider_certificate_renewal_failing", "gauge",
		    "1 while the certificate's files are new, or gone, and cannot be used.",
		    n->renewal_fails);
}

static void put_queue(struct buf *b, const struct numbers *n)
{
	int64_t now = relay_now_ms(), age = n->oldest_ms && n->oldest_ms < now ? now - n->oldest_ms : 0;
	head(b, "postrider_queue_recipients", "gauge", "Recipients that wait, by state.");
	for (int s = STORE_QUEUED; s <= STORE_DELAYED; s++)
		buf_addf(b, "postrider_queue_recipients{state=\"%s\"} %zu\n",
			 store_state_name((enum store_state)s), n->states[s]);
	head(b, "postrider_queue_oldest_age_seconds", "gauge", "Age of the oldest message that waits.");
	buf_addf(b, "postrider_queue_oldest_age_seconds %lld.%03lld\n", (long long)(age / 1000),
		 (long long)(age % 1000));
}

static void put_store(struct buf *b, const struct store_health *h)
{
	row(b, "postrider_store_accepting", "gauge", "1 while new messages can be kept.", h->accepting);
	row(b, "postrider_store_used_bytes", "gauge", "Bytes of the store's files.", h->used_bytes);
	row(b, "postrider_store_reusable_bytes", "gauge", "Of them, free for use.", h->reusable_bytes);
	row(b, "postrider_store_free_bytes", "gauge", "Bytes free on its disk.", h->free_bytes);
	row(b, "postrider_store_segments", "gauge", "Files of messages.", h->segments);
	row(b, "postrider_store_syncs_total", "counter", "Times the disk was made to hold what was written.",
	    h->syncs);
	row(b, "postrider_store_changes_total", "counter", "Changes of state made durable.", h->marks_taken);
	row(b, "postrider_store_unsearchable_changes", "gauge",
	    "Changes on disk that searches do not know yet.", h->unsearchable);
	row(b, "postrider_suppressed_addresses", "gauge", "Addresses on the suppression list.",
	    h->suppressed);
}

static void put_web(struct buf *b, struct web *w)
{
	head(b, "postrider_build_info", "gauge", "The program's version.");
	buf_addf(b, "postrider_build_info{version=\"%s\"} 1\n", POSTRIDER_VERSION);
	row(b, "postrider_http_requests_total", "counter", "Requests to the API and the page.",
	    atomic_load(&w->requests));
	row(b, "postrider_http_problems_total", "counter", "Of them, answered with a problem.",
	    atomic_load(&w->problems));
}

static void put_hook(struct buf *b, const char *name, const char *hook, unsigned long long v)
{
	buf_addf(b, "%s{webhook=\"", name);
	metrics_label(b, hook);
	buf_addf(b, "\"} %llu\n", v);
}

static void put_hook_waiting(void *ctx, const struct hook_figures *f)
{
	put_hook(ctx, "postrider_webhook_waiting_bytes", f->name, f->waiting_bytes);
}

static void put_hook_delivered(void *ctx, const struct hook_figures *f)
{
	put_hook(ctx, "postrider_webhook_events_total", f->name, f->delivered);
}

static void put_hook_failed(void *ctx, const struct hook_figures *f)
{
	put_hook(ctx, "postrider_webhook_failures_total", f->name, f->failed);
}

static void put_hooks(struct buf *b, struct hooks *h)
{
	if (!hooks_any(h))
		return;
	head(b, "postrider_webhook_waiting_bytes", "gauge", "Events that wait for a webhook's receiver.");
	hooks_each(h, put_hook_waiting, b);
	head(b, "postrider_webhook_events_total", "counter", "Events that were delivered.");
	hooks_each(h, put_hook_delivered, b);
	head(b, "postrider_webhook_failures_total", "counter", "Tries that failed.");
	hooks_each(h, put_hook_failed, b);
}

static void tell(struct web_call *c)
{
	struct numbers *n = c->state;
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct err e = { 0 };
	put_web(&b, c->web);
	put_relay(&b, n);
	put_queue(&b, n);
	put_store(&b, &n->health);
	put_hooks(&b, c->web->hooks);
	if (c->web->watch && !metrics_watch(c->web->watch, &b, &e))
		relay_tell(c->web->relay, &e); /* the other figures count all the same */
	web_answer(c, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&b));
}

void well_metrics(struct web_call *c)
{
	struct err e = { 0 };
	struct store_lanes lanes;
	struct numbers *n = arena_alloc(c->arena, sizeof(*n));
	store_health(c->web->relay->store, &n->health);
	if (!store_lanes(c->web->relay->store, c->arena, &lanes, &e)) {
		web_problem_err(c, &e);
		return;
	}
	for (size_t i = 0; i < lanes.n; i++) {
		for (int s = 0; s < STORE_STATES; s++)
			n->states[s] += lanes.v[i].count[s];
		if (!n->oldest_ms || lanes.v[i].oldest_ms < n->oldest_ms)
			n->oldest_ms = lanes.v[i].oldest_ms;
	}
	c->state = n;
	web_defer(c, tell);
	net_post(c->web->loop, count, c);
}

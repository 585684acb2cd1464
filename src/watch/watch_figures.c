/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's figures: counted in its own thread, written down in the runner's. */
#include <string.h>

#include "base/text_time.h"
#include "net/tls_identity.h"
#include "relay/lane/ledger.h"
#include "relay/relay_inner.h"
#include "relay/lane/route_caps.h"
#include "relay/door/usage.h"
#include "watch/health.h"
#include "watch/watch_inner.h"

struct cap_row {
	const char *kind, *name, *limit;
	long long used, most;
};

struct figures {
	struct watch *watch;
	struct arena *arena; /* owns all, and this */
	int64_t at_ms;
	struct relay_counts counts;
	struct cap_row *caps;
	size_t ncaps;
	const char *certificate; /* names it; NULL none */
	const char *renewal;     /* why its new files are not used; "" they are */
	int64_t certificate_ms;  /* its end */
	const char *trouble;     /* of its logs; "" none */
};

/* ---- in the relay's thread ---- */

static void add_cap(struct figures *f, const char *kind, const char *name, const char *limit, long long used,
		    long long most)
{
	struct arena *a = f->arena;
	f->caps[f->ncaps++] =
		(struct cap_row){ kind, arena_strdup(a, name), arena_strdup(a, limit), used, most };
}

static long long used_of(const struct caps_log *l, const struct caps_limit *x, int64_t now_ms)
{
	bool messages = x->unit == CAPS_MESSAGES;
	long long used = messages ? l->open_messages : l->open_recipients;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].at_ms > now_ms - x->window_ms)
			used += messages ? l->v[i].messages : l->v[i].recipients;
	return used;
}

static void add_limits(struct figures *f, const char *kind, const char *name, const struct caps *c,
		       const struct ledger_row *row)
{
	for (size_t i = 0; i < c->n; i++)
		add_cap(f, kind, name, caps_limit_text(&c->v[i], f->arena),
			used_of(&row->log, &c->v[i], f->at_ms), c->v[i].most);
}

static void take_caps(struct figures *f, const struct relay *r)
{
	const struct relay_settings *s = r->settings;
	struct caps c;
	f->caps = arena_alloc(f->arena, (s->naccounts * (CAPS_LIMITS_MAX + 1) + s->nroutes * CAPS_LIMITS_MAX +
					 1) * sizeof(*f->caps));
	for (size_t i = 0; i < s->naccounts; i++) {
		const struct relay_account *a = &s->accounts[i];
		account_caps(a, &c);
		if (a->daily_cap)
			add_cap(f, "account", a->name,
				arena_printf(f->arena, "%ld recipients a day taken", a->daily_cap),
				usage_today(r->usage, a->name, f->at_ms), a->daily_cap);
		if (r->ledger && c.n)
			add_limits(f, "account", a->name, &c, ledger_row(r->ledger, "account", a->name));
	}
	for (size_t i = 0; i < s->nroutes && r->ledger; i++) {
		const struct relay_route *w = &s->routes[i];
		const struct ledger_row *row = ledger_row(r->ledger, "route", w->name);
		route_caps(w, ramp_is_proven(&row->ramp), &c);
		add_limits(f, "route", w->name, &c, row);
	}
}

static void take_certificate(struct figures *f, const struct relay *r)
{
	const struct tls_cert *c = r->identity ? tls_identity_cert(r->identity) : NULL;
	if (!c)
		return;
	f->certificate = arena_strdup(f->arena, r->settings->cert_file);
	f->certificate_ms = (int64_t)c->not_after * 1000;
	f->renewal = arena_strdup(f->arena, *r->renewal.why ? r->renewal.why : r->page_renewal.why);
}

static void take_trouble(struct figures *f, const struct relay *r)
{
	char text[512];
	const struct err *e = relay_log_stale(r->log);
	f->trouble = e ? arena_strdup(f->arena, err_text(e, text, sizeof(text))) : "";
}

/* ---- in the runner's thread ---- */

/* What was counted since the last time belongs to the day that ends it: seconds' error at most. */
static bool write_days(struct watch *w, const struct figures *f, struct err *e)
{
	const struct relay_counts *now = &f->counts, *was = &w->counted;
	char day[TEXT_TIME_BYTES];
	text_time(f->at_ms / 1000, day);
	day[strlen("2026-11-21")] = 0;
	const struct {
		const char *key;
		unsigned long long n;
	} rows[] = {
		{ "taken", now->taken - was->taken },
		{ "handed_over", now->handed_over - was->handed_over },
		{ "delayed", now->delayed - was->delayed },
		{ "refused", (now->failed - now->expired) - (was->failed - was->expired) },
		{ "expired", now->expired - was->expired },
		{ "bounced", now->bounced - was->bounced },
	};
	bool ok = true;
	for (size_t i = 0; ok && i < ARRAY_LEN(rows); i++)
		ok = !rows[i].n || history_day_add(w->history, day, rows[i].key, (long long)rows[i].n, e);
	return ok;
}

static bool write_caps(struct watch *w, const struct figures *f, struct err *e)
{
	bool ok = history_caps_clear(w->history, e);
	for (size_t i = 0; ok && i < f->ncaps; i++) {
		const struct cap_row *c = &f->caps[i];
		const struct history_cap row = { c->kind, c->name, c->limit, c->used, c->most, f->at_ms };
		ok = history_cap_put(w->history, &row, e);
	}
	return ok;
}

static bool write_sample(struct watch *w, int64_t at_ms, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_lanes lanes;
	struct history_sample s = { .at_ms = at_ms - at_ms % WATCH_BUCKET_MS };
	int64_t oldest = at_ms;
	if (!store_lanes(w->relay->store, a, &lanes, e))
		return false;
	for (size_t i = 0; i < lanes.n; i++) {
		const struct store_lane *l = &lanes.v[i];
		s.waiting += (long long)(l->count[STORE_QUEUED] + l->count[STORE_DELAYED] +
					 l->count[STORE_IN_DOUBT]);
		s.held += (long long)l->count[STORE_HELD];
		s.sending += (long long)l->count[STORE_SENDING];
		oldest = l->oldest_ms < oldest ? l->oldest_ms : oldest;
	}
	s.oldest_s = (at_ms - oldest) / 1000;
	w->sampled_ms = at_ms;
	return history_sample_add(w->history, &s, e);
}

static bool write_certificate(struct watch *w, const struct figures *f, struct err *e)
{
	const struct history_expiry x = { "own-certificate", f->certificate, f->renewal, "",
					  f->certificate_ms, f->at_ms,       -1 };
	return !f->certificate || history_expiry_put(w->history, &x, e);
}

static bool write_trouble(struct watch *w, const struct figures *f, struct err *e)
{
	return history_document_put(w->history, HEALTH_RELAY, HEALTH_TROUBLE, f->at_ms, str_of(f->trouble),
				    e);
}

static void write_down(void *ctx)
{
	struct figures *f = ctx;
	struct watch *w = f->watch;
	struct err e = { 0 };
	bool sample = f->at_ms >= w->sampled_ms + WATCH_SAMPLE_MS || f->at_ms < w->sampled_ms;
	history_begin(w->history);
	bool ok = write_days(w, f, &e) && write_caps(w, f, &e) && write_certificate(w, f, &e) &&
		  write_trouble(w, f, &e) && (!sample || write_sample(w, f->at_ms, &e));
	if (history_end(w->history, ok, &e))
		w->counted = f->counts;
	else
		watch_trouble(w, &e);
	struct arena *a = f->arena; /* f is in it */
	arena_free(&a);
}

void watch_figures(struct watch *w)
{
	struct arena *a = arena_new();
	struct figures *f = arena_alloc(a, sizeof(*f));
	f->watch = w;
	f->arena = a;
	f->at_ms = watch_now_ms();
	f->counts = *relay_counts(w->relay);
	take_caps(f, w->relay);
	take_certificate(f, w->relay);
	take_trouble(f, w->relay);
	runner_post(w->runner, write_down, f);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The running relay put together: what is opened, in which order, and what happens each minute. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "net/listen.h"
#include "net/tls_identity.h"
#include "net/watch.h"
#include "relay/bounce/collector.h"
#include "relay/clock_look.h"
#include "relay/control.h"
#include "relay/delivery/delivery.h"
#include "relay/delivery/tokens.h"
#include "relay/delivery/tokens_grant.h"
#include "relay/doubt.h"
#include "relay/door/bearers.h"
#include "relay/door/door_filtered.h"
#include "relay/door/guests.h"
#include "relay/bounce/inbox.h"
#include "relay/log_missed.h"
#include "relay/lane/ledger.h"
#include "relay/notice/notice.h"
#include "relay/door/passwords.h"
#include "relay/pickup/pickup.h"
#include "relay/relay_inner.h"
#include "relay/filter/signing.h"
#include "relay/door/sizes.h"
#include "relay/tested.h"
#include "relay/door/usage.h"
#include "smtp/scram.h"

enum { MINUTE_MS = 60000, LOOK_MS = 2000, DONE_A_TURN = 256, OWN_FILES = 512 };

/* ---- what may need a privilege ---- */

bool relay_load_keys(const struct relay_settings *s, struct signing **out, struct err *e)
{
	*out = signing_new(s, e);
	return *out || !s->nsigns;
}

static bool make_secrets(struct relay *r, struct err *e)
{
	CLEANUP(buf_wipe) struct buf nonce = { 0 };
	if (!scram_nonce_new(&nonce, e))
		return false;
	snprintf(r->salt_key, sizeof(r->salt_key), STR_FMT, STR_ARG(buf_str(&nonce)));
	unsigned long long n;
	memcpy(&n, buf_str(&nonce).p, sizeof(n));
	atomic_store(&r->nonce, n ^ (unsigned long long)relay_now_ms() << 20);
	return true;
}

/* Clients must not take what the store and the deliveries need. */
static size_t room_for_doors(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l) || l.rlim_cur == RLIM_INFINITY)
		return RELAY_DOORS_MAX;
	rlim_t keep = l.rlim_cur / 4 < OWN_FILES ? l.rlim_cur / 4 : OWN_FILES;
	return l.rlim_cur - keep < RELAY_DOORS_MAX ? (size_t)(l.rlim_cur - keep) : RELAY_DOORS_MAX;
}

/* A client that waited and was told of a failure gets no notice of it. */
static void on_marked(struct relay *r, const struct store_message *m, const struct store_mark *marks,
		      size_t n)
{
	if (r->pickups)
		pickups_marked(r->pickups, m, marks, n);
	bool told = doors_marked(r, m, marks, n);
	if (told && r->notices)
		notices_told(r->notices, m->id);
	else if (r->notices)
		notices_marked(r->notices, m, marks, n);
}

struct relay *relay_new(struct net_loop *l, const struct relay_settings *settings, struct err *e)
{
	struct relay *r = mem_alloc(sizeof(*r));
	r->loop = l;
	r->marked = on_marked;
	r->doors_max = room_for_doors();
	r->settings = relay_settings_hold(settings);
	atomic_store(&r->present, (uintptr_t)settings);
	r->guests = guests_new();
	r->passwords = passwords_new(l);
	r->bearers = bearers_new(r);
	r->usage = usage_new();
	CLEANUP(mem_free) char *sizes = mem_printf("%s/sizes", settings->data);
	r->sizes = sizes_new(sizes, relay_now_ms());
	if (!make_secrets(r, e) || !relay_identity_load(settings, &r->identity, e) ||
	    !relay_identity_fits(settings, r->identity, e) || !relay_load_keys(settings, &r->signing, e) ||
	    !ports_bind(r, settings, e))
		relay_free(&r);
	return r;
}

/* ---- store ---- */

static void on_store(void *ctx, unsigned what)
{
	static struct store_done done[DONE_A_TURN]; /* one loop, one thread */
	struct relay *r = ctx;
	size_t n;
	(void)what;
	do {
		n = store_take_done(r->store, done, DONE_A_TURN);
		for (size_t i = 0; i < n; i++) {
			struct relay_ticket *t = done[i].user;
			if (t)
				t->done(t, &done[i]);
		}
	} while (n == DONE_A_TURN);
}

/* ---- each minute ---- */

/* Files that other programs put there. */
static void on_look(void *ctx)
{
	struct relay *r = ctx;
	relay_identity_renew(r);
	tested_look(r);
	clock_keep(r);
	relay_log_look(r->log, relay_now_ms());
	log_missed_look(r);
	net_timer_set(r->look, net_loop_now_ms(r->loop) + LOOK_MS);
}

/* Before deliveries go on: what they note is not to be moved by a leap that came before it. */
static void on_turn(void *ctx)
{
	clock_look(ctx);
}

/* Who hands in from another thread is company that a group of messages may wait for. */
static void on_idle(void *ctx)
{
	struct relay *r = ctx;
	size_t company = company_to_await(&r->clients, &r->deliveries, net_loop_now_ms(r->loop));
	atomic_store(&r->company, company);
	if (!atomic_load(&r->handing))
		store_idle(r->store, company);
}

static void on_minute(void *ctx)
{
	struct relay *r = ctx;
	struct err e = { 0 };
	store_tidy(r->store, relay_now_ms());
	if (ledger_trouble(r->ledger, &e))
		relay_tell(r, &e);
	guests_tidy(r->guests, net_loop_now_ms(r->loop));
	if (r->minutes++ % INBOX_TIDY_MINUTES == 0) {
		inbox_tidy(r);
		tokens_tidy(r);
	}
	net_timer_set(r->minute, net_loop_now_ms(r->loop) + MINUTE_MS);
}

static bool open_lanes(struct relay *r, struct err *e)
{
	if (!relay_trust_renew(r, r->settings, e))
		return false;
	r->notices = notices_new(r);
	notices_start(r->notices);
	r->grants = grants_new();
	tokens_tidy(r);
	r->lanes = lanes_new(r, delivery_start);
	lanes_plan_held(r->lanes);
	control_start(r->control);
	return true;
}

bool relay_open(struct relay *r, struct err *e)
{
	r->opened_ms = relay_now_ms();
	if (!disk_open(r, e))
		return false;
	net_loop_on_idle(r->loop, on_idle, r);
	r->store_watch = net_watch_new(r->loop, store_wake_fd(r->store), on_store, r);
	net_watch_set(r->store_watch, NET_READ);
	r->minute = net_timer_new(r->loop, on_minute, r);
	net_timer_set(r->minute, net_loop_now_ms(r->loop) + MINUTE_MS);
	r->look = net_timer_new(r->loop, on_look, r);
	net_timer_set(r->look, net_loop_now_ms(r->loop) + LOOK_MS);
	doubt_keep(r);
	door_filtered_open(r);
	if (!open_lanes(r, e))
		return false;
	net_loop_on_turn(r->loop, on_turn, r);
	inbox_open(r);
	r->collectors = collectors_new(r);
	r->pickups = pickups_new(r);
	return true;
}

/* ---- drain ---- */

void relay_drain(struct relay *r)
{
	r->draining = true;
	for (size_t i = 0; i < r->nports; i++)
		listen_free(&r->ports[i]->socket);
	bearers_end(r->bearers);
	doors_close(r);
	lanes_drain(r->lanes);
	collectors_stop(r->collectors);
	pickups_stop(r->pickups);
}

bool relay_is_idle(const struct relay *r)
{
	return !r->ndoors && !r->accepts && !lanes_busy(r->lanes) &&
	       (!r->notices || !notices_under_way(r->notices)) &&
	       (!r->pickups || !pickups_under_way(r->pickups));
}

/* Results that came while all was ending are told to the logs, too. */
void relay_settle(struct relay *r)
{
	store_settle(r->store);
	on_store(r, NET_READ);
}

/* All that moves ends; what is still to be told is told and kept. */
static void come_to_rest(struct relay *r)
{
	net_loop_on_turn(r->loop, NULL, NULL); /* it looks at what is freed here */
	control_free(&r->control);
	doors_free(r);
	lanes_free(&r->lanes);
	pickups_end(r->pickups);
	net_loop_settle(r->loop); /* fibers and threads that still look at us */
	bearers_free(&r->bearers);
	collectors_free(&r->collectors);
	grants_free(&r->grants);
	if (r->store) {
		relay_settle(r);
		notices_hurry(r->notices);
		relay_settle(r);
	}
	pickups_free(&r->pickups);
	notices_free(&r->notices);
	net_loop_on_idle(r->loop, NULL, NULL);
	net_watch_free(&r->store_watch);
	net_timer_free(&r->minute);
	net_timer_free(&r->look);
}

void relay_free(struct relay **rp)
{
	struct relay *r = *rp;
	if (!r)
		return;
	come_to_rest(r);
	tls_trust_free(&r->trust);
	clock_held_free(&r->clock_held);
	log_missed_end(r);
	store_close(&r->store);
	ledger_close(&r->ledger);
	relay_log_close(&r->log);
	ports_forget(r, 0);
	mem_free(&r->ports);
	tls_identity_free(&r->identity);
	guests_free(&r->guests);
	passwords_free(&r->passwords);
	usage_free(&r->usage);
	sizes_free(&r->sizes);
	signing_free(&r->signing);
	relay_settings_drop(&r->settings);
	mem_wipe(&r->return_key, sizeof(r->return_key));
	mem_free(rp);
}

const struct relay_counts *relay_counts(const struct relay *r)
{
	return &r->counts;
}

const char *relay_address(const struct relay *r, size_t i)
{
	for (size_t k = 0; k < r->nports; k++)
		if (r->ports[k]->socket && !i--)
			return listen_address(r->ports[k]->socket);
	return NULL;
}

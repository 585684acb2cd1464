/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the web: what is bound and read, started, replaced and ended. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/roll.h"
#include "net/listen.h"
#include "net/tls_identity.h"
#include "net/watch.h"
#include "relay/door/deposit.h"
#include "watch/runner.h"
#include "web/fates.h"
#include "web/hooks.h"
#include "web/news.h"
#include "web/room.h"
#include "web/sessions.h"
#include "web/tokens.h"
#include "web/tries.h"
#include "web/web_inner.h"

enum {
	END_MS = 15000, /* so long what was asked may take at the end */
	LAST_WORDS_MS = 50,
	LOOK_MS = 2000, /* for a renewed certificate, and at the room */
	SECOND_MS = 1000,
	HOUR_MS = 3600 * SECOND_MS,
};

static bool bind_socket(struct web *w, const char *where, struct err *e)
{
	struct listen *l = listen_bind(where, e);
	if (!l)
		return false;
	w->address = mem_strdup(listen_address(l));
	w->fd = listen_release(&l);
	return true;
}

static bool read_certificate(struct web *w, const struct relay_settings *s, struct err *e)
{
	w->front.certificate = w->tls ? certificate_load(s, e) : NULL;
	return !w->tls || w->front.certificate;
}

static bool open_door(struct web *w, const struct relay_settings *s, struct err *e)
{
	return web_tokens_load(s->http.token_file, &w->access.tokens, e) && read_certificate(w, s, e) &&
	       bind_socket(w, s->http.listen, e);
}

struct web *web_new(struct net_loop *l, const struct relay_settings *s, struct err *e)
{
	if (!*s->http.listen && !s->nwebhooks)
		return NULL;
	struct web *w = mem_alloc(sizeof(*w));
	w->loop = l;
	w->fd = -1;
	w->tls = s->http.tls;
	pthread_rwlock_init(&w->lock, NULL);
	later_init(w);
	pthread_mutex_init(&w->watching_lock, NULL);
	w->tries = tries_new();
	w->fates = fates_new();
	w->sessions = sessions_new();
	w->access.settings = relay_settings_hold(s);
	if (*s->http.listen && !open_door(w, s, e))
		web_free(&w);
	return w;
}

/* ---- life ---- */

static bool wants_changes(void *ctx)
{
	struct web *w = ctx;
	return news_wanted(w->news) || hooks_any(w->hooks);
}

static void on_change(void *ctx, struct str line)
{
	struct web *w = ctx;
	if (news_wanted(w->news))
		news_add(w->news, line);
	if (hooks_any(w->hooks))
		hooks_change(w->hooks, line);
}

/* A program that renews it may have put only one of the two files there yet.  What is wrong with files is
 * told by the relay, which looks at the same (relay/relay_identity). */
static void renew(struct web *w)
{
	struct err files = { 0 }, e = { 0 };
	const struct relay_settings *s = w->access.settings;
	const struct certificate *now = w->front.certificate;
	if (w->quiet || !w->tls || !s->http.tls || !*s->cert_file)
		return;
	long long until_s = tls_identity_cert(now->identity)->not_after;
	CLEANUP(certificate_free)
	struct certificate *c = certificate_changed(now, s) ? certificate_load(s, &files) : NULL;
	if (c)
		(void)front_renew(w, &c, &e);
	if (renewal_judge(&w->relay->page_renewal, &e, until_s))
		relay_tell(w->relay, &e);
}

static void tell_room(struct web *w)
{
	struct err e = { 0 };
	if (room_is_short(front_open(w), room_files(), relay_now_ms(), &w->short_told_ms, &e))
		relay_tell(w->relay, &e);
}

static void on_look(void *ctx)
{
	struct web *w = ctx;
	front_tidy(w);
	renew(w);
	tell_room(w);
	net_timer_set(w->look, net_loop_now_ms(w->loop) + LOOK_MS);
}

/* Batches are told of as long as trails are kept, by senders that may never come again. */
static void on_hour(void *ctx)
{
	struct web *w = ctx;
	const struct relay_settings *s = w->access.settings;
	roll_forget(s->data, relay_now_ms() - (int64_t)s->keep.trails_s * SECOND_MS);
	net_timer_set(w->hour, net_loop_now_ms(w->loop) + HOUR_MS);
}

static bool open_front(struct web *w, struct err *e)
{
	w->readers = readers_new(w->access.settings->data, WEB_THREADS, e);
	if (!w->readers || !front_start(w, e))
		return false;
	tell_room(w);
	w->look = net_timer_new(w->loop, on_look, w);
	net_timer_set(w->look, net_loop_now_ms(w->loop) + LOOK_MS);
	return true;
}

bool web_start(struct web *w, struct relay *r, struct watch *watch, struct err *e)
{
	w->relay = r;
	w->watch = watch;
	checks_open(w);
	w->news = news_new();
	w->hooks = hooks_new(w->runner, r);
	relay_log_listen(r->log, &(struct relay_log_listener){ wants_changes, on_change, w });
	hooks_set(w->hooks, w->access.settings);
	w->hour = net_timer_new(w->loop, on_hour, w);
	on_hour(w);
	return w->fd < 0 || open_front(w, e);
}

bool web_reload(struct web *w, const struct relay_settings *s, struct err *e)
{
	struct web_tokens *tokens = NULL;
	if (!web_tokens_load(s->http.token_file, &tokens, e))
		return false;
	pthread_rwlock_wrlock(&w->lock);
	struct web_access old = w->access;
	w->access = (struct web_access){ relay_settings_hold(s), tokens };
	pthread_rwlock_unlock(&w->lock);
	hooks_set(w->hooks, s);
	if (w->look)
		renew(w);
	bool same = !strcmp(old.settings->http.listen, s->http.listen) && s->http.tls == w->tls;
	relay_settings_drop(&old.settings);
	web_tokens_free(&old.tokens);
	if (same)
		return true;
	struct err later = { 0 };
	ERR_FILL(&later, ERR_USAGE, 0, "move the API", "from %s", w->address ? w->address : "nowhere");
	err_detail(&later, "its address and security change with the next start");
	relay_tell(w->relay, &later);
	return true;
}

void web_drain(struct web *w)
{
	atomic_store(&w->draining, true);
	front_quiet(w);
	checks_wake(w, NULL);
	if (w->news)
		news_end(w->news);
}

static bool is_quiet(void *ctx)
{
	struct web *w = ctx;
	return !atomic_load(&w->deferred);
}

/* Lets what is under way come to its end; then nobody looks at w any more. */
static void settle(struct web *w)
{
	web_drain(w);
	net_timer_free(&w->look);
	net_timer_free(&w->hour);
	(void)net_loop_wait(w->loop, is_quiet, w, net_loop_now_ms(w->loop) + END_MS);
	if (w->front.daemon) /* the last answers are on their way */
		net_loop_sleep(w->loop, net_loop_now_ms(w->loop) + LAST_WORDS_MS);
	front_stop(w);
	if (!w->relay)
		return;
	deposit_settle(w->relay);
	relay_log_listen(w->relay->log, NULL);
}

void web_free(struct web **wp)
{
	struct web *w = *wp;
	if (!w)
		return;
	settle(w);
	news_free(&w->news);
	if (w->hooks)
		hooks_stop(w->hooks);
	if (w->runner)
		runner_free(&w->runner);
	hooks_free(&w->hooks);
	readers_free(&w->readers);
	web_tokens_free(&w->access.tokens);
	relay_settings_drop(&w->access.settings);
	close_fd(&w->fd);
	pthread_rwlock_destroy(&w->lock);
	later_clear(w);
	pthread_mutex_destroy(&w->watching_lock);
	tries_free(&w->tries);
	fates_free(&w->fates);
	sessions_free(&w->sessions);
	free(w->address);
	certificate_free(&w->front.certificate); /* where no daemon was started */
	mem_free(wp);
}

const char *web_address(const struct web *w)
{
	return w ? w->address : NULL;
}

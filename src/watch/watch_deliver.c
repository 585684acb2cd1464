/* SPDX-License-Identifier: Apache-2.0 */
/* An alert on its ways: a mail into the relay's store, a POST, a command.  What came of each is kept. */
#include <sys/random.h>

#include "mail/compose.h"
#include "net/dns.h"
#include "net/hook.h"
#include "relay/letter.h"
#include "relay/secret_file.h"
#include "watch/watch_inner.h"

enum {
	WEBHOOK_TRIES = 4,
	WEBHOOK_FIRST_MS = 5000,
	WEBHOOK_FACTOR = 6,
};

/* One way of one alert, from its beginning to its entry in the history. */
struct sending {
	struct watch *watch;
	struct arena *arena; /* owns all texts, and this */
	const char *alert, *way, *kind, *subject, *text, *json;
	const char *from, *url, *secret_file, *ca_file, *resolver;
	struct strlist to;
	struct buf bytes; /* of the mail */
	const char *message_id;
	int command;
	const char *result;
	struct err err;
};

static const char *keep(struct sending *s, const char *text)
{
	return arena_strdup(s->arena, text);
}

static struct sending *sending_new(struct watch *w, const struct watch_alert *to, const struct alert *x,
				   const char *way)
{
	struct arena *a = arena_new();
	struct sending *s = arena_alloc(a, sizeof(*s));
	s->watch = w;
	s->arena = a;
	s->alert = keep(s, to->name);
	s->way = way;
	s->kind = news_name(alert_kind(x));
	s->subject = alert_subject(x, a);
	return s;
}

static void sending_free(struct sending *s)
{
	struct arena *a = s->arena; /* s is in it */
	buf_clear(&s->bytes);
	arena_free(&a);
}

/* In the runner's thread: the last of it. */
static void finish(void *ctx)
{
	struct sending *s = ctx;
	struct watch *w = s->watch;
	struct err e = { 0 };
	const struct history_alert row = { watch_now_ms(), s->alert, s->way, s->kind, s->subject, s->result };
	if (s->err.kind)
		watch_trouble(w, &s->err);
	if (!w->stopping && !history_alert_add(w->history, &row, &e))
		watch_trouble(w, &e);
	sending_free(s);
}

static void failed(struct sending *s)
{
	char words[400];
	s->result = arena_printf(s->arena, "failed: %s", err_text(&s->err, words, sizeof(words)));
}

/* ---- mail ---- */

/* In the relay's thread. */
static void on_stored(void *ctx, const char *id, const struct err *e)
{
	struct sending *s = ctx;
	if (id) {
		s->result = arena_printf(s->arena, "queued as %s", id);
	} else {
		s->err = *e;
		failed(s);
	}
	if (s->watch->ended)
		sending_free(s);
	else
		runner_post(s->watch->runner, finish, s);
}

static void post_letter(void *ctx)
{
	struct sending *s = ctx;
	const struct relay_letter l = { s->from, s->subject, s->message_id, s->to, buf_str(&s->bytes) };
	relay_letter_post(s->watch->relay, &l, on_stored, s);
}

static const char *fresh_id(struct sending *s, const char *host)
{
	unsigned long long r = 0;
	(void)!getrandom(&r, sizeof(r), 0);
	return arena_printf(s->arena, "%llx.%llx.alert@%s", (unsigned long long)watch_now_ms(), r, host);
}

static void send_mail(struct watch *w, const struct watch_alert *to, const struct alert *x)
{
	struct sending *s = sending_new(w, to, x, "mail");
	s->from = keep(s, to->from);
	for (size_t i = 0; i < to->mail.n; i++)
		strlist_add(&s->to, s->arena, to->mail.v[i]);
	s->message_id = fresh_id(s, x->host);
	const struct compose c = { .from = s->from,
				   .from_name = "Postrider",
				   .subject = s->subject,
				   .text = alert_text(x, s->arena),
				   .to = s->to,
				   .date_s = x->at_ms / 1000,
				   .message_id = s->message_id };
	if (compose_message(&c, &s->bytes, &s->err)) {
		net_post(w->relay_loop, post_letter, s);
		return;
	}
	failed(s);
	finish(s);
}

/* ---- webhook ---- */

static bool post_once(struct sending *s)
{
	CLEANUP(buf_wipe) struct buf secret = { 0 };
	const struct dns_options d = { .resolver = s->resolver };
	long status;
	s->err = (struct err){ 0 };
	if (*s->secret_file && !secret_read(s->secret_file, &secret, &s->err))
		return false;
	CLEANUP(dns_free) struct dns *dns = dns_new(s->watch->loop, &d, &s->err);
	struct hook_post p = { .url = s->url,
			       .event = arena_printf(s->arena, "alert.%s", s->kind),
			       .delivery = "",
			       .json = s->json,
			       .ca_file = s->ca_file,
			       .now_s = (long long)(watch_now_ms() / 1000) };
	if (*s->secret_file)
		p.secret = str_cut(buf_str(&secret), 0, buf_waiting(&secret) - 1); /* without its NUL */
	if (!dns || !hook_send(s->watch->loop, dns, &p, &status, &s->err))
		return false;
	s->result = arena_printf(s->arena, "delivered: %ld", status);
	return true;
}

/* A fiber of the runner's loop. */
static void send_webhook(void *ctx)
{
	struct sending *s = ctx;
	struct net_loop *l = s->watch->loop;
	uint64_t pause = WEBHOOK_FIRST_MS;
	bool sent = post_once(s);
	for (int i = 1; !sent && i < WEBHOOK_TRIES && !net_loop_interrupted(l);
	     i++, pause *= WEBHOOK_FACTOR) {
		net_loop_sleep(l, net_loop_now_ms(l) + pause);
		sent = !net_loop_interrupted(l) && post_once(s);
	}
	if (sent)
		s->err = (struct err){ 0 };
	else
		failed(s);
	finish(s);
}

static void start_webhook(struct watch *w, const struct watch_alert *to, const struct alert *x)
{
	struct sending *s = sending_new(w, to, x, "webhook");
	CLEANUP(mem_free) char *json = alert_json(x);
	const struct watch_settings *ws = w->settings;
	s->json = keep(s, json);
	s->url = keep(s, to->webhook);
	s->secret_file = keep(s, to->secret_file);
	s->ca_file = *ws->ca_file ? keep(s, ws->ca_file) : NULL;
	s->resolver = *ws->resolver ? keep(s, ws->resolver) : NULL;
	net_fiber_start(w->loop, send_webhook, s);
}

/* ---- command ---- */

/* In a thread of the pool. */
static void run_command(void *ctx)
{
	struct sending *s = ctx;
	if (herald_run(s->watch->herald, s->command, s->json, &s->err))
		s->result = "run";
	else
		failed(s);
}

static void start_command(struct watch *w, const struct watch_alert *to, const struct alert *x)
{
	struct sending *s = sending_new(w, to, x, "command");
	CLEANUP(mem_free) char *json = alert_json(x);
	s->json = keep(s, json);
	s->command = herald_index(w->herald, to->command);
	if (s->command >= 0) {
		net_work_start(w->loop, run_command, finish, s);
		return;
	}
	ERR_FILL(&s->err, ERR_USAGE, 0, "run", "%s", to->command);
	err_detail(&s->err, "commands are known from the start on: restart the relay to use a new one");
	failed(s);
	finish(s);
}

void watch_deliver(struct watch *w, const struct watch_alert *to, const struct alert *x)
{
	if (to->mail.n)
		send_mail(w, to, x);
	if (*to->webhook)
		start_webhook(w, to, x);
	if (*to->command)
		start_command(w, to, x);
}

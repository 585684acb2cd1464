/* SPDX-License-Identifier: Apache-2.0 */
#include "net/session.h"

#include <errno.h>
#include <stdlib.h>

#include "net/session_inner.h"

struct session *session_open(struct net_loop *l, const struct session_options *o)
{
	struct session *s = mem_alloc(sizeof(*s));
	s->loop = l;
	s->o = *o;
	s->fd = -1;
	s->opened_ms = net_loop_now_ms(l);
	if (!s->o.connect_ms)
		s->o.connect_ms = SESSION_CONNECT_MS;
	if (!s->o.handshake_ms)
		s->o.handshake_ms = SESSION_HANDSHAKE_MS;
	if (!s->o.until_ms)
		s->o.until_ms = UINT64_MAX;
	if (!o->raw)
		s->client = smtp_client_new(&o->client);
	session_io_open(s);
	return s;
}

void session_free(struct session **sp)
{
	struct session *s = *sp;
	if (!s)
		return;
	session_connect_close(s);
	smtp_client_free(&s->client);
	tls_conn_free(&s->tls);
	buf_clear(&s->in);
	buf_clear(&s->raw);
	buf_clear(&s->out);
	buf_clear(&s->injected);
	session_lines_free(s);
	free(s);
	*sp = NULL;
}

static bool is_woken(void *ctx)
{
	return ((struct session *)ctx)->woken;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When the step in hand ends by itself. */
static uint64_t deadline(const struct session *s)
{
	uint64_t at = UINT64_MAX;
	if (s->phase == SESSION_AT_CONNECTING)
		at = s->opened_ms + s->o.connect_ms;
	else if (s->phase == SESSION_AT_SHAKING)
		at = s->shaken_from_ms + s->o.handshake_ms;
	else if (s->client)
		at = smtp_client_deadline_ms(s->client);
	return earlier(at, s->o.until_ms);
}

static bool take_news(struct session *s, unsigned news)
{
	bool has = s->news & news;
	s->news &= ~news;
	return has;
}

static bool tell(enum session_event *ev, enum session_event what)
{
	*ev = what;
	return true;
}

/* What the peer did, in the order in which it matters; false: nothing yet. */
static bool happened(struct session *s, enum session_event *ev)
{
	if (take_news(s, NEWS_CONNECTED))
		return tell(ev, SESSION_CONNECTED);
	if (s->news & NEWS_CONNECT_FAILED)
		return tell(ev, SESSION_CONNECT_FAILED);
	if (take_news(s, NEWS_TLS))
		return tell(ev, SESSION_TLS_ENDED);
	if (s->err.kind != ERR_NONE)
		return tell(ev, SESSION_BROKEN);
	if (s->client && session_feed(s, ev))
		return true;
	if (!s->client && take_news(s, NEWS_RAW))
		return tell(ev, SESSION_IDLE);
	if (s->peer != PEER_THERE)
		session_io_say_left(s);
	if (s->peer == PEER_EOF)
		return tell(ev, SESSION_EOF);
	if (s->peer == PEER_RESET || s->phase == SESSION_AT_OVER)
		return tell(ev, SESSION_RESET);
	return false;
}

static void connect_expired(struct session *s)
{
	s->number = ETIMEDOUT;
	s->up_ms = net_loop_now_ms(s->loop);
	s->phase = SESSION_AT_OVER;
	s->news |= NEWS_CONNECT_FAILED;
	session_note(s, "no answer from %s port %u", s->o.address, s->o.port);
	session_connect_close(s);
}

/* The step's own end; false: not yet. */
static bool expired(struct session *s, enum session_event *ev)
{
	uint64_t now = net_loop_now_ms(s->loop);
	if (now < deadline(s))
		return false;
	if (s->phase == SESSION_AT_CONNECTING) {
		connect_expired(s);
		return tell(ev, SESSION_CONNECT_FAILED);
	}
	if (s->phase == SESSION_AT_SHAKING) {
		session_io_fail_shake(s, TLS_TIMEOUT);
		(void)take_news(s, NEWS_TLS);
		return tell(ev, SESSION_TLS_ENDED);
	}
	bool step_over = s->client && smtp_client_tick(s->client, now) == SMTP_EVENT_TIMEOUT;
	return (step_over || now >= s->o.until_ms) && tell(ev, SESSION_TIMEOUT);
}

static bool nothing_awaited(const struct session *s)
{
	return s->phase == SESSION_AT_OPEN && s->client && !smtp_client_waits(s->client) &&
	       session_io_wrote_all(s);
}

enum listening { ASKING, LISTENING };

static enum session_event next_event(struct session *s, uint64_t until_ms, enum listening how)
{
	for (;;) {
		s->woken = false;
		session_io_pump(s);
		enum session_event ev;
		if (happened(s, &ev) || expired(s, &ev))
			return ev;
		if (how == ASKING && nothing_awaited(s))
			return SESSION_IDLE;
		if (how == LISTENING && s->called)
			return SESSION_IDLE;
		if (net_loop_now_ms(s->loop) >= until_ms || net_loop_interrupted(s->loop))
			return how == LISTENING ? SESSION_IDLE : SESSION_TIMEOUT;
		s->woken = false;
		(void)net_loop_wait(s->loop, is_woken, s, earlier(until_ms, deadline(s)));
	}
}

static enum session_event wait_for(struct session *s, uint64_t until_ms, enum listening how)
{
	s->mark = s->next_mark;
	enum session_event ev = next_event(s, until_ms ? until_ms : UINT64_MAX, how);
	session_drain_client(s);
	s->next_mark = s->total;
	return ev;
}

enum session_event session_wait(struct session *s, uint64_t until_ms)
{
	return wait_for(s, until_ms, ASKING);
}

enum session_event session_listen(struct session *s, uint64_t until_ms)
{
	enum session_event ev = wait_for(s, until_ms, LISTENING);
	s->called = false;
	return ev;
}

void session_call(struct session *s)
{
	s->called = true;
	s->woken = true;
}

void session_set_end(struct session *s, uint64_t until_ms)
{
	s->o.until_ms = until_ms;
}

void session_hurry(struct session *s, uint64_t until_ms)
{
	s->o.until_ms = earlier(s->o.until_ms, until_ms);
	s->woken = true;
}

bool session_flush(struct session *s, uint64_t until_ms)
{
	for (;;) {
		s->woken = false;
		session_io_pump(s);
		if (s->phase != SESSION_AT_OPEN || s->peer != PEER_THERE || buf_waiting(&s->in))
			return false;
		if (session_io_wrote_all(s))
			return true;
		uint64_t until = earlier(until_ms ? until_ms : UINT64_MAX, deadline(s));
		s->woken = false;
		if (!net_loop_wait(s->loop, is_woken, s, until))
			return false;
	}
}

void session_start_tls(struct session *s)
{
	if (s->phase == SESSION_AT_OPEN && !s->tls)
		session_io_shake(s);
}

void session_say_quit(struct session *s)
{
	struct err e = { 0 };
	if (s->phase != SESSION_AT_OPEN || s->peer != PEER_THERE || !s->client ||
	    smtp_client_waits(s->client) || !smtp_client_quit(s->client, &e))
		return;
	session_io_pump(s);
}

static void await_quit(struct session *s)
{
	uint64_t until = earlier(net_loop_now_ms(s->loop) + SESSION_QUIT_MS, s->o.until_ms);
	while (session_wait(s, until) == SESSION_REPLY && smtp_client_command(s->client) != SMTP_CMD_QUIT)
		continue;
}

void session_quit(struct session *s, enum session_patience patience)
{
	session_say_quit(s);
	bool said = s->client && smtp_client_waits_for(s->client) == SMTP_CMD_QUIT;
	if (patience == SESSION_AWAIT_221 && said && s->phase == SESSION_AT_OPEN && s->peer == PEER_THERE)
		await_quit(s);
	if (s->phase == SESSION_AT_OPEN && s->tls) {
		tls_conn_close(s->tls);
		session_io_pump(s);
	}
	session_feed_rest(s);
	session_drain_client(s);
	session_io_say_left(s);
	session_connect_close(s);
	s->phase = SESSION_AT_OVER;
}

struct smtp_client *session_client(struct session *s)
{
	return s->client;
}

const struct tls_report *session_tls(const struct session *s)
{
	return s->tls ? tls_conn_report(s->tls) : NULL;
}

int session_errno(const struct session *s)
{
	return s->number;
}

const char *session_local_address(const struct session *s)
{
	return s->local;
}

long session_connect_elapsed_ms(const struct session *s)
{
	uint64_t end = s->up_ms ? s->up_ms : net_loop_now_ms(s->loop);
	return (long)(end - s->opened_ms);
}

struct str session_raw(const struct session *s)
{
	return buf_str(&s->raw);
}

struct str session_injected(const struct session *s)
{
	return buf_str(&s->injected);
}

size_t session_received(const struct session *s)
{
	return s->total - s->mark;
}

const struct err *session_err(const struct session *s)
{
	return &s->err;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes between socket, TLS and engine.  Runs from the loop as well, so that a
 * session goes on while another one is waited for; events are told elsewhere. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "net/session_inner.h"

enum { READ_BYTES = 16 * 1024, ENCRYPT_BYTES_MAX = 256 * 1024 };

static void begin_shaking(struct session *s)
{
	tls_conn_free(&s->tls);
	s->tls = tls_conn_new(&s->o.offer);
	s->shaken_from_ms = net_loop_now_ms(s->loop);
	s->phase = SESSION_AT_SHAKING;
}

static void peer_left(struct session *s, enum session_peer how, int number)
{
	if (s->peer != PEER_THERE)
		return;
	s->peer = how;
	s->number = number;
	s->left_unsaid = true;
	if (!s->client || s->phase != SESSION_AT_OPEN)
		session_io_say_left(s);
}

/* Told behind the peer's last words, which the engine may still have to read. */
void session_io_say_left(struct session *s)
{
	if (!s->left_unsaid)
		return;
	s->left_unsaid = false;
	session_note(s, s->peer == PEER_EOF ? "the server closed the connection" : "connection lost: %s",
		     strerror(s->number));
}

static void note_shaken(struct session *s, const struct tls_report *r)
{
	if (r->result == TLS_OK)
		session_note(s, "%s, %s", r->version, r->cipher);
	else
		session_note(s, "TLS failed: %s%s%s", tls_result_name(r->result), *r->reason ? ", " : "",
			     r->reason);
}

static void shake_over(struct session *s, bool good)
{
	struct tls_report *r = tls_conn_report(s->tls);
	uint64_t now = net_loop_now_ms(s->loop);
	r->elapsed_ms = (long)(now - s->shaken_from_ms);
	s->news |= NEWS_TLS;
	note_shaken(s, r);
	s->phase = good ? SESSION_AT_OPEN : SESSION_AT_OVER;
	if (!good || !s->client)
		return;
	if (s->o.security == SESSION_TLS)
		smtp_client_connected(s->client, now);
	else
		smtp_client_tls_done(s->client, now);
}

void session_io_fail_shake(struct session *s, enum tls_result why)
{
	tls_conn_fail(s->tls, why);
	shake_over(s, false);
}

/* Bytes the peer has sent are looked at before the news that it has gone. */
static void shake(struct session *s)
{
	enum tls_step step = tls_conn_shake(s->tls);
	if (step != TLS_STEP_MORE)
		shake_over(s, step == TLS_STEP_DONE);
	else if (s->peer != PEER_THERE)
		session_io_fail_shake(s, s->peer == PEER_EOF ? TLS_EOF : TLS_RESET);
}

/* What lies in clear before the ClientHello was never protected. */
void session_io_shake(struct session *s)
{
	struct str left = buf_str(&s->in);
	buf_add(&s->injected, left.p, left.len < SESSION_RAW_MAX ? left.len : SESSION_RAW_MAX);
	buf_take(&s->in, left.len);
	begin_shaking(s);
	session_io_pump(s);
}

static bool is_encrypted(const struct session *s)
{
	return s->tls && s->phase == SESSION_AT_OPEN;
}

static void keep_raw(struct session *s, struct str bytes)
{
	size_t room = SESSION_RAW_MAX - buf_waiting(&s->raw);
	buf_add(&s->raw, bytes.p, bytes.len < room ? bytes.len : room);
	s->news |= NEWS_RAW;
}

static void take_plain(struct session *s, struct str bytes)
{
	if (s->client)
		buf_add(&s->in, bytes.p, bytes.len);
	else
		keep_raw(s, bytes);
}

/* A late alert is TLS's own failure; anything else that breaks records is a lost connection. */
static void tls_broke(struct session *s)
{
	const struct tls_report *r = tls_conn_report(s->tls);
	if (r->result == TLS_OK) {
		peer_left(s, PEER_RESET, EPROTO);
		return;
	}
	s->news |= NEWS_TLS;
	s->phase = SESSION_AT_OVER;
	note_shaken(s, r);
}

static void decrypt(struct session *s)
{
	struct buf plain = { .max = s->client ? SESSION_AHEAD_MAX - buf_waiting(&s->in) : SESSION_AHEAD_MAX };
	enum tls_read got = plain.max ? tls_conn_read(s->tls, &plain) : TLS_READ_NONE;
	struct str bytes = buf_str(&plain);
	if (bytes.len)
		take_plain(s, bytes);
	buf_clear(&plain);
	if (got == TLS_READ_CLOSED)
		peer_left(s, PEER_EOF, 0);
	else if (got != TLS_READ_NONE)
		tls_broke(s);
}

static void take_wire(struct session *s, struct str bytes)
{
	s->total += bytes.len;
	s->arrived_ms = net_loop_now_ms(s->loop);
	if (s->tls)
		tls_conn_feed(s->tls, bytes);
	else
		take_plain(s, bytes);
}

static bool has_room(const struct session *s)
{
	return buf_waiting(&s->in) + READ_BYTES <= SESSION_AHEAD_MAX;
}

/* One piece; true when something came.  A short read has taken all there was. */
static bool read_piece(struct session *s)
{
	char piece[READ_BYTES];
	if (s->fd < 0 || s->peer != PEER_THERE || !s->readable || !has_room(s))
		return false;
	ssize_t n = recv(s->fd, piece, sizeof(piece), 0);
	s->readable = n == (ssize_t)sizeof(piece) || (n < 0 && errno == EINTR) || (n > 0 && s->failed);
	if (n > 0) {
		take_wire(s, (struct str){ piece, (size_t)n });
		return true;
	}
	if (n == 0 && s->write_number == ECONNRESET)
		peer_left(s, PEER_RESET, s->write_number);
	else if (n == 0)
		peer_left(s, PEER_EOF, 0);
	else if (errno == EINTR)
		return true;
	else if (errno != EAGAIN)
		peer_left(s, PEER_RESET, errno);
	else if (s->write_number)
		peer_left(s, PEER_RESET, s->write_number);
	return false;
}

/* A failed write is not told at once: the peer's last words may still wait to be read. */
static bool write_bytes(struct session *s, struct str bytes, size_t *sent)
{
	*sent = 0;
	if (!bytes.len || s->fd < 0 || s->write_number)
		return false;
	ssize_t n = send(s->fd, bytes.p, bytes.len, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		s->write_number = errno;
		s->readable = true;
	}
	if (n <= 0)
		return false;
	*sent = (size_t)n;
	return true;
}

/* What came before a command left is no answer to it: the engine hears it first. */
static bool may_speak(const struct session *s)
{
	return s->client && s->phase == SESSION_AT_OPEN && !buf_waiting(&s->in) &&
	       smtp_client_waits_for(s->client) != SMTP_CMD_CONNECT;
}

static void wrote(struct session *s, size_t n)
{
	smtp_client_sent(s->client, n, net_loop_now_ms(s->loop));
	s->mark = s->next_mark = s->total;
	s->woken = true;
}

static void write_plain(struct session *s)
{
	size_t n;
	while (may_speak(s) && write_bytes(s, smtp_client_output(s->client), &n))
		wrote(s, n);
	while (s->phase == SESSION_AT_OPEN && write_bytes(s, buf_str(&s->out), &n))
		buf_take(&s->out, n);
}

static void encrypt(struct session *s)
{
	struct str o = may_speak(s) && !s->inflight ? smtp_client_output(s->client) : STR_LIT("");
	o = str_cut(o, 0, ENCRYPT_BYTES_MAX);
	if (o.len && tls_conn_write(s->tls, o))
		s->inflight = o.len;
	struct str raw = buf_str(&s->out);
	if (raw.len && s->phase == SESSION_AT_OPEN && tls_conn_write(s->tls, raw))
		buf_take(&s->out, raw.len);
}

/* The engine is told of a command once its last byte is on the wire. */
static void write_encrypted(struct session *s)
{
	for (;;) {
		size_t n;
		if (is_encrypted(s))
			encrypt(s);
		while (write_bytes(s, tls_conn_output(s->tls), &n))
			tls_conn_sent(s->tls, n);
		if (tls_conn_output(s->tls).len || !s->inflight)
			return;
		n = s->inflight;
		s->inflight = 0;
		wrote(s, n);
	}
}

bool session_io_wrote_all(const struct session *s)
{
	return !s->inflight && !buf_waiting(&s->out) && (!s->tls || !tls_conn_output(s->tls).len) &&
	       (!s->client || !smtp_client_output(s->client).len);
}

static bool wants_read(const struct session *s)
{
	return s->peer == PEER_THERE && s->phase != SESSION_AT_OVER && has_room(s);
}

static bool wants_write(const struct session *s)
{
	bool tls_waits = s->tls && tls_conn_output(s->tls).len;
	return !session_io_wrote_all(s) && !s->write_number && (tls_waits || may_speak(s) || !s->client);
}

static void set_watch(struct session *s)
{
	if (!s->watch)
		return;
	if (s->phase == SESSION_AT_CONNECTING)
		net_watch_set(s->watch, NET_WRITE);
	else
		net_watch_set(s->watch, (wants_read(s) ? NET_READ : 0) | (wants_write(s) ? NET_WRITE : 0));
}

static void pump_once(struct session *s)
{
	if (s->phase == SESSION_AT_SHAKING)
		shake(s);
	if (is_encrypted(s) && s->peer == PEER_THERE)
		decrypt(s);
	if (s->tls)
		write_encrypted(s);
	else
		write_plain(s);
}

static void connected(struct session *s)
{
	if (s->o.security == SESSION_TLS)
		begin_shaking(s);
	else if (s->client)
		smtp_client_connected(s->client, s->up_ms);
}

void session_io_pump(struct session *s)
{
	s->woken = true;
	if (s->phase == SESSION_AT_CONNECTING && s->fd >= 0 && session_connect_look(s))
		connected(s);
	if (s->phase == SESSION_AT_CONNECTING || s->fd < 0)
		return;
	pump_once(s);
	while (s->phase != SESSION_AT_OVER && read_piece(s))
		pump_once(s);
	if (s->phase == SESSION_AT_SHAKING && s->peer != PEER_THERE)
		shake(s);
	set_watch(s);
}

static void on_ready(void *ctx, unsigned what)
{
	struct session *s = ctx;
	s->failed = s->failed || what & NET_FAILED;
	s->readable = s->readable || what & NET_READ;
	session_io_pump(s);
}

void session_io_open(struct session *s)
{
	session_connect(s, on_ready);
}

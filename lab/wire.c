/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/wire.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "lab/pki_openssl.h"

enum { WIRE_READ_BYTES = 64 * 1024, WIRE_LINGER_MS = 1000 };

struct wire {
	uv_tcp_t tcp;
	uv_timer_t linger;
	uv_connect_t connect;
	uv_shutdown_t shutdown;
	const struct wire_events *ev;
	void *user; /* NULL once nobody listens */
	SSL *ssl;
	bool shaken, closing, shut;
	int handles; /* still open */
	size_t cut;  /* output bytes still allowed; SIZE_MAX: all */
	char peer[64];
	char bytes[WIRE_READ_BYTES];
};

struct wire_out {
	uv_write_t req;
	uv_buf_t buf;
};

/* ---- the end of a wire */

static void on_handle_closed(uv_handle_t *h)
{
	struct wire *w = h->data;
	if (--w->handles)
		return;
	SSL_free(w->ssl);
	free(w);
}

static void end(struct wire *w)
{
	w->user = NULL;
	w->closing = true;
	if (!uv_is_closing((uv_handle_t *)&w->tcp))
		uv_close((uv_handle_t *)&w->tcp, on_handle_closed);
	if (!uv_is_closing((uv_handle_t *)&w->linger))
		uv_close((uv_handle_t *)&w->linger, on_handle_closed);
}

static void gone(struct wire *w)
{
	void *user = w->user;
	w->user = NULL;
	if (user)
		w->ev->gone(user);
	end(w);
}

static void on_linger(uv_timer_t *t)
{
	end(t->data);
}

static void on_shut(uv_shutdown_t *req, int status)
{
	struct wire *w = req->data;
	if (status < 0 && w->closing)
		end(w);
}

/* ---- output */

static void on_written(uv_write_t *req, int status)
{
	struct wire_out *o = (struct wire_out *)req;
	(void)status;
	free(o->buf.base);
	free(o);
}

static void send_bytes(struct wire *w, const void *p, size_t n)
{
	if (n > w->cut)
		n = w->cut;
	if (w->cut != SIZE_MAX)
		w->cut -= n;
	if (!n || w->shut)
		return;
	struct wire_out *o = mem_alloc(sizeof(*o));
	o->buf = uv_buf_init(mem_dup(p, n), (unsigned)n);
	if (uv_write(&o->req, (uv_stream_t *)&w->tcp, &o->buf, 1, on_written) < 0)
		on_written(&o->req, 0);
}

static void flush_tls(struct wire *w)
{
	char *p;
	BIO *out = SSL_get_wbio(w->ssl);
	long n = BIO_get_mem_data(out, &p);
	if (n > 0)
		send_bytes(w, p, (size_t)n);
	(void)BIO_reset(out);
}

void wire_write(struct wire *w, struct str bytes)
{
	if (!bytes.len || w->closing)
		return;
	if (!w->ssl || !w->shaken) {
		send_bytes(w, bytes.p, bytes.len);
		return;
	}
	if (SSL_write(w->ssl, bytes.p, (int)bytes.len) > 0)
		flush_tls(w);
}

size_t wire_waiting(const struct wire *w)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&w->tcp);
}

void wire_cut_output(struct wire *w, size_t bytes)
{
	w->cut = bytes;
}

/* ---- TLS */

static void shake(struct wire *w)
{
	ERR_clear_error();
	int rc = SSL_do_handshake(w->ssl);
	int why = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(w->ssl, rc);
	flush_tls(w);
	if (why == SSL_ERROR_WANT_READ)
		return;
	w->shaken = rc == 1;
	if (w->user)
		w->ev->tls_ended(w->user, rc == 1);
}

static void read_tls(struct wire *w)
{
	char plain[16 * 1024];
	int n;
	while (w->user && w->shaken && (n = SSL_read(w->ssl, plain, sizeof(plain))) > 0)
		w->ev->input(w->user, (struct str){ plain, (size_t)n });
	if (w->closing)
		return;
	flush_tls(w);
	if (w->shaken && (SSL_get_shutdown(w->ssl) & SSL_RECEIVED_SHUTDOWN))
		gone(w);
}

void wire_tls(struct wire *w, const struct lab_tls *t, enum wire_side side, const char *sni)
{
	w->ssl = SSL_new(t->ctx);
	SSL_set_bio(w->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	if (side == WIRE_SERVER) {
		SSL_set_accept_state(w->ssl);
		return;
	}
	SSL_set_connect_state(w->ssl);
	if (sni && *sni)
		SSL_set_tlsext_host_name(w->ssl, sni);
	shake(w);
}

bool wire_has_tls(const struct wire *w)
{
	return w->shaken;
}

/* ---- input */

static void on_alloc(uv_handle_t *h, size_t want, uv_buf_t *buf)
{
	struct wire *w = h->data;
	(void)want;
	*buf = uv_buf_init(w->bytes, sizeof(w->bytes));
}

static void take_tls(struct wire *w, const char *p, size_t n)
{
	BIO_write(SSL_get_rbio(w->ssl), p, (int)n);
	if (!w->shaken)
		shake(w);
	if (w->shaken)
		read_tls(w);
}

void wire_take(struct wire *w, struct str bytes)
{
	if (w->ssl && bytes.len)
		take_tls(w, bytes.p, bytes.len);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct wire *w = s->data;
	if (n < 0) {
		if (w->closing)
			end(w);
		else
			gone(w);
	} else if (n > 0 && w->user && !w->closing) {
		if (w->ssl)
			take_tls(w, buf->base, (size_t)n);
		else
			w->ev->input(w->user, (struct str){ buf->base, (size_t)n });
	}
}

static void note_peer(struct wire *w)
{
	struct sockaddr_storage ss;
	int len = sizeof(ss);
	if (uv_tcp_getpeername(&w->tcp, (struct sockaddr *)&ss, &len) == 0)
		uv_ip_name((struct sockaddr *)&ss, w->peer, sizeof(w->peer));
}

static struct wire *wire_new(uv_loop_t *loop, const struct wire_events *ev, void *user)
{
	struct wire *w = mem_alloc(sizeof(*w));
	w->ev = ev;
	w->user = user;
	w->cut = SIZE_MAX;
	w->handles = 2;
	uv_tcp_init(loop, &w->tcp);
	uv_timer_init(loop, &w->linger);
	w->tcp.data = w->linger.data = w->connect.data = w->shutdown.data = w;
	return w;
}

struct wire *wire_accept(uv_stream_t *listener, const struct wire_events *ev, void *user)
{
	struct wire *w = wire_new(listener->loop, ev, user);
	if (uv_accept(listener, (uv_stream_t *)&w->tcp) < 0) {
		end(w);
		return NULL;
	}
	uv_tcp_nodelay(&w->tcp, 1);
	note_peer(w);
	uv_read_start((uv_stream_t *)&w->tcp, on_alloc, on_read);
	return w;
}

static void on_connected(uv_connect_t *req, int status)
{
	struct wire *w = req->data;
	if (status == UV_ECANCELED)
		return;
	if (status < 0) {
		gone(w);
		return;
	}
	note_peer(w);
	uv_read_start((uv_stream_t *)&w->tcp, on_alloc, on_read);
	if (w->user && w->ev->up)
		w->ev->up(w->user);
}

struct wire *wire_connect(uv_loop_t *loop, const struct sockaddr *to, const struct wire_events *ev,
			  void *user)
{
	struct wire *w = wire_new(loop, ev, user);
	if (uv_tcp_connect(&w->connect, &w->tcp, to, on_connected) < 0) {
		end(w);
		return NULL;
	}
	return w;
}

/* ---- closing */

static void shut_output(struct wire *w)
{
	if (w->shut)
		return;
	if (w->ssl && w->shaken) {
		SSL_shutdown(w->ssl);
		flush_tls(w);
	}
	w->shut = true;
	uv_shutdown(&w->shutdown, (uv_stream_t *)&w->tcp, on_shut);
}

void wire_half_close(struct wire *w)
{
	shut_output(w);
}

/* The peer's unread bytes are taken for a moment, as a close with unread input
 * would send RST and could destroy our last reply on its way. */
void wire_close(struct wire *w)
{
	w->user = NULL;
	if (w->closing)
		return;
	shut_output(w);
	w->closing = true;
	uv_timer_start(&w->linger, on_linger, WIRE_LINGER_MS, 0);
}

void wire_reset(struct wire *w)
{
	w->user = NULL;
	w->closing = true;
	if (!uv_is_closing((uv_handle_t *)&w->tcp) && uv_tcp_close_reset(&w->tcp, on_handle_closed) < 0)
		uv_close((uv_handle_t *)&w->tcp, on_handle_closed);
	end(w);
}

const char *wire_peer(const struct wire *w)
{
	return w->peer;
}

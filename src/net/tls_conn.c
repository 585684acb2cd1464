/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls_conn.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/text.h"
#include "net/tls_openssl.h"

enum { FIRST_BYTES_MAX = 256, PLAIN_CHUNK_BYTES = 16 * 1024 };

enum tls_phase { PHASE_SHAKING, PHASE_OPEN, PHASE_DEAD };

struct tls_conn {
	SSL *ssl;
	BIO *in, *out; /* owned by ssl */
	struct arena *arena;
	struct tls_report report;
	enum tls_phase phase;
	unsigned char head[2]; /* of the peer's first record */
	bool read_plain;       /* the peer has sent application data */
};

/* RFC 8446, 5.1: content types a peer may begin with. */
enum { RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, RECORD_MAJOR = 3, HANDSHAKE_CERTIFICATE_REQUEST = 13 };

static SSL_CTX *shared_ctx;
static pthread_once_t shared_once = PTHREAD_ONCE_INIT;

/* Judgement is tls_verify()'s; here every chain is let in and nothing is completed. */
static int accept_any_chain(X509_STORE_CTX *c, void *arg)
{
	(void)c;
	(void)arg;
	return 1;
}

static void on_message(int write_p, int version, int type, const void *p, size_t len, SSL *ssl, void *arg)
{
	(void)version;
	(void)ssl;
	struct tls_conn *t = arg;
	if (!write_p && t && type == SSL3_RT_HANDSHAKE && len &&
	    *(const unsigned char *)p == HANDSHAKE_CERTIFICATE_REQUEST)
		t->report.cert_requested = true;
}

static void on_info(const SSL *ssl, int where, int ret)
{
	struct tls_conn *t = SSL_get_app_data(ssl);
	int number = ret & 0xff;
	if (!(where & SSL_CB_ALERT) || !t || t->read_plain || (t->phase == PHASE_OPEN && number == 0))
		return;
	if (where & SSL_CB_READ)
		t->report.alert_received = number;
	else
		t->report.alert_sent = number;
}

/* One context serves all: it holds no state of a connection.  Anonymous and
 * unencrypted suites stay out, as they would say nothing about the server. */
static void make_shared_ctx(void)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());
	if (!c)
		return;
	SSL_CTX_set_security_level(c, 0);
	SSL_CTX_set_cipher_list(c, "ALL:!aNULL:!eNULL:@SECLEVEL=0");
	SSL_CTX_set_options(c, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_cert_verify_callback(c, accept_any_chain, NULL);
	SSL_CTX_set_max_cert_list(c, TLS_HANDSHAKE_BYTES_MAX);
	SSL_CTX_set_info_callback(c, on_info);
	SSL_CTX_set_msg_callback(c, on_message);
	shared_ctx = c;
}

/* RFC 6066, 3: literal addresses are not permitted in server_name. */
static bool may_be_sni(const char *name)
{
	unsigned char ip[16];
	return name && *name && inet_pton(AF_INET, name, ip) != 1 && inet_pton(AF_INET6, name, ip) != 1;
}

static bool offer(struct tls_conn *t, const struct tls_offer *o)
{
	if (!SSL_set_min_proto_version(t->ssl, o->min ? o->min : TLS1_VERSION) ||
	    !SSL_set_max_proto_version(t->ssl, o->max ? o->max : TLS1_3_VERSION))
		return false;
	if (!may_be_sni(o->sni))
		return true;
	t->report.sni = arena_strdup(t->arena, o->sni);
	return SSL_set_tlsext_host_name(t->ssl, o->sni) == 1;
}

/* The words of the first error OpenSSL noted in this thread, "" none; empties its list. */
static const char *first_error(struct arena *a, int *reason)
{
	unsigned long code = ERR_peek_error();
	const char *words = ERR_reason_error_string(code);
	if (reason)
		*reason = code ? ERR_GET_REASON(code) : 0;
	ERR_clear_error();
	return arena_strdup(a, words ? words : "");
}

/* Without a library to speak TLS nothing can be said about a server's. */
static struct tls_conn *dead_at_birth(struct tls_conn *t)
{
	t->report.reason = first_error(t->arena, NULL);
	t->phase = PHASE_DEAD;
	return t;
}

static struct tls_conn *conn_new(SSL_CTX *ctx)
{
	struct tls_conn *t = mem_alloc(sizeof(*t));
	t->arena = arena_new();
	t->report = (struct tls_report){ .result = TLS_ERROR, .version = "", .cipher = "", .sni = "" };
	t->report.reason = t->report.first_bytes = "";
	t->report.alert_sent = t->report.alert_received = -1;
	t->ssl = ctx ? SSL_new(ctx) : NULL;
	if (!t->ssl)
		return dead_at_birth(t);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	SSL_set_bio(t->ssl, t->in, t->out);
	SSL_set_app_data(t->ssl, t);
	return t;
}

struct tls_conn *tls_conn_new(const struct tls_offer *o)
{
	pthread_once(&shared_once, make_shared_ctx);
	struct tls_conn *t = conn_new(shared_ctx);
	if (!t->ssl)
		return t;
	SSL_set_msg_callback_arg(t->ssl, t);
	SSL_set_connect_state(t->ssl);
	return offer(t, o) ? t : dead_at_birth(t);
}

struct tls_conn *tls_conn_new_server(const struct tls_identity *i)
{
	struct tls_conn *t = conn_new(tls_identity_ctx(i));
	if (!t->ssl)
		return t;
	SSL_set_info_callback(t->ssl, on_info);
	SSL_set_accept_state(t->ssl);
	return t;
}

void tls_conn_free(struct tls_conn **tp)
{
	struct tls_conn *t = *tp;
	if (!t)
		return;
	SSL_free(t->ssl);
	arena_free(&t->arena);
	free(t);
	*tp = NULL;
}

struct tls_report *tls_conn_report(struct tls_conn *t)
{
	return &t->report;
}

static void die(struct tls_conn *t, enum tls_result why)
{
	t->report.result = why;
	t->phase = PHASE_DEAD;
}

void tls_conn_fail(struct tls_conn *t, enum tls_result why)
{
	if (t->phase == PHASE_SHAKING)
		die(t, why);
}

/* A peer that speaks in clear is told apart before OpenSSL sees it: its words
 * are the evidence, and an alert of ours would only confuse a reader. */
static bool looks_like_tls(struct tls_conn *t, struct str wire, size_t before)
{
	for (size_t i = 0; i < wire.len && before + i < sizeof(t->head); i++)
		t->head[before + i] = (unsigned char)wire.p[i];
	size_t have = before + wire.len;
	if (have >= 1 && t->head[0] != RECORD_ALERT && t->head[0] != RECORD_HANDSHAKE)
		return false;
	return have < 2 || t->head[1] == RECORD_MAJOR;
}

void tls_conn_feed(struct tls_conn *t, struct str wire)
{
	if (t->phase == PHASE_DEAD || !wire.len)
		return;
	if (t->phase == PHASE_SHAKING) {
		size_t before = t->report.received;
		t->report.received += wire.len;
		if (before < sizeof(t->head) && !looks_like_tls(t, wire, before)) {
			t->report.first_bytes = text_printable(t->arena, str_cut(wire, 0, FIRST_BYTES_MAX));
			die(t, TLS_NOT_TLS);
			return;
		}
		if (t->report.received > TLS_HANDSHAKE_BYTES_MAX) {
			t->report.reason = "the peer sent more than a handshake needs";
			die(t, TLS_LIMIT);
			return;
		}
	}
	for (size_t at = 0; at < wire.len; at += 1 << 20) {
		struct str piece = str_cut(wire, at, at + (1 << 20));
		BIO_write(t->in, piece.p, (int)piece.len);
	}
}

static void keep_chain(struct tls_conn *t)
{
	STACK_OF(X509) *list = SSL_get_peer_cert_chain(t->ssl);
	int n = sk_X509_num(list);
	if (n <= 0)
		return;
	if (n > TLS_CHAIN_MAX)
		n = TLS_CHAIN_MAX;
	t->report.chain = arena_alloc(t->arena, (size_t)n * sizeof(*t->report.chain));
	t->report.nchain = (size_t)n;
	for (int i = 0; i < n; i++)
		tls_cert_fill(sk_X509_value(list, i), t->arena, &t->report.chain[i]);
}

static enum tls_step shaken(struct tls_conn *t)
{
	t->report.result = TLS_OK;
	t->report.version = arena_strdup(t->arena, SSL_get_version(t->ssl));
	t->report.cipher = arena_strdup(t->arena, SSL_get_cipher_name(t->ssl));
	keep_chain(t);
	const char *name =
		SSL_is_server(t->ssl) ? SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name) : NULL;
	if (name)
		t->report.sni = text_printable(t->arena, str_of(name));
	t->phase = PHASE_OPEN;
	return TLS_STEP_DONE;
}

/* close_notify instead of a handshake is an orderly end, no refusal. */
static enum tls_result failure_of(const struct tls_conn *t, int reason)
{
	if (reason == SSL_R_EXCESSIVE_MESSAGE_SIZE)
		return TLS_LIMIT;
	if (t->report.alert_received > 0 && t->report.alert_sent < 0)
		return TLS_ALERT;
	return t->report.alert_received == 0 ? TLS_EOF : TLS_ERROR;
}

enum tls_step tls_conn_shake(struct tls_conn *t)
{
	if (t->phase != PHASE_SHAKING)
		return t->phase == PHASE_OPEN ? TLS_STEP_DONE : TLS_STEP_FAILED;
	ERR_clear_error();
	int ret = SSL_do_handshake(t->ssl);
	if (ret == 1)
		return shaken(t);
	int why = SSL_get_error(t->ssl, ret);
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return TLS_STEP_MORE;
	int reason = 0;
	t->report.reason = first_error(t->arena, &reason);
	keep_chain(t);
	die(t, failure_of(t, reason));
	return TLS_STEP_FAILED;
}

/* With TLS 1.3 a server judges our (missing) certificate only after we are done:
 * its alert then comes with the first read and still belongs to the handshake. */
static enum tls_read read_failed(struct tls_conn *t, int why)
{
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return TLS_READ_NONE;
	if (why == SSL_ERROR_ZERO_RETURN)
		return TLS_READ_CLOSED;
	t->report.reason = first_error(t->arena, NULL);
	bool alert = SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN;
	if (!t->read_plain && alert)
		t->report.result = TLS_ALERT;
	t->phase = PHASE_DEAD;
	return alert ? TLS_READ_ALERT : TLS_READ_BROKEN;
}

enum tls_read tls_conn_read(struct tls_conn *t, struct buf *out)
{
	char chunk[PLAIN_CHUNK_BYTES];
	if (t->phase != PHASE_OPEN)
		return TLS_READ_BROKEN;
	while (!out->max || buf_waiting(out) + sizeof(chunk) <= out->max) {
		ERR_clear_error();
		int n = SSL_read(t->ssl, chunk, sizeof(chunk));
		if (n <= 0)
			return read_failed(t, SSL_get_error(t->ssl, n));
		t->read_plain = true;
		buf_add(out, chunk, (size_t)n);
	}
	return TLS_READ_NONE;
}

bool tls_conn_write(struct tls_conn *t, struct str plain)
{
	if (t->phase != PHASE_OPEN)
		return false;
	ERR_clear_error();
	while (plain.len) {
		int n = SSL_write(t->ssl, plain.p, (int)(plain.len < (1 << 20) ? plain.len : (1 << 20)));
		if (n <= 0)
			return false;
		plain = str_cut(plain, (size_t)n, plain.len);
	}
	return true;
}

void tls_conn_close(struct tls_conn *t)
{
	if (t->phase != PHASE_OPEN)
		return;
	ERR_clear_error();
	SSL_shutdown(t->ssl);
	ERR_clear_error();
}

struct str tls_conn_output(const struct tls_conn *t)
{
	char *p = NULL;
	long n = t->out ? BIO_get_mem_data(t->out, &p) : 0;
	return (struct str){ p ? p : "", n > 0 ? (size_t)n : 0 };
}

void tls_conn_sent(struct tls_conn *t, size_t n)
{
	char sink[4096];
	while (n) {
		int took = BIO_read(t->out, sink, (int)(n < sizeof(sink) ? n : sizeof(sink)));
		if (took <= 0)
			return;
		n -= (size_t)took;
	}
}

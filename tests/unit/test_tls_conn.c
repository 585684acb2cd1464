/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "net/tls_conn.h"
#include "tests/unit/made_cert.h"

/* A server in memory, so that a handshake is bytes carried between two values. */
struct server {
	SSL_CTX *ctx;
	SSL *ssl;
	BIO *in, *out;
};

static struct made cert;

static int set_up(void **state)
{
	(void)state;
	cert = made_new(&(struct made_spec){ .cn = "x", .san = "DNS:mx.example" }, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	made_free(&cert);
	return 0;
}

struct server_spec {
	const char *name;
	int min, max;
	bool wants_cert;
	const char *ciphers;
};

static int refuse_any(int ok, X509_STORE_CTX *c)
{
	(void)ok;
	(void)c;
	return 0;
}

static struct server server_new(const struct server_spec *spec)
{
	struct server s = { .ctx = SSL_CTX_new(TLS_server_method()) };
	SSL_CTX_set_security_level(s.ctx, 0);
	SSL_CTX_set_min_proto_version(s.ctx, spec->min ? spec->min : TLS1_VERSION);
	SSL_CTX_set_max_proto_version(s.ctx, spec->max ? spec->max : TLS1_3_VERSION);
	SSL_CTX_use_certificate(s.ctx, cert.x);
	SSL_CTX_use_PrivateKey(s.ctx, cert.key);
	if (spec->ciphers)
		assert_true(SSL_CTX_set_cipher_list(s.ctx, spec->ciphers));
	if (spec->wants_cert)
		SSL_CTX_set_verify(s.ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, refuse_any);
	s.ssl = SSL_new(s.ctx);
	s.in = BIO_new(BIO_s_mem());
	s.out = BIO_new(BIO_s_mem());
	SSL_set_bio(s.ssl, s.in, s.out);
	SSL_set_accept_state(s.ssl);
	return s;
}

static void server_free(struct server *s)
{
	SSL_free(s->ssl);
	SSL_CTX_free(s->ctx);
}

/* Carries what the client has to the server, and the answer back in pieces. */
static bool carry(struct tls_conn *t, struct server *s, size_t piece)
{
	struct str up = tls_conn_output(t);
	bool moved = up.len > 0;
	if (moved)
		BIO_write(s->in, up.p, (int)up.len);
	tls_conn_sent(t, up.len);
	SSL_do_handshake(s->ssl);
	char *p = NULL;
	long n = BIO_get_mem_data(s->out, &p);
	for (long at = 0; at < n; at += (long)piece) {
		tls_conn_feed(t, str_cut((struct str){ p, (size_t)n }, (size_t)at, (size_t)at + piece));
		(void)tls_conn_shake(t);
	}
	(void)BIO_reset(s->out);
	return moved || n > 0;
}

static enum tls_step shake(struct tls_conn *t, struct server *s, size_t piece)
{
	enum tls_step step = tls_conn_shake(t);
	for (int turns = 0; turns < 20 && carry(t, s, piece); turns++)
		step = tls_conn_shake(t);
	return step;
}

static const struct {
	struct server_spec server;
	struct tls_offer offer;
	enum tls_result result;
	int received, sent;
	const char *version;
} shake_cases[] = {
	{ { .name = "newest" }, { "mx.example", 0, 0 }, TLS_OK, -1, -1, "TLSv1.3" },
	{ { "1.2", .max = TLS1_2_VERSION }, { "mx.example", 0, 0 }, TLS_OK, -1, -1, "TLSv1.2" },
	{ { "1.0 is let in to be named", .max = TLS1_VERSION }, { 0 }, TLS_OK, -1, -1, "TLSv1" },
	{ { "too new for us", .min = TLS1_3_VERSION },
	  { "mx.example", TLS1_VERSION, TLS1_2_VERSION },
	  TLS_ALERT,
	  70,
	  -1,
	  "" },
	{ { "too old for us", .max = TLS1_1_VERSION },
	  { "mx.example", TLS1_2_VERSION, 0 },
	  TLS_ALERT,
	  70,
	  -1,
	  "" },
	{ { "no cipher in common", .max = TLS1_2_VERSION, .ciphers = "aNULL" },
	  { "mx.example", 0, 0 },
	  TLS_ALERT,
	  40,
	  -1,
	  "" },
	{ { "wants a certificate", .max = TLS1_2_VERSION, .wants_cert = true },
	  { "mx.example", 0, 0 },
	  TLS_ALERT,
	  40,
	  -1,
	  "" },
};

static void check_shake(size_t i, size_t piece)
{
	struct server s = server_new(&shake_cases[i].server);
	struct tls_conn *t = tls_conn_new(&shake_cases[i].offer);
	print_message("  %s, %zu bytes at a time\n", shake_cases[i].server.name, piece);
	enum tls_step step = shake(t, &s, piece);
	const struct tls_report *r = tls_conn_report(t);
	assert_int_equal(step, shake_cases[i].result == TLS_OK ? TLS_STEP_DONE : TLS_STEP_FAILED);
	assert_string_equal(tls_result_name(r->result), tls_result_name(shake_cases[i].result));
	assert_int_equal(r->alert_received, shake_cases[i].received);
	assert_int_equal(r->alert_sent, shake_cases[i].sent);
	assert_string_equal(r->version, shake_cases[i].version);
	assert_int_equal(r->cert_requested, shake_cases[i].server.wants_cert);
	assert_true(r->received > 0);
	if (r->result == TLS_OK) {
		assert_int_equal(r->nchain, 1);
		assert_true(strlist_has(&r->chain[0].names, "mx.example"));
	}
	tls_conn_free(&t);
	server_free(&s);
}

static void test_shake(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shake_cases); i++) {
		check_shake(i, 1);
		check_shake(i, 100000);
	}
}

/* TLS 1.3: we are done before the server has looked for our certificate. */
static void test_alert_after_done(void **state)
{
	(void)state;
	struct server s =
		server_new(&(struct server_spec){ "1.3", .min = TLS1_3_VERSION, .wants_cert = true });
	struct tls_conn *t = tls_conn_new(&(struct tls_offer){ "mx.example", 0, 0 });
	assert_int_equal(shake(t, &s, 100000), TLS_STEP_DONE);
	struct buf plain = { 0 };
	assert_int_equal(tls_conn_read(t, &plain), TLS_READ_ALERT);
	const struct tls_report *r = tls_conn_report(t);
	assert_int_equal(r->result, TLS_ALERT);
	assert_string_equal(tls_alert_name(r->alert_received), "certificate_required");
	assert_true(r->cert_requested);
	tls_conn_free(&t);
	server_free(&s);
}

static const struct {
	const char *name;
	struct str wire;
	enum tls_result result;
	const char *first_bytes;
} stranger_cases[] = {
	{ "a greeting", STR_LIT("220 mx.example ESMTP\r\n"), TLS_NOT_TLS, "220 mx.example ESMTP\\x0d\\x0a" },
	{ "a late refusal", STR_LIT("454 4.7.0 TLS not available\r\n"), TLS_NOT_TLS,
	  "454 4.7.0 TLS not available\\x0d\\x0a" },
	{ "a proxy", STR_LIT("HTTP/1.1 400 Bad Request\r\n"), TLS_NOT_TLS,
	  "HTTP/1.1 400 Bad Request\\x0d\\x0a" },
	{ "binary", STR_LIT("\x16\x01\x00"), TLS_NOT_TLS, "\\x16\\x01\\x00" },
	{ "an alert at once", STR_LIT("\x15\x03\x01\x00\x02\x02\x28"), TLS_ALERT, "" },
	{ "close_notify at once", STR_LIT("\x15\x03\x01\x00\x02\x01\x00"), TLS_EOF, "" },
	{ "a record that makes no sense", STR_LIT("\x16\x03\x01\x00\x04\xff\x00\x00\x00"), TLS_ERROR, "" },
};

static void test_strangers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stranger_cases); i++) {
		struct tls_conn *t = tls_conn_new(&(struct tls_offer){ "mx.example", 0, 0 });
		assert_int_equal(tls_conn_shake(t), TLS_STEP_MORE);
		tls_conn_feed(t, stranger_cases[i].wire);
		assert_int_equal(tls_conn_shake(t), TLS_STEP_FAILED);
		const struct tls_report *r = tls_conn_report(t);
		print_message("  %s: %s\n", stranger_cases[i].name, r->reason);
		assert_string_equal(tls_result_name(r->result), tls_result_name(stranger_cases[i].result));
		assert_string_equal(r->first_bytes, stranger_cases[i].first_bytes);
		assert_int_equal(r->received, stranger_cases[i].wire.len);
		tls_conn_free(&t);
	}
}

/* A peer that never ends its handshake is cut off. */
static void test_flood(void **state)
{
	(void)state;
	struct tls_conn *t = tls_conn_new(&(struct tls_offer){ 0 });
	static const char head[] = "\x16\x03\x03\x3f\xff";
	static char body[0x3fff];
	enum tls_step step = tls_conn_shake(t);
	size_t fed = 0;
	body[0] = 2;               /* ServerHello */
	memset(body + 1, 0x40, 3); /* of four million bytes */
	while (step == TLS_STEP_MORE && fed < 4u << 20) {
		tls_conn_feed(t, (struct str){ head, sizeof(head) - 1 });
		tls_conn_feed(t, (struct str){ body, sizeof(body) });
		fed += sizeof(head) - 1 + sizeof(body);
		step = tls_conn_shake(t);
	}
	assert_int_equal(step, TLS_STEP_FAILED);
	assert_int_equal(tls_conn_report(t)->result, TLS_LIMIT);
	assert_true(fed <= TLS_HANDSHAKE_BYTES_MAX + sizeof(body) + sizeof(head));
	tls_conn_free(&t);
}

static void test_data(void **state)
{
	(void)state;
	struct server s = server_new(&(struct server_spec){ .name = "newest" });
	struct tls_conn *t = tls_conn_new(&(struct tls_offer){ "mx.example", 0, 0 });
	assert_int_equal(shake(t, &s, 100000), TLS_STEP_DONE);
	assert_true(tls_conn_write(t, STR_LIT("EHLO here\r\n")));
	(void)carry(t, &s, 100000);
	char got[64] = "";
	assert_int_equal(SSL_read(s.ssl, got, sizeof(got)), 11);
	assert_memory_equal(got, "EHLO here\r\n", 11);
	assert_int_equal(SSL_write(s.ssl, "250 hello\r\n", 11), 11);
	SSL_shutdown(s.ssl);
	(void)carry(t, &s, 3);
	struct buf plain = { .max = 1 << 20 };
	assert_int_equal(tls_conn_read(t, &plain), TLS_READ_CLOSED);
	assert_true(str_eq(buf_str(&plain), "250 hello\r\n"));
	assert_int_equal(tls_conn_report(t)->result, TLS_OK);
	assert_int_equal(tls_conn_report(t)->alert_received, -1);
	buf_clear(&plain);
	tls_conn_free(&t);
	server_free(&s);
}

static void test_alert_names(void **state)
{
	(void)state;
	assert_string_equal(tls_alert_name(-1), "");
	assert_string_equal(tls_alert_name(40), "handshake_failure");
	assert_string_equal(tls_alert_name(70), "protocol_version");
	assert_string_equal(tls_alert_name(112), "unrecognized_name");
	assert_string_equal(tls_alert_name(250), "unassigned");
}

static void test_sni(void **state)
{
	(void)state;
	struct tls_conn *t = tls_conn_new(&(struct tls_offer){ "192.0.2.7", 0, 0 });
	assert_string_equal(tls_conn_report(t)->sni, "");
	tls_conn_free(&t);
	t = tls_conn_new(&(struct tls_offer){ "mx.example", 0, 0 });
	assert_string_equal(tls_conn_report(t)->sni, "mx.example");
	tls_conn_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shake),     cmocka_unit_test(test_alert_after_done),
		cmocka_unit_test(test_strangers), cmocka_unit_test(test_flood),
		cmocka_unit_test(test_data),      cmocka_unit_test(test_alert_names),
		cmocka_unit_test(test_sni),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

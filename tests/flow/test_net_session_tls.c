/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions over TLS, by STARTTLS and from the first byte, and what servers say instead of it. */
#include <string.h>
#include <unistd.h>

#include "tests/flow/session_server.h"

static void starttls_with(int fd, const char *reply, SSL_CTX *ctx)
{
	char line[200];
	say(fd, "220 mx.example ESMTP\r\n");
	(void)hear(fd, line, sizeof(line));
	say(fd, "250-mx.example\r\n250 STARTTLS\r\n");
	(void)hear(fd, line, sizeof(line));
	say(fd, reply);
	if (!ctx)
		return;
	SSL *ssl = accept_tls(ctx, fd);
	int n = SSL_read(ssl, line, sizeof(line));
	if (n > 0)
		SSL_write(ssl, "250 SIZE 1000\r\n", 15);
	n = SSL_read(ssl, line, sizeof(line));
	if (n > 0)
		SSL_write(ssl, "221 bye\r\n", 9);
	SSL_free(ssl);
}

static void starttls(int fd)
{
	starttls_with(fd, "220 go\r\n", plain_ctx);
}

static void starttls_injected(int fd)
{
	starttls_with(fd, "220 go\r\n250 injected\r\n", plain_ctx);
}

static void starttls_refused_in_clear(int fd)
{
	starttls_with(fd, "220 go\r\n", NULL);
	usleep(20000);
	say(fd, "454 4.7.0 TLS not available\r\n");
	char line[1000];
	(void)hear(fd, line, sizeof(line));
}

static void starttls_wants_cert(int fd)
{
	starttls_with(fd, "220 go\r\n", asking_ctx);
}

static struct session *until_tls(const struct server *srv)
{
	struct err e = { 0 };
	struct session_options o = options(srv);
	o.security = SESSION_STARTTLS;
	struct session *s = session_open(loop, &o);
	assert_int_equal(session_wait(s, 0), SESSION_CONNECTED);
	assert_int_equal(session_wait(s, 0), SESSION_REPLY);
	assert_true(smtp_client_ehlo(session_client(s), "here.example", &e));
	assert_int_equal(session_wait(s, 0), SESSION_REPLY);
	assert_true(smtp_client_starttls(session_client(s), &e));
	assert_int_equal(session_wait(s, 0), SESSION_START_TLS);
	session_start_tls(s);
	assert_int_equal(session_wait(s, 0), SESSION_TLS_ENDED);
	return s;
}

static void test_starttls(void **state)
{
	(void)state;
	struct server srv;
	struct err e = { 0 };
	server_start(&srv, starttls);
	CLEANUP(session_free) struct session *s = until_tls(&srv);
	assert_int_equal(session_tls(s)->result, TLS_OK);
	assert_string_equal(session_tls(s)->version, "TLSv1.3");
	assert_int_equal(session_tls(s)->nchain, 1);
	assert_int_equal(session_injected(s).len, 0);
	assert_null(smtp_client_ehlo_answer(session_client(s)));
	assert_true(smtp_client_ehlo(session_client(s), "here.example", &e));
	assert_int_equal(session_wait(s, 0), SESSION_REPLY);
	assert_int_equal(smtp_client_reply(session_client(s))->code, 250);
	session_quit(s, SESSION_AWAIT_221);
	server_stop(&srv);
}

static void test_injected(void **state)
{
	(void)state;
	struct server srv;
	struct err e = { 0 };
	server_start(&srv, starttls_injected);
	CLEANUP(session_free) struct session *s = until_tls(&srv);
	assert_int_equal(session_tls(s)->result, TLS_OK);
	assert_true(str_eq(session_injected(s), "250 injected\r\n"));
	assert_true(smtp_client_ehlo(session_client(s), "here.example", &e));
	assert_int_equal(session_wait(s, 0), SESSION_REPLY);
	assert_string_equal(smtp_client_ehlo_answer(session_client(s))->name, "SIZE");
	session_quit(s, SESSION_AWAIT_221);
	server_stop(&srv);
}

static void test_not_tls(void **state)
{
	(void)state;
	struct server srv;
	server_start(&srv, starttls_refused_in_clear);
	struct session *s = until_tls(&srv);
	assert_int_equal(session_tls(s)->result, TLS_NOT_TLS);
	assert_string_equal(session_tls(s)->first_bytes, "454 4.7.0 TLS not available\\x0d\\x0a");
	assert_int_equal(session_tls(s)->alert_sent, -1);
	session_free(&s);
	server_stop(&srv);
}

static void test_late_alert(void **state)
{
	(void)state;
	struct server srv;
	struct err e = { 0 };
	server_start(&srv, starttls_wants_cert);
	struct session *s = until_tls(&srv);
	if (session_tls(s)->result == TLS_OK) {
		assert_true(smtp_client_ehlo(session_client(s), "here.example", &e));
		assert_int_equal(session_wait(s, 0), SESSION_TLS_ENDED);
	}
	assert_int_equal(session_tls(s)->result, TLS_ALERT);
	assert_int_equal(session_tls(s)->alert_received, 116);
	assert_true(session_tls(s)->cert_requested);
	session_free(&s);
	server_stop(&srv);
}

static const struct {
	struct script script;
	bool raw;
	enum tls_result result;
	const char *bytes; /* after the handshake, or instead of it */
} implicit_cases[] = {
	{ { "TLS at once", implicit }, false, TLS_OK, "" },
	{ { "TLS at once, raw", implicit }, true, TLS_OK, "220 mx.example\r\n" },
	{ { "in clear", greet_in_clear }, false, TLS_NOT_TLS, "" },
	{ { "closed", half_a_reply }, false, TLS_NOT_TLS, "" },
	{ { "reset", only_reset }, false, TLS_RESET, "" },
	{ { "silent", silent }, false, TLS_TIMEOUT, "" },
};

static void test_implicit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(implicit_cases); i++) {
		struct server srv;
		print_message("  %s\n", implicit_cases[i].script.name);
		server_start(&srv, implicit_cases[i].script.run);
		struct session_options o = options(&srv);
		o.security = SESSION_TLS;
		o.handshake_ms = 300;
		o.raw = implicit_cases[i].raw;
		struct session *s = session_open(loop, &o);
		assert_int_equal(session_wait(s, 0), SESSION_CONNECTED);
		assert_int_equal(session_wait(s, 0), SESSION_TLS_ENDED);
		assert_string_equal(tls_result_name(session_tls(s)->result),
				    tls_result_name(implicit_cases[i].result));
		if (session_tls(s)->result == TLS_OK)
			assert_int_equal(session_wait(s, 0), o.raw ? SESSION_IDLE : SESSION_REPLY);
		assert_true(str_eq(session_raw(s), implicit_cases[i].bytes));
		session_free(&s);
		server_stop(&srv);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starttls), cmocka_unit_test(test_injected),
		cmocka_unit_test(test_not_tls),  cmocka_unit_test(test_late_alert),
		cmocka_unit_test(test_implicit),
	};
	return cmocka_run_group_tests(tests, sessions_begin, sessions_end);
}

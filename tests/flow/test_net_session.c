/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions against a server in a thread that does one scripted thing a connection. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/session.h"
#include "tests/unit/made_cert.h"

struct script {
	const char *name;
	void (*run)(int fd);
};

struct server {
	int fd;
	unsigned port;
	void (*run)(int fd);
	pthread_t thread;
};

static SSL_CTX *plain_ctx, *asking_ctx;
static struct made cert;
static struct net_loop *loop;

static void say(int fd, const char *text)
{
	(void)!write(fd, text, strlen(text));
}

/* Reads up to a line's end; what came is in line. */
static bool hear(int fd, char *line, size_t size)
{
	size_t n = 0;
	while (n + 1 < size && read(fd, line + n, 1) == 1)
		if (line[n++] == '\n')
			break;
	line[n] = 0;
	return n > 0;
}

static void close_hard(int fd)
{
	struct linger l = { 1, 0 };
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

static void *serve(void *arg)
{
	struct server *s = arg;
	int fd = accept(s->fd, NULL, NULL);
	if (fd >= 0) {
		s->run(fd);
		close(fd);
	}
	return NULL;
}

static void server_start(struct server *s, void (*run)(int fd))
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	s->run = run;
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(s->fd, 4), 0);
	getsockname(s->fd, (struct sockaddr *)&sa, &len);
	s->port = ntohs(sa.sin_port);
	if (run)
		assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
	if (s->run)
		pthread_join(s->thread, NULL);
	close(s->fd);
}

static uint64_t in_ms(uint64_t ms)
{
	return net_loop_now_ms(loop) + ms;
}

static struct session_options options(const struct server *s)
{
	return (struct session_options){ .address = "127.0.0.1",
					 .port = s->port,
					 .offer = { .sni = "mx.example" },
					 .until_ms = in_ms(5000) };
}

static void greet_and_close(int fd)
{
	say(fd, "220 mx.example ESMTP\r\n");
	char line[100];
	(void)hear(fd, line, sizeof(line));
	say(fd, "250-mx.example\r\n250 STARTTLS\r\n");
	(void)hear(fd, line, sizeof(line));
	say(fd, "221 2.0.0 bye\r\n");
}

static void test_plain_dialogue(void **state)
{
	(void)state;
	struct server srv;
	struct err e = { 0 };
	server_start(&srv, greet_and_close);
	struct session_options o = options(&srv);
	CLEANUP(session_free) struct session *s = session_open(loop, &o);
	assert_int_equal(session_wait(s, 0), SESSION_CONNECTED);
	assert_string_equal(session_local_address(s), "127.0.0.1");
	assert_int_equal(session_wait(s, 0), SESSION_REPLY);
	assert_int_equal(smtp_client_reply(session_client(s))->code, 220);
	assert_int_equal(session_wait(s, 0), SESSION_IDLE);
	assert_true(smtp_client_ehlo(session_client(s), "here.example", &e));
	assert_int_equal(session_wait(s, 0), SESSION_REPLY);
	assert_int_equal(smtp_client_command(session_client(s)), SMTP_CMD_EHLO);
	assert_true(session_received(s) > 0);
	assert_int_equal(session_raw(s).len, 0);
	session_quit(s, SESSION_AWAIT_221);
	uint64_t at, last = 0;
	char dir;
	const char *line;
	struct strlist said = { 0 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	while (session_spoken(s, &at, &dir, &line)) {
		assert_true(at >= last);
		last = at;
		strlist_add(&said, a, arena_printf(a, "%c %s", dir, line));
	}
	assert_true(strlist_has(&said, "> EHLO here.example") && strlist_has(&said, "> QUIT") &&
		    strlist_has(&said, "< 221 2.0.0 bye"));
	server_stop(&srv);
}

static void refuse_then_reset(int fd)
{
	say(fd, "554 no\r\n");
	close_hard(fd);
}

static void only_reset(int fd)
{
	usleep(20000);
	close_hard(fd);
}

static void only_close(int fd)
{
	shutdown(fd, SHUT_WR);
	char line[10];
	(void)hear(fd, line, sizeof(line));
}

static void half_a_reply(int fd)
{
	say(fd, "220-mx.ex");
}

static void http(int fd)
{
	say(fd, "HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n");
}

static const struct {
	struct script script;
	enum session_event events[3];
	const char *raw;
} ends[] = {
	{ { "reset after a reply", refuse_then_reset }, { SESSION_REPLY, SESSION_RESET }, "" },
	{ { "reset", only_reset }, { SESSION_RESET }, "" },
	{ { "closed", only_close }, { SESSION_EOF }, "" },
	{ { "closed in a reply", half_a_reply }, { SESSION_EOF }, "220-mx.ex" },
	{ { "another protocol", http }, { SESSION_BROKEN }, "HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n" },
};

static void test_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct server srv;
		print_message("  %s\n", ends[i].script.name);
		server_start(&srv, ends[i].script.run);
		struct session_options o = options(&srv);
		struct session *s = session_open(loop, &o);
		assert_int_equal(session_wait(s, 0), SESSION_CONNECTED);
		net_loop_sleep(loop, in_ms(30)); /* so that the last words and the reset come together */
		for (size_t k = 0; k < 3 && (k == 0 || ends[i].events[k]); k++)
			assert_int_equal(session_listen(s, 0), ends[i].events[k]);
		assert_true(str_eq(session_raw(s), ends[i].raw));
		if (ends[i].events[0] == SESSION_RESET)
			assert_int_equal(session_errno(s), ECONNRESET);
		session_free(&s);
		server_stop(&srv);
	}
}

static void test_connect_fails(void **state)
{
	(void)state;
	struct server srv;
	server_start(&srv, NULL);
	close(srv.fd); /* nobody listens on its port now */
	struct session_options o = options(&srv);
	struct session *s = session_open(loop, &o);
	assert_int_equal(session_wait(s, 0), SESSION_CONNECT_FAILED);
	assert_int_equal(session_errno(s), ECONNREFUSED);
	session_free(&s);
	o.bind = "::1";
	s = session_open(loop, &o);
	assert_int_equal(session_wait(s, 0), SESSION_CONNECT_FAILED);
	assert_int_equal(session_errno(s), EAFNOSUPPORT);
	session_free(&s);
	o.address = "mx.example";
	s = session_open(loop, &o);
	assert_int_equal(session_wait(s, 0), SESSION_CONNECT_FAILED);
	assert_int_equal(session_errno(s), EINVAL);
	session_free(&s);
}

static void silent(int fd)
{
	char line[100];
	while (read(fd, line, sizeof(line)) > 0) /* ends when the client goes */
		continue;
}

/* A wait that ends is not the end of the session; the step's own deadline comes once. */
static void test_timeouts(void **state)
{
	(void)state;
	struct server srv;
	server_start(&srv, silent);
	struct session_options o = options(&srv);
	o.client.timeout_ms[SMTP_CMD_CONNECT] = 120;
	uint64_t from = net_loop_now_ms(loop);
	struct session *s = session_open(loop, &o);
	assert_int_equal(session_wait(s, 0), SESSION_CONNECTED);
	assert_int_equal(session_wait(s, in_ms(30)), SESSION_TIMEOUT);
	assert_true(net_loop_now_ms(loop) - from < 100);
	assert_int_equal(session_wait(s, 0), SESSION_TIMEOUT);
	assert_true(net_loop_now_ms(loop) - from >= 120);
	assert_int_equal(session_received(s), 0);
	session_free(&s);
	server_stop(&srv);
}

static SSL *accept_tls(SSL_CTX *ctx, int fd)
{
	SSL *ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	SSL_accept(ssl);
	return ssl;
}

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

static void implicit(int fd)
{
	SSL *ssl = accept_tls(plain_ctx, fd);
	char line[100];
	SSL_write(ssl, "220 mx.example\r\n", 16);
	(void)SSL_read(ssl, line, sizeof(line));
	SSL_free(ssl);
}

static void greet_in_clear(int fd)
{
	say(fd, "220 mx.example ESMTP\r\n");
	char line[1000];
	(void)hear(fd, line, sizeof(line));
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

static void test_raw(void **state)
{
	(void)state;
	struct server srv;
	server_start(&srv, greet_in_clear);
	struct session_options o = options(&srv);
	o.raw = true;
	struct session *s = session_open(loop, &o);
	assert_int_equal(session_wait(s, 0), SESSION_CONNECTED);
	assert_int_equal(session_wait(s, in_ms(1000)), SESSION_IDLE);
	assert_true(str_eq(session_raw(s), "220 mx.example ESMTP\r\n"));
	assert_int_equal(session_wait(s, in_ms(30)), SESSION_TIMEOUT);
	session_free(&s);
	server_stop(&srv);
}

enum { BODY_BYTES = 3 << 20 };
static size_t body_seen;

static void take_body(int fd)
{
	char line[65536];
	ssize_t n;
	say(fd, "220 mx\r\n");
	(void)hear(fd, line, sizeof(line));
	say(fd, "250 mx\r\n");
	for (int i = 0; i < 2; i++) {
		(void)hear(fd, line, sizeof(line));
		say(fd, "250 ok\r\n");
	}
	(void)hear(fd, line, sizeof(line));
	say(fd, "354 go\r\n");
	usleep(50000); /* the client's socket fills up meanwhile */
	for (body_seen = 0; body_seen < BODY_BYTES + 3 && (n = read(fd, line, sizeof(line))) > 0;)
		body_seen += (size_t)n;
	say(fd, "250 queued\r\n");
	(void)hear(fd, line, sizeof(line));
}

static void expect_code(struct session *s, unsigned code)
{
	assert_int_equal(session_wait(s, 0), SESSION_REPLY);
	assert_int_equal(smtp_client_reply(session_client(s))->code, code);
}

static void test_body(void **state)
{
	(void)state;
	struct server srv;
	struct err e = { 0 };
	server_start(&srv, take_body);
	struct session_options o = options(&srv);
	CLEANUP(session_free) struct session *s = session_open(loop, &o);
	struct smtp_client *c = session_client(s);
	assert_int_equal(session_wait(s, 0), SESSION_CONNECTED);
	expect_code(s, 220);
	assert_true(smtp_client_ehlo(c, "here.example", &e));
	expect_code(s, 250);
	assert_true(smtp_client_mail(c, "a@here.example", NULL, &e));
	expect_code(s, 250);
	assert_true(smtp_client_rcpt(c, "b@mx.example", NULL, NULL, &e));
	expect_code(s, 250);
	assert_true(smtp_client_data(c, &e));
	expect_code(s, 354);
	CLEANUP(mem_free) char *body = mem_alloc(BODY_BYTES);
	memset(body, 'x', BODY_BYTES);
	for (size_t i = 64; i < BODY_BYTES; i += 64)
		memcpy(body + i - 2, "\r\n", 2);
	memcpy(body + BODY_BYTES - 2, "\r\n", 2);
	struct str rest = { body, BODY_BYTES };
	while (rest.len) {
		size_t took;
		assert_true(smtp_client_body(c, rest, &took, &e));
		rest = str_cut(rest, took, rest.len);
		assert_true(session_flush(s, 0));
	}
	assert_true(smtp_client_body_end(c, &e));
	expect_code(s, 250);
	assert_true(body_seen == BODY_BYTES + 3);
	session_quit(s, SESSION_AWAIT_221);
	server_stop(&srv);
}

/* Two dialogues at once: while one is waited for, the other's greeting comes in. */
static void test_side_by_side(void **state)
{
	(void)state;
	struct server one, two;
	server_start(&one, greet_in_clear);
	server_start(&two, implicit);
	struct session_options o1 = options(&one), o2 = options(&two);
	o2.security = SESSION_TLS;
	CLEANUP(session_free) struct session *a = session_open(loop, &o1);
	CLEANUP(session_free) struct session *b = session_open(loop, &o2);
	assert_int_equal(session_wait(a, 0), SESSION_CONNECTED);
	assert_int_equal(session_wait(a, 0), SESSION_REPLY);
	net_loop_sleep(loop, in_ms(100));
	uint64_t now = net_loop_now_ms(loop);
	assert_int_equal(session_wait(b, now), SESSION_CONNECTED);
	assert_int_equal(session_wait(b, now), SESSION_TLS_ENDED);
	assert_int_equal(session_wait(b, now), SESSION_REPLY);
	session_free(&a);
	session_free(&b);
	server_stop(&one);
	server_stop(&two);
}

static SSL_CTX *make_ctx(int verify)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(c, cert.x);
	SSL_CTX_use_PrivateKey(c, cert.key);
	SSL_CTX_set_verify(c, verify, NULL);
	return c;
}

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	cert = made_new(&(struct made_spec){ .cn = "x", .san = "DNS:mx.example" }, NULL);
	plain_ctx = make_ctx(SSL_VERIFY_NONE);
	asking_ctx = make_ctx(SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
	loop = net_loop_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	net_loop_free(&loop);
	SSL_CTX_free(plain_ctx);
	SSL_CTX_free(asking_ctx);
	made_free(&cert);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_dialogue), cmocka_unit_test(test_ends),
		cmocka_unit_test(test_connect_fails),  cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_starttls),       cmocka_unit_test(test_injected),
		cmocka_unit_test(test_not_tls),        cmocka_unit_test(test_late_alert),
		cmocka_unit_test(test_implicit),       cmocka_unit_test(test_raw),
		cmocka_unit_test(test_body),           cmocka_unit_test(test_side_by_side),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions against a server in a thread that does one scripted thing a connection. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/flow/session_server.h"

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

static void only_close(int fd)
{
	shutdown(fd, SHUT_WR);
	char line[10];
	(void)hear(fd, line, sizeof(line));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_dialogue),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_connect_fails),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_side_by_side),
	};
	return cmocka_run_group_tests(tests, sessions_begin, sessions_end);
}

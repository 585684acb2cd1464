/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches from a web server in a thread; the path says what it does. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/http.h"
#include "tests/unit/made_cert.h"

struct web {
	int fd;
	unsigned port;
	bool tls, stop;
	SSL_CTX *ctx;
	pthread_t thread;
	char asked[4096]; /* the last request */
};

static struct net_loop *loop;
static struct dns *dns;
static struct arena *arena;
static struct web secure, clear;
static const char *ca_file, *other_ca_file, *hosts_file;
static struct made cert, other;

static void respond(SSL *ssl, int fd, const char *text, size_t n)
{
	if (ssl)
		SSL_write(ssl, text, (int)n);
	else
		(void)!write(fd, text, n);
}

static bool asks(const struct web *w, const char *path)
{
	const char *at = strchr(w->asked, ' ');
	return at && !strncmp(at + 1, path, strlen(path));
}

static void answer(struct web *w, SSL *ssl, int fd)
{
	char text[600];
	if (asks(w, "/slow"))
		usleep(700000);
	if (asks(w, "/close"))
		return;
	snprintf(text, sizeof(text),
		 "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 08:49:38 GMT\r\n"
		 "Content-Type: text/plain\r\nConnection: close\r\n\r\n");
	if (asks(w, "/moved"))
		snprintf(text, sizeof(text),
			 "HTTP/1.1 301 M\r\nLocation: https://other.example:%u/there\r\nConnection: "
			 "close\r\n\r\n",
			 w->port);
	if (asks(w, "/ring"))
		snprintf(text, sizeof(text),
			 "HTTP/1.1 302 M\r\nLocation: /ring\r\nConnection: close\r\n\r\n");
	if (asks(w, "/downgrade"))
		snprintf(text, sizeof(text),
			 "HTTP/1.1 302 M\r\nLocation: http://mx.example/\r\n"
			 "Connection: close\r\n\r\n");
	if (asks(w, "/missing"))
		snprintf(text, sizeof(text), "HTTP/1.1 404 No\r\nConnection: close\r\n\r\nno");
	respond(ssl, fd, text, strlen(text));
	if (asks(w, "/big"))
		for (int i = 0; i < 1000; i++)
			respond(ssl, fd, w->asked + sizeof(w->asked) - 1024, 1024);
	else if (!strstr(text, "Location") && !asks(w, "/missing"))
		respond(ssl, fd, "hello", 5);
}

static void serve_one(struct web *w, int fd)
{
	SSL *ssl = NULL;
	if (w->tls) {
		ssl = SSL_new(w->ctx);
		SSL_set_fd(ssl, fd);
	}
	memset(w->asked, 0, sizeof(w->asked));
	if (!ssl || SSL_accept(ssl) == 1) {
		int n = ssl ? SSL_read(ssl, w->asked, 2048) : (int)read(fd, w->asked, 2048);
		if (n > 0)
			answer(w, ssl, fd);
		if (ssl)
			SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	close(fd);
}

static void *serve(void *arg)
{
	struct web *w = arg;
	int fd;
	while ((fd = accept(w->fd, NULL, NULL)) >= 0 && !w->stop)
		serve_one(w, fd);
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void web_start(struct web *w, bool tls)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	w->tls = tls;
	w->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(w->fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(w->fd, 8), 0);
	getsockname(w->fd, (struct sockaddr *)&sa, &len);
	w->port = ntohs(sa.sin_port);
	w->ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(w->ctx, cert.x);
	SSL_CTX_use_PrivateKey(w->ctx, cert.key);
	assert_int_equal(pthread_create(&w->thread, NULL, serve, w), 0);
}

static void web_stop(struct web *w)
{
	w->stop = true;
	shutdown(w->fd, SHUT_RDWR);
	pthread_join(w->thread, NULL);
	close(w->fd);
	SSL_CTX_free(w->ctx);
}

enum trust { TRUSTED, UNTRUSTED };

static const struct fetch_case {
	const char *name, *scheme, *host, *path;
	enum trust trust;
	bool no_redirects, allow_http;
	uint64_t timeout_ms;
	enum http_result result;
	long status;
	size_t bytes;
} cases[] = {
	{ "good", "https", "mx.example", "/", TRUSTED, false, false, 0, HTTP_OK, 200, 5 },
	{ "not found", "https", "mx.example", "/missing", TRUSTED, false, false, 0, HTTP_OK, 404, 2 },
	{ "redirect", "https", "mx.example", "/moved", TRUSTED, false, false, 0, HTTP_OK, 200, 5 },
	{ "redirect forbidden", "https", "mx.example", "/moved", TRUSTED, true, false, 0, HTTP_REDIRECT, 301,
	  0 },
	{ "redirect without end", "https", "mx.example", "/ring", TRUSTED, false, false, 0, HTTP_REDIRECT,
	  302, 0 },
	{ "redirect into clear", "https", "mx.example", "/downgrade", TRUSTED, false, false, 0, HTTP_REDIRECT,
	  302, 0 },
	{ "unknown issuer", "https", "mx.example", "/", UNTRUSTED, false, false, 0, HTTP_CERTIFICATE, 0, 0 },
	{ "another name", "https", "wrong.example", "/", TRUSTED, false, false, 0, HTTP_CERTIFICATE, 0, 0 },
	{ "no such name", "https", "none.localhost.example", "/", TRUSTED, false, false, 0, HTTP_DNS, 0, 0 },
	{ "slow", "https", "mx.example", "/slow", TRUSTED, false, false, 300, HTTP_TIMED_OUT, 0, 0 },
	{ "closed", "https", "mx.example", "/close", TRUSTED, false, false, 0, HTTP_FAILED, 0, 0 },
	{ "too big", "https", "mx.example", "/big", TRUSTED, false, false, 0, HTTP_OK, 200, HTTP_BODY_MAX },
	{ "clear is not wanted", "http", "mx.example", "/", TRUSTED, false, false, 0, HTTP_FAILED, 0, 0 },
	{ "clear is allowed", "http", "mx.example", "/", TRUSTED, false, true, 0, HTTP_OK, 200, 5 },
	{ "clear instead of TLS", "https", "clear.example", "/", TRUSTED, false, false, 0, HTTP_TLS, 0, 0 },
	{ "literal address", "http", "127.0.0.1", "/", TRUSTED, false, true, 0, HTTP_OK, 200, 5 },
};

static void check_case(const struct fetch_case *c)
{
	bool in_clear = !strcmp(c->scheme, "http") || !strcmp(c->host, "clear.example");
	const char *url = arena_printf(arena, "%s://%s:%u%s", c->scheme, c->host,
				       in_clear ? clear.port : secure.port, c->path);
	struct http_options o = { .url = url,
				  .ca_file = c->trust == TRUSTED ? ca_file : other_ca_file,
				  .no_redirects = c->no_redirects,
				  .allow_http = c->allow_http,
				  .timeout_ms = c->timeout_ms };
	CLEANUP(http_free) struct http_request *r = http_start(loop, dns, &o);
	const struct http_answer *a = http_wait(r, net_loop_now_ms(loop) + 8000);
	assert_non_null(a);
	print_message("  %s: %s %ld %s\n", c->name, http_result_name(a->result), a->status, a->error);
	assert_string_equal(http_result_name(a->result), http_result_name(c->result));
	assert_int_equal(a->status, c->status);
	assert_int_equal(a->body.len, c->bytes);
	if (a->result == HTTP_OK && c->bytes == 5) {
		assert_string_equal(a->date, "Sat, 21 Nov 2026 08:49:38 GMT");
		assert_string_equal(a->content_type, "text/plain");
	}
}

static void test_fetch(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

static void test_form(void **state)
{
	(void)state;
	const char *url = arena_printf(arena, "https://mx.example:%u/token", secure.port);
	struct http_options o = { .url = url, .ca_file = ca_file, .form = "grant_type=x&a=b%26c" };
	CLEANUP(http_free) struct http_request *r = http_start(loop, dns, &o);
	const struct http_answer *a = http_wait(r, net_loop_now_ms(loop) + 5000);
	assert_non_null(a);
	assert_int_equal(a->result, HTTP_OK);
	assert_true(z_istarts(secure.asked, "POST /token "));
	assert_true(z_ihas(secure.asked, "content-type: application/x-www-form-urlencoded"));
	assert_true(z_iends(secure.asked, "\r\n\r\ngrant_type=x&a=b%26c"));
}

static void test_headers(void **state)
{
	static const char *const headers[] = { "Content-Type: application/json", "X-Mark: yes", NULL };
	(void)state;
	const char *url = arena_printf(arena, "https://mx.example:%u/hook", secure.port);
	struct http_options o = { .url = url, .ca_file = ca_file, .form = "{\"a\":1}", .headers = headers };
	CLEANUP(http_free) struct http_request *r = http_start(loop, dns, &o);
	const struct http_answer *a = http_wait(r, net_loop_now_ms(loop) + 5000);
	assert_non_null(a);
	assert_int_equal(a->result, HTTP_OK);
	assert_true(z_ihas(secure.asked, "content-type: application/json"));
	assert_false(z_ihas(secure.asked, "urlencoded"));
	assert_true(z_ihas(secure.asked, "x-mark: yes"));
	assert_true(z_iends(secure.asked, "\r\n\r\n{\"a\":1}"));
}

/* Freed while a thread has it: nothing is touched afterwards. */
static void test_cancel(void **state)
{
	(void)state;
	const char *url = arena_printf(arena, "https://mx.example:%u/slow", secure.port);
	struct http_options o = { .url = url, .ca_file = ca_file };
	struct http_request *r = http_start(loop, dns, &o);
	assert_null(http_wait(r, net_loop_now_ms(loop) + 100));
	http_free(&r);
	assert_null(r);
	r = http_start(loop, dns, &o);
	http_free(&r); /* never waited for */
}

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	arena = arena_new();
	time_t now = time(NULL);
	struct made_spec spec = { .cn = "x", .san = "DNS:mx.example,DNS:other.example,DNS:clear.example" };
	spec.from_days = (now - MADE_NOW) / 86400 - 2;
	spec.to_days = spec.from_days + 10;
	cert = made_new(&spec, NULL);
	other = made_new(&spec, NULL);
	ca_file = made_pem_file(&cert, arena);
	other_ca_file = made_pem_file(&other, arena);
	char *hosts = arena_strdup(arena, "/tmp/postrider-hosts-XXXXXX");
	static const char text[] = "127.0.0.1 mx.example other.example wrong.example clear.example\n";
	int fd = mkstemp(hosts);
	bool wrote = fd >= 0 && write(fd, text, sizeof(text) - 1) == sizeof(text) - 1;
	close(fd);
	hosts_file = hosts;
	loop = net_loop_new();
	struct err e = { 0 }; /* nobody answers on port 9: names outside the file do not resolve */
	dns = dns_new(loop, &(struct dns_options){ .resolver = "127.0.0.1:9", .hosts_file = hosts_file }, &e);
	web_start(&secure, true);
	web_start(&clear, false);
	return dns && wrote ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	dns_free(&dns);
	net_loop_free(&loop);
	web_stop(&secure);
	web_stop(&clear);
	unlink(ca_file);
	unlink(other_ca_file);
	unlink(hosts_file);
	made_free(&cert);
	made_free(&other);
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_cancel),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flow/session_server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/made_cert.h"

SSL_CTX *plain_ctx, *asking_ctx;
struct net_loop *loop;
static struct made cert;

void say(int fd, const char *text)
{
	(void)!write(fd, text, strlen(text));
}

bool hear(int fd, char *line, size_t size)
{
	size_t n = 0;
	while (n + 1 < size && read(fd, line + n, 1) == 1)
		if (line[n++] == '\n')
			break;
	line[n] = 0;
	return n > 0;
}

void close_hard(int fd)
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

void server_start(struct server *s, void (*run)(int fd))
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

void server_stop(struct server *s)
{
	if (s->run)
		pthread_join(s->thread, NULL);
	close(s->fd);
}

uint64_t in_ms(uint64_t ms)
{
	return net_loop_now_ms(loop) + ms;
}

struct session_options options(const struct server *s)
{
	return (struct session_options){ .address = "127.0.0.1",
					 .port = s->port,
					 .offer = { .sni = "mx.example" },
					 .until_ms = in_ms(5000) };
}

void only_reset(int fd)
{
	usleep(20000);
	close_hard(fd);
}

void half_a_reply(int fd)
{
	say(fd, "220-mx.ex");
}

void silent(int fd)
{
	char line[100];
	while (read(fd, line, sizeof(line)) > 0) /* ends when the client goes */
		continue;
}

void greet_in_clear(int fd)
{
	say(fd, "220 mx.example ESMTP\r\n");
	char line[1000];
	(void)hear(fd, line, sizeof(line));
}

SSL *accept_tls(SSL_CTX *ctx, int fd)
{
	SSL *ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	SSL_accept(ssl);
	return ssl;
}

void implicit(int fd)
{
	SSL *ssl = accept_tls(plain_ctx, fd);
	char line[100];
	SSL_write(ssl, "220 mx.example\r\n", 16);
	(void)SSL_read(ssl, line, sizeof(line));
	SSL_free(ssl);
}

static SSL_CTX *make_ctx(int verify)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(c, cert.x);
	SSL_CTX_use_PrivateKey(c, cert.key);
	SSL_CTX_set_verify(c, verify, NULL);
	return c;
}

int sessions_begin(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	cert = made_new(&(struct made_spec){ .cn = "x", .san = "DNS:mx.example" }, NULL);
	plain_ctx = make_ctx(SSL_VERIFY_NONE);
	asking_ctx = make_ctx(SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
	loop = net_loop_new();
	return 0;
}

int sessions_end(void **state)
{
	(void)state;
	net_loop_free(&loop);
	SSL_CTX_free(plain_ctx);
	SSL_CTX_free(asking_ctx);
	made_free(&cert);
	return 0;
}

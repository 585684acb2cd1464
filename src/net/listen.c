/* SPDX-License-Identifier: Apache-2.0 */
#include "net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "net/watch.h"

enum { ADDRESS_BYTES = 80 };

struct listen {
	int fd, spare; /* spare: given up to answer one more; -1 none */
	char address[ADDRESS_BYTES];
	unsigned port;
	struct net_loop *loop;
	struct net_watch *watch;
	struct net_timer *pause;
	const struct listen_events *ev;
	void *user;
};

static void free_addrinfo(struct addrinfo **a)
{
	if (*a)
		freeaddrinfo(*a);
}

/* "HOST:PORT" with a numeric host, "[V6]:PORT" or "*:PORT". */
static bool split(const char *where, char host[ADDRESS_BYTES], const char **port)
{
	const char *colon = strrchr(where, ':');
	struct str s = { where, colon ? (size_t)(colon - where) : 0 };
	if (s.len >= 2 && s.p[0] == '[' && s.p[s.len - 1] == ']')
		s = str_cut(s, 1, s.len - 1);
	else if (memchr(s.p, ':', s.len))
		return false;
	if (!s.len || s.len >= ADDRESS_BYTES || !colon[1])
		return false;
	snprintf(host, ADDRESS_BYTES, STR_FMT, STR_ARG(s));
	*port = colon + 1;
	return true;
}

static struct addrinfo *numeric(const char *where, bool *any)
{
	char host[ADDRESS_BYTES];
	const char *port;
	struct addrinfo *ai = NULL;
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				  .ai_socktype = SOCK_STREAM };
	if (!split(where, host, &port))
		return NULL;
	*any = !strcmp(host, "*");
	return getaddrinfo(*any ? "::" : host, port, &hints, &ai) == 0 ? ai : NULL;
}

static const char *mend_of(int number)
{
	if (number == EADDRINUSE)
		return "another program listens there: stop it, or choose another port";
	if (number == EACCES)
		return "ports below 1024 want root or CAP_NET_BIND_SERVICE";
	return number == EADDRNOTAVAIL ? "this machine does not have that address" : strerror(number);
}

/* IPv4 alone where the kernel has no IPv6. */
static int open_socket(const struct addrinfo *ai, bool any)
{
	int on = 1, only = !any;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* each connection has it from here */
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
		return fd;
	int number = errno;
	close(fd);
	errno = number;
	return -1;
}

static void keep_address(struct listen *l)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char host[INET6_ADDRSTRLEN + 1], port[16];
	if (getsockname(l->fd, (struct sockaddr *)&sa, &len) ||
	    getnameinfo((struct sockaddr *)&sa, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	l->port = (unsigned)strtoul(port, NULL, 10);
	snprintf(l->address, sizeof(l->address), sa.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static int take_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void drop_spare(struct listen *l)
{
	if (l->spare >= 0)
		close(l->spare);
	l->spare = -1;
}

struct listen *listen_bind(const char *where, struct err *e)
{
	bool any = false;
	CLEANUP(free_addrinfo) struct addrinfo *ai = numeric(where, &any);
	if (!ai) {
		ERR_FILL(e, ERR_USAGE, 0, "listen at", "\"%s\"", where);
		err_detail(e, "write an address and a port: \"127.0.0.1:25\", \"[::1]:25\" or \"*:25\"");
		return NULL;
	}
	int fd = open_socket(ai, any);
	if (fd < 0 && any && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
		CLEANUP(mem_free) char *four = mem_printf("0.0.0.0%s", strrchr(where, ':'));
		return listen_bind(four, e);
	}
	if (fd < 0) {
		ERR_FILL(e, ERR_SYS, errno, "listen at", "%s", where);
		err_detail(e, "%s", mend_of(errno));
		return NULL;
	}
	struct listen *l = mem_alloc(sizeof(*l));
	l->fd = fd;
	l->spare = take_spare();
	keep_address(l);
	return l;
}

void listen_output_max(struct listen *l, int bytes)
{
	setsockopt(l->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

static void rest(struct listen *l, int number)
{
	if (number == EAGAIN || number == EINTR || number == ECONNABORTED)
		return;
	net_watch_set(l->watch, 0);
	net_timer_set(l->pause, net_loop_now_ms(l->loop) + LISTEN_PAUSE_MS);
	l->ev->refused(l->user, number);
}

void listen_turn_away(struct listen *l, const char *words)
{
	for (int i = 0; i < LISTEN_ACCEPTS_A_TURN; i++) {
		drop_spare(l);
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			(void)!send(fd, words, strlen(words), MSG_NOSIGNAL);
			close(fd);
		}
		l->spare = take_spare();
		if (fd < 0 || l->spare < 0)
			return;
	}
}

static void on_ready(void *ctx, unsigned what)
{
	struct listen *l = ctx;
	(void)what;
	for (int i = 0; i < LISTEN_ACCEPTS_A_TURN && l->watch; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			rest(l, errno);
			return;
		}
		l->ev->accepted(l->user, fd);
	}
}

static void on_rested(void *ctx)
{
	struct listen *l = ctx;
	net_watch_set(l->watch, NET_READ);
}

void listen_start(struct listen *l, struct net_loop *loop, const struct listen_events *ev, void *user)
{
	l->loop = loop;
	l->ev = ev;
	l->user = user;
	l->watch = net_watch_new(loop, l->fd, on_ready, l);
	l->pause = net_timer_new(loop, on_rested, l);
	net_watch_set(l->watch, NET_READ);
}

void listen_stop(struct listen *l)
{
	net_watch_free(&l->watch);
	net_timer_free(&l->pause);
}

void listen_free(struct listen **lp)
{
	struct listen *l = *lp;
	if (!l)
		return;
	listen_stop(l);
	drop_spare(l);
	close(l->fd);
	mem_free(lp);
}

int listen_release(struct listen **lp)
{
	int fd = (*lp)->fd;
	listen_stop(*lp);
	drop_spare(*lp);
	mem_free(lp);
	return fd;
}

const char *listen_address(const struct listen *l)
{
	return l->address;
}

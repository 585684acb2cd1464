/* SPDX-License-Identifier: Apache-2.0 */
/* From a numeric address to a socket that is connected, or the errno that says why not. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/session_inner.h"

static void free_addrinfo(struct addrinfo **a)
{
	if (*a)
		freeaddrinfo(*a);
}

/* Never asks a name server. */
static struct addrinfo *numeric(const char *address, unsigned port)
{
	char service[16];
	struct addrinfo *ai = NULL;
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	snprintf(service, sizeof(service), "%u", port);
	return getaddrinfo(address, service, &hints, &ai) == 0 ? ai : NULL;
}

static void connect_failed(struct session *s, int number)
{
	s->number = number;
	s->up_ms = net_loop_now_ms(s->loop);
	s->phase = SESSION_AT_OVER;
	s->news |= NEWS_CONNECT_FAILED;
	session_note(s, "cannot connect to %s port %u: %s", s->o.address, s->o.port, strerror(number));
	session_connect_close(s);
}

void session_connect_close(struct session *s)
{
	net_watch_free(&s->watch);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static int bind_local(struct session *s, int family)
{
	CLEANUP(free_addrinfo) struct addrinfo *ai = numeric(s->o.bind, 0);
	if (!ai)
		return EADDRNOTAVAIL;
	if (ai->ai_family != family)
		return EAFNOSUPPORT;
	return bind(s->fd, ai->ai_addr, ai->ai_addrlen) ? errno : 0;
}

static void keep_local(struct session *s)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	if (getsockname(s->fd, (struct sockaddr *)&sa, &len) ||
	    getnameinfo((struct sockaddr *)&sa, len, s->local, sizeof(s->local), NULL, 0, NI_NUMERICHOST))
		s->local[0] = 0;
}

static int start_connecting(struct session *s, const struct addrinfo *ai,
			    void (*ready)(void *ctx, unsigned what))
{
	int on = 1, number;
	s->fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return errno;
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (s->o.bind && (number = bind_local(s, ai->ai_family)))
		return number;
	if (connect(s->fd, ai->ai_addr, ai->ai_addrlen) && errno != EINPROGRESS)
		return errno;
	s->watch = net_watch_new(s->loop, s->fd, ready, s);
	net_watch_set(s->watch, NET_WRITE);
	return 0;
}

void session_connect(struct session *s, void (*ready)(void *ctx, unsigned what))
{
	CLEANUP(free_addrinfo) struct addrinfo *ai = numeric(s->o.address, s->o.port);
	bool allowed = net_guard_allows(net_guard_here(s->loop), s->o.address, s->o.port);
	int number = !allowed ? EPERM : ai ? start_connecting(s, ai, ready) : EINVAL;
	if (number)
		connect_failed(s, number);
}

bool session_connect_look(struct session *s)
{
	int number = 0;
	socklen_t len = sizeof(number);
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &number, &len) == 0 && number == 0) {
		struct sockaddr_storage sa;
		socklen_t sa_len = sizeof(sa);
		if (getpeername(s->fd, (struct sockaddr *)&sa, &sa_len))
			return false; /* not yet */
	}
	if (number == ECONNRESET) { /* a refusal is ECONNREFUSED: this one was up, and may have spoken */
		s->write_number = number;
	} else if (number) {
		connect_failed(s, number);
		return false;
	}
	s->readable = true;
	keep_local(s);
	s->up_ms = net_loop_now_ms(s->loop);
	s->news |= NEWS_CONNECTED;
	session_note(s, "connected to %s port %u", s->o.address, s->o.port);
	s->phase = SESSION_AT_OPEN;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "net/stream.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/watch.h"

struct stream {
	struct net_loop *loop;
	struct net_watch *watch;
	int fd;
	char *where;
	bool ready;
	char piece[STREAM_PIECE_BYTES];
};

struct target {
	struct sockaddr_storage sa;
	socklen_t len;
};

static bool unix_target(const char *path, struct target *t)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&t->sa;
	if (!*path || strlen(path) >= sizeof(un->sun_path))
		return false;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
	t->len = sizeof(*un);
	return true;
}

static bool inet_target(const char *where, struct target *t)
{
	char host[64];
	const char *colon = strrchr(where, ':');
	struct addrinfo *ai = NULL;
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	struct str s = { where, colon ? (size_t)(colon - where) : 0 };
	if (s.len >= 2 && s.p[0] == '[' && s.p[s.len - 1] == ']')
		s = str_cut(s, 1, s.len - 1);
	if (!s.len || s.len >= sizeof(host))
		return false;
	snprintf(host, sizeof(host), STR_FMT, STR_ARG(s));
	if (getaddrinfo(host, colon + 1, &hints, &ai))
		return false;
	memcpy(&t->sa, ai->ai_addr, ai->ai_addrlen);
	t->len = ai->ai_addrlen;
	freeaddrinfo(ai);
	return true;
}

static bool target_of(const char *where, struct target *t, struct err *e)
{
	memset(t, 0, sizeof(*t));
	bool local = !strncmp(where, "unix:", 5);
	if (local ? unix_target(where + 5, t) : inet_target(where, t))
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "connect to", "\"%s\"", where);
	return err_detail(e, "write an address and a port, \"127.0.0.1:11332\", or \"unix:/path\"");
}

static void on_ready(void *ctx, unsigned what)
{
	struct stream *s = ctx;
	(void)what;
	net_watch_set(s->watch, 0);
	s->ready = true;
}

static bool is_ready(void *ctx)
{
	return ((struct stream *)ctx)->ready;
}

static bool wait_for(struct stream *s, unsigned what, uint64_t until_ms, const char *doing, struct err *e)
{
	s->ready = false;
	net_watch_set(s->watch, what);
	if (net_loop_wait(s->loop, is_ready, s, until_ms))
		return true;
	net_watch_set(s->watch, 0);
	return ERR_FILL(e, ERR_SYS, ETIMEDOUT, doing, "%s", s->where);
}

static bool wait_connected(struct stream *s, uint64_t until_ms, struct err *e)
{
	int number = 0;
	socklen_t len = sizeof(number);
	if (!wait_for(s, NET_WRITE, until_ms, "connect to", e))
		return false;
	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &number, &len);
	return !number || ERR_FILL(e, ERR_SYS, number, "connect to", "%s", s->where);
}

static bool start(struct stream *s, const struct target *t, uint64_t until_ms, struct err *e)
{
	int on = 1;
	s->fd = socket(t->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return ERR_FILL(e, ERR_SYS, errno, "connect to", "%s", s->where);
	if (t->sa.ss_family != AF_UNIX)
		setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	int status = connect(s->fd, (const struct sockaddr *)&t->sa, t->len);
	if (status && errno != EINPROGRESS)
		return ERR_FILL(e, ERR_SYS, errno, "connect to", "%s", s->where);
	s->watch = net_watch_new(s->loop, s->fd, on_ready, s);
	return !status || wait_connected(s, until_ms, e);
}

struct stream *stream_open(struct net_loop *l, const char *where, uint64_t until_ms, struct err *e)
{
	struct target t;
	if (!target_of(where, &t, e))
		return NULL;
	struct stream *s = mem_alloc(sizeof(*s));
	s->loop = l;
	s->where = mem_strdup(where);
	if (!start(s, &t, until_ms, e))
		stream_free(&s);
	return s;
}

void stream_free(struct stream **sp)
{
	struct stream *s = *sp;
	if (!s)
		return;
	net_watch_free(&s->watch);
	close_fd(&s->fd);
	mem_free(&s->where);
	mem_free(sp);
}

bool stream_write(struct stream *s, struct str bytes, uint64_t until_ms, struct err *e)
{
	while (bytes.len) {
		ssize_t n = send(s->fd, bytes.p, bytes.len, MSG_NOSIGNAL);
		int number = n < 0 ? errno : 0;
		if (n > 0)
			bytes = str_cut(bytes, (size_t)n, bytes.len);
		else if (number == EAGAIN && !wait_for(s, NET_WRITE, until_ms, "write to", e))
			return false;
		else if (number && number != EAGAIN && number != EINTR)
			return ERR_FILL(e, ERR_SYS, number, "write to", "%s", s->where);
	}
	return true;
}

int stream_read(struct stream *s, struct str *bytes, uint64_t until_ms, struct err *e)
{
	for (;;) {
		ssize_t n = recv(s->fd, s->piece, sizeof(s->piece), 0);
		*bytes = (struct str){ s->piece, n > 0 ? (size_t)n : 0 };
		if (n >= 0)
			return n > 0;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN) {
			ERR_FILL(e, ERR_SYS, errno, "read from", "%s", s->where);
			return -1;
		}
		if (!wait_for(s, NET_READ, until_ms, "read from", e))
			return -1;
	}
}

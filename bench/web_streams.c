/* SPDX-License-Identifier: Apache-2.0 */
/* Event streams, each one descriptor here as it is in the relay. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "dial.h"

enum { EVENTS_A_TURN = 1024, WAIT_MS = 100 };

struct listener {
	int fd; /* -1: it was closed */
	size_t events;
	size_t matched; /* bytes of the key at the end of what came */
};

struct streams {
	int epoll;
	struct listener *v;
	size_t n, deaf, closed;
};

static void count(struct listener *s, const char *p, size_t n)
{
	static const char key[] = "event: state\n";
	for (size_t i = 0; i < n; i++) {
		s->matched = p[i] == key[s->matched] ? s->matched + 1 : p[i] == key[0];
		if (s->matched < sizeof(key) - 1)
			continue;
		s->matched = 0;
		s->events++;
	}
}

static void open_one(struct streams *x, struct listener *s, int port, bool deaf)
{
	static const char ask[] = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = s };
	s->fd = dial(port);
	dial_say(s->fd, ask, sizeof(ask) - 1);
	if (!deaf && epoll_ctl(x->epoll, EPOLL_CTL_ADD, s->fd, &e)) {
		perror("epoll_ctl");
		exit(1);
	}
}

static void take(struct streams *x, struct listener *s)
{
	static char in[65536];
	ssize_t r = read(s->fd, in, sizeof(in));
	if (r > 0) {
		count(s, in, (size_t)r);
		return;
	}
	close(s->fd);
	s->fd = -1;
	x->closed++;
}

static void listen_until(struct streams *x, double end)
{
	struct epoll_event ev[EVENTS_A_TURN];
	while (dial_now() < end) {
		int k = epoll_wait(x->epoll, ev, EVENTS_A_TURN, WAIT_MS);
		for (int i = 0; i < k; i++)
			take(x, ev[i].data.ptr);
	}
}

/* Those who never read are the last ones. */
static void tell(const struct streams *x)
{
	size_t all = 0, fewest = x->n > x->deaf ? x->v[0].events : 0;
	for (size_t i = 0; i < x->n - x->deaf; i++) {
		all += x->v[i].events;
		fewest = x->v[i].events < fewest ? x->v[i].events : fewest;
	}
	printf("%zu events received, %zu streams closed, %zu events at least\n", all, x->closed, fewest);
}

int web_streams(int port, int n, int seconds, int deaf)
{
	struct streams x = { .epoll = epoll_create1(EPOLL_CLOEXEC), .n = (size_t)n, .deaf = (size_t)deaf };
	double begin = dial_now();
	x.v = calloc(x.n, sizeof(*x.v));
	for (size_t i = 0; i < x.n; i++)
		open_one(&x, &x.v[i], port, i >= x.n - x.deaf);
	printf("%d streams open after %.1f s\n", n, dial_now() - begin);
	fflush(stdout);
	listen_until(&x, dial_now() + seconds);
	tell(&x);
	free(x.v);
	return x.closed != 0;
}

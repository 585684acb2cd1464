/* SPDX-License-Identifier: Apache-2.0 */
/* Load for the HTTP API and for submission: web_load get PORT CONNECTIONS SECONDS PATHS, web_load post|smtp
 * PORT CONNECTIONS SECONDS [A_SECOND], web_load streams PORT N SECONDS.
 *
 * get: each line of file PATHS in turn.  post and smtp hand in the same mail, one after the other on each
 * connection; with A_SECOND no faster than that, and the time of each counts from when it was due.
 * Prints `N requests, N/s, p50 ms, p99 ms, N wrong`. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

enum { SESSION_MAX = 9000 /* mails; the relay's MAILMAX is above it (RFC 9422) */ };
enum { ANSWER_MAX = 1 << 20, TIMES_MAX = 1 << 20, PATHS_MAX = 100000, EVENTS_A_TURN = 1024 };

static struct {
	int port, seconds;
	const char *mode;
	char **paths;
	size_t npaths;
	atomic_size_t next, done, wrong;
	float times[TIMES_MAX]; /* ms */
	double end;
	double gap; /* s from one request to the next of all connections; 0: none */
	int connections;
	atomic_int turn;
} all;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int dial(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)all.port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		perror("connect");
		exit(1);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void say(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);
		if (w <= 0) {
			perror("write");
			exit(1);
		}
		p += w;
		n -= (size_t)w;
	}
}

struct talk {
	int fd;
	char *in;
	size_t n;
};

static void more(struct talk *t)
{
	ssize_t r = read(t->fd, t->in + t->n, ANSWER_MAX - 1 - t->n);
	if (r <= 0) {
		fprintf(stderr, "the connection was closed\n");
		exit(1);
	}
	t->n += (size_t)r;
	t->in[t->n] = 0;
}

static void take(struct talk *t, size_t n)
{
	memmove(t->in, t->in + n, t->n - n + 1);
	t->n -= n;
}

/* The status of one answer with its length given. */
static int http_answer(struct talk *t)
{
	char *end;
	while (!t->n || !(end = strstr(t->in, "\r\n\r\n")))
		more(t);
	const char *length = strcasestr(t->in, "\r\nContent-Length: ");
	size_t whole =
		(size_t)(end + 4 - t->in) +
		(length && length < end ? strtoul(length + strlen("\r\nContent-Length: "), NULL, 10) : 0);
	while (t->n < whole)
		more(t);
	int status = atoi(t->in + strlen("HTTP/1.1 "));
	take(t, whole);
	return status;
}

/* The code of one reply, its further lines passed over. */
static int smtp_answer(struct talk *t)
{
	for (;;) {
		char *end;
		while (!t->n || !(end = strstr(t->in, "\r\n")))
			more(t);
		int code = atoi(t->in);
		bool last = t->in[3] == ' ';
		take(t, (size_t)(end + 2 - t->in));
		if (last)
			return code;
	}
}

static int message(char *out, size_t size, size_t number)
{
	return snprintf(out, size,
			"From: Shop <shop@example.com>\r\nTo: n%zu@kunde.example\r\nSubject: Invoice %zu\r\n"
			"Message-ID: <%zu.%d@example.com>\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\n"
			"%01000d\r\n",
			number, number, number, (int)getpid(), 0);
}

static bool get_one(struct talk *t, size_t number)
{
	char q[4096];
	int n = snprintf(q, sizeof(q), "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n",
			 all.paths[number % all.npaths]);
	say(t->fd, q, (size_t)n);
	return http_answer(t) == 200;
}

static bool post_one(struct talk *t, size_t number)
{
	char m[2048], q[4096];
	int size = message(m, sizeof(m), number);
	int n = snprintf(q, sizeof(q),
			 "POST /api/v1/messages?recipient=n%zu@kunde.example HTTP/1.1\r\nHost: localhost\r\n"
			 "Content-Type: message/rfc822\r\nContent-Length: %d\r\n\r\n%s",
			 number, size, m);
	say(t->fd, q, (size_t)n);
	return http_answer(t) == 202;
}

static bool smtp_one(struct talk *t, size_t number)
{
	char m[2048], q[512];
	int n = snprintf(q, sizeof(q),
			 "MAIL FROM:<shop@example.com>\r\nRCPT TO:<n%zu@kunde.example>\r\nDATA\r\n", number);
	say(t->fd, q, (size_t)n);
	bool ok = smtp_answer(t) == 250 && smtp_answer(t) == 250 && smtp_answer(t) == 354;
	int size = message(m, sizeof(m) - 3, number);
	memcpy(m + size, ".\r\n", 4);
	say(t->fd, m, (size_t)size + 3);
	return smtp_answer(t) == 250 && ok;
}

/* Waits for the next request's time, where there is one; its time counts from there, however late we are. */
static double due(double *next)
{
	if (all.gap <= 0)
		return now();
	double begin = *next, wait = begin - now();
	if (wait > 0)
		usleep((useconds_t)(wait * 1e6));
	*next += all.gap * all.connections;
	return begin;
}

static void begin_talk(struct talk *t, bool smtp)
{
	t->fd = dial();
	t->n = 0;
	if (!smtp)
		return;
	smtp_answer(t);
	say(t->fd, "EHLO bench\r\n", 12);
	smtp_answer(t);
}

static void *client(void *arg)
{
	(void)arg;
	struct talk t = { .in = malloc(ANSWER_MAX) };
	bool smtp = !strcmp(all.mode, "smtp");
	bool (*one)(struct talk *, size_t) = smtp ? smtp_one : !strcmp(all.mode, "post") ? post_one : get_one;
	begin_talk(&t, smtp);
	size_t mails = 0;
	double next = now() + all.gap * atomic_fetch_add(&all.turn, 1);
	while (now() < all.end) {
		double begin = due(&next);
		if (smtp && ++mails > SESSION_MAX) {
			mails = 1;
			close(t.fd);
			begin_talk(&t, true);
		}
		size_t number = atomic_fetch_add(&all.next, 1);
		if (!one(&t, number))
			atomic_fetch_add(&all.wrong, 1);
		size_t k = atomic_fetch_add(&all.done, 1);
		if (k < TIMES_MAX)
			all.times[k] = (float)((now() - begin) * 1000);
	}
	close(t.fd);
	free(t.in);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

static int requests(int connections)
{
	pthread_t *v = calloc((size_t)connections, sizeof(*v));
	all.connections = connections;
	double begin = now();
	all.end = begin + all.seconds;
	for (int i = 0; i < connections; i++)
		pthread_create(&v[i], NULL, client, NULL);
	for (int i = 0; i < connections; i++)
		pthread_join(v[i], NULL);
	size_t n = all.done < TIMES_MAX ? all.done : TIMES_MAX;
	qsort(all.times, n, sizeof(*all.times), compare);
	printf("%zu requests, %.0f/s, p50 %.2f ms, p99 %.2f ms, %zu wrong\n", (size_t)all.done,
	       (double)all.done / (now() - begin), all.times[n / 2], all.times[n * 99 / 100],
	       (size_t)all.wrong);
	free(v);
	return all.wrong || !all.done;
}

/* ---- streams ---- */

static size_t events_in(const char *p, size_t n)
{
	size_t found = 0;
	static const char key[] = "event: state";
	for (const char *at = p; (at = memmem(at, n - (size_t)(at - p), key, sizeof(key) - 1)); at++)
		found++;
	return found;
}

static int streams(int n)
{
	static const char ask[] = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
	static char in[65536];
	struct epoll_event ev[EVENTS_A_TURN];
	size_t events = 0, closed = 0;
	int ep = epoll_create1(EPOLL_CLOEXEC);
	double begin = now();
	for (int i = 0; i < n; i++) {
		int fd = dial();
		struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
		say(fd, ask, sizeof(ask) - 1);
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	}
	printf("%d streams open after %.1f s\n", n, now() - begin);
	fflush(stdout);
	for (double end = now() + all.seconds; now() < end;) {
		int k = epoll_wait(ep, ev, EVENTS_A_TURN, 100);
		for (int i = 0; i < k; i++) {
			ssize_t r = read(ev[i].data.fd, in, sizeof(in));
			if (r <= 0) {
				close(ev[i].data.fd);
				closed++;
			} else {
				events += events_in(in, (size_t)r);
			}
		}
	}
	printf("%zu events received, %zu streams closed\n", events, closed);
	return closed != 0;
}

static bool read_paths(const char *file)
{
	FILE *f = fopen(file, "re");
	char line[2000];
	all.paths = calloc(PATHS_MAX, sizeof(*all.paths));
	while (f && all.npaths < PATHS_MAX && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		all.paths[all.npaths++] = strdup(line);
	}
	if (f)
		fclose(f);
	return all.npaths;
}

int main(int argc, char **argv)
{
	struct rlimit l;
	if (argc < 5)
		return 2;
	if (!getrlimit(RLIMIT_NOFILE, &l)) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
	all.mode = argv[1];
	all.port = atoi(argv[2]);
	all.seconds = atoi(argv[4]);
	if (!strcmp(all.mode, "streams"))
		return streams(atoi(argv[3]));
	if (!strcmp(all.mode, "get") && (argc < 6 || !read_paths(argv[5])))
		return 2;
	if (argc > 5 && strcmp(all.mode, "get"))
		all.gap = 1 / atof(argv[5]);
	return requests(atoi(argv[3]));
}

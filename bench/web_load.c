/* SPDX-License-Identifier: Apache-2.0 */
/* Load for the HTTP API and for submission: web_load get PORT CONNECTIONS SECONDS PATHS [A_SECOND], web_load
 * post|smtp PORT CONNECTIONS SECONDS [A_SECOND], web_load streams PORT N SECONDS [DEAF].
 *
 * get: each line of file PATHS in turn.  post and smtp hand in the same mail, one after the other on each
 * connection; with A_SECOND no faster than that, and the time of each counts from when it was due.
 * Prints `N requests, N/s, p50 ms, p99 ms, N wrong`. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/str.h"
#include "dial.h"

enum { SESSION_MAX = 9000 /* mails; the relay's MAILMAX is above it (RFC 9422) */ };
enum { ANSWER_MAX = 1 << 20, TIMES_MAX = 1 << 20, PATHS_MAX = 100000 };

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
	dial_say(t->fd, q, (size_t)n);
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
	dial_say(t->fd, q, (size_t)n);
	return http_answer(t) == 202;
}

static bool smtp_one(struct talk *t, size_t number)
{
	char m[2048], q[512];
	int n = snprintf(q, sizeof(q),
			 "MAIL FROM:<shop@example.com>\r\nRCPT TO:<n%zu@kunde.example>\r\nDATA\r\n", number);
	dial_say(t->fd, q, (size_t)n);
	bool ok = smtp_answer(t) == 250 && smtp_answer(t) == 250 && smtp_answer(t) == 354;
	int size = message(m, sizeof(m) - 3, number);
	memcpy(m + size, ".\r\n", 4);
	dial_say(t->fd, m, (size_t)size + 3);
	return smtp_answer(t) == 250 && ok;
}

/* Waits for the next request's time, where there is one; its time counts from there, however late we are. */
static double due(double *next)
{
	if (all.gap <= 0)
		return dial_now();
	double begin = *next, wait = begin - dial_now();
	if (wait > 0)
		usleep((useconds_t)(wait * 1e6));
	*next += all.gap * all.connections;
	return begin;
}

static void begin_talk(struct talk *t, bool smtp)
{
	t->fd = dial(all.port);
	t->n = 0;
	if (!smtp)
		return;
	smtp_answer(t);
	dial_say(t->fd, "EHLO bench\r\n", 12);
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
	double next = dial_now() + all.gap * atomic_fetch_add(&all.turn, 1);
	while (dial_now() < all.end) {
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
			all.times[k] = (float)((dial_now() - begin) * 1000);
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
	double begin = dial_now();
	all.end = begin + all.seconds;
	for (int i = 0; i < connections; i++)
		pthread_create(&v[i], NULL, client, NULL);
	for (int i = 0; i < connections; i++)
		pthread_join(v[i], NULL);
	size_t n = all.done < TIMES_MAX ? all.done : TIMES_MAX;
	qsort(all.times, n, sizeof(*all.times), compare);
	printf("%zu requests, %.0f/s, p50 %.2f ms, p99 %.2f ms, %zu wrong\n", (size_t)all.done,
	       (double)all.done / (dial_now() - begin), all.times[n / 2], all.times[n * 99 / 100],
	       (size_t)all.wrong);
	free(v);
	return all.wrong || !all.done;
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
		return web_streams(all.port, atoi(argv[3]), all.seconds, argc > 5 ? atoi(argv[5]) : 0);
	if (!strcmp(all.mode, "get") && (argc < 6 || !read_paths(argv[5])))
		return 2;
	int pace = strcmp(all.mode, "get") ? 5 : 6;
	if (argc > pace)
		all.gap = 1 / atof(argv[pace]);
	return requests(atoi(argv[3]));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bench/store.c - the store at the size of a large sender, each number beside its bar.
 *
 *     bench_store fill FOLDER COUNT live|ended|killed  makes it, a month of arrivals; killed: live, never
 * closed bench_store start FOLDER                   a start of its owner: seconds, resident bytes a recipient
 *     bench_store find FOLDER COUNT [drop]       recipients that occur once and seldom, in processes of their
 *                                                own; drop: the files leave the page cache first
 *     bench_store claims FOLDER                  claim and mark at 1,000 to 1,000,000 queued
 *
 * store.sh runs all of them.  Every answer is compared with what was filled in. */
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

#define START_MS INT64_C(1790000000000)
#define MONTH_MS (INT64_C(30) * 24 * 3600 * 1000)

enum {
	OPEN_MOST = 1000, /* submissions under way */
	LANES = 1000,
	SELDOM_EVERY = 1000, /* one message in so many goes to an address that occurs SELDOM_TIMES */
	SELDOM_TIMES = 5,
	TIDY_EVERY = 200000,
	BAR_FIND_MS = 30,
	BAR_START_MS = 5000,
	BAR_RESIDENT_MB = 400,
};

static double seconds(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const struct err *e)
{
	char text[512];
	fprintf(stderr, "%s\n", err_text(e, text, sizeof(text)));
	exit(3);
}

static struct store *open_store(const char *path, enum store_mode mode, int64_t now_ms)
{
	struct store *s = NULL;
	struct err e = { 0 };
	struct store_options o = { .path = path,
				   .mode = mode,
				   .now_ms = now_ms,
				   .reserve_bytes = 1,
				   .trail_keep_ms = MONTH_MS * 12 };
	if (!store_open(&o, &s, &e))
		die(&e);
	return s;
}

/* ---- what stands in it ---- */

struct text {
	char address[64], subject[64], message_id[64], lane[32];
};

static void address_of(size_t i, size_t count, char *out, size_t size)
{
	size_t seldom = count / SELDOM_EVERY / SELDOM_TIMES;
	if (i % SELDOM_EVERY == 7 && seldom)
		snprintf(out, size, "seldom%zu@client.example", i / SELDOM_EVERY % seldom);
	else
		snprintf(out, size, "person.%zu@domain%zu.example", i, i * 2654435761u % 50000);
}

static void text_of(size_t i, size_t count, struct text *t)
{
	address_of(i, count, t->address, sizeof(t->address));
	snprintf(t->subject, sizeof(t->subject), "Invoice %zu of November", i);
	snprintf(t->message_id, sizeof(t->message_id), "<%zu.4711@app.example.com>", i);
	snprintf(t->lane, sizeof(t->lane), "mx:provider%zu.example", i % LANES);
}

static void submit(struct store *s, size_t i, size_t count, int64_t step_ms)
{
	struct err e = { 0 };
	struct text t;
	text_of(i, count, &t);
	int64_t arrived = START_MS + (int64_t)i * step_ms / (int64_t)count;
	struct store_rcpt r = { .address = str_of(t.address),
				.lane = str_of(t.lane),
				.state = STORE_QUEUED,
				.next_ms = arrived,
				.expires_ms = arrived + MONTH_MS };
	struct store_message m = { .arrived_ms = arrived,
				   .reverse_path = STR_LIT("invoices@app.example.com"),
				   .account = STR_LIT("app@example.com"),
				   .listener = STR_LIT("127.0.0.1:587"),
				   .client = STR_LIT("198.51.100.17"),
				   .message_id = str_of(t.message_id),
				   .subject = str_of(t.subject),
				   .from = STR_LIT("Invoices <invoices@app.example.com>"),
				   .config = STR_LIT("0f3a9c77"),
				   .rcpts = &r,
				   .nrcpts = 1 };
	struct store_body *b = store_body_begin(s);
	if (!store_body_append(b, STR_LIT("Subject: an invoice\r\n\r\nIn the attachment.\r\n"), &e) ||
	    !store_accept(s, &b, &m, NULL, &e))
		die(&e);
}

static size_t outcomes(struct store *s, struct store_done *d)
{
	struct pollfd p = { store_wake_fd(s), POLLIN, 0 };
	size_t n;
	while (!(n = store_take_done(s, d, OPEN_MOST)))
		poll(&p, 1, -1);
	for (size_t i = 0; i < n; i++)
		if (d[i].verdict != STORE_DONE)
			die(&d[i].err);
	return n;
}

static struct store_mark handed_over(struct store_id id, uint64_t epoch, int64_t at_ms)
{
	return (struct store_mark){ .id = id,
				    .epoch = epoch,
				    .state = STORE_HANDED_OVER,
				    .at_ms = at_ms,
				    .next_ms = at_ms,
				    .tries = 1,
				    .code = 250,
				    .host = STR_LIT("mx1.provider.example"),
				    .address = STR_LIT("192.0.2.7:25"),
				    .tls = STR_LIT("TLSv1.3"),
				    .reply = STR_LIT("2.0.0 Ok: queued as 4bXyZ1234"),
				    .remote_id = STR_LIT("4bXyZ1234") };
}

static void mark_all(struct store *s, const struct store_done *d, size_t n, int64_t at_ms)
{
	static struct store_mark marks[OPEN_MOST];
	struct err e = { 0 };
	struct store_done done;
	size_t m = 0;
	for (size_t i = 0; i < n; i++)
		marks[m++] = handed_over(d[i].id, 0, at_ms);
	if (!store_mark(s, marks, m, NULL, &e))
		die(&e);
	store_settle(s);
	while (store_take_done(s, &done, 1))
		if (done.verdict != STORE_DONE)
			die(&done.err);
}

/* Messages `from` to `to` of `count`; span: over how long they arrive. */
static void fill(struct store *s, size_t from, size_t to, size_t count, int64_t span_ms, bool ended)
{
	static struct store_done d[OPEN_MOST];
	for (size_t i = from; i < to;) {
		size_t n = to - i < OPEN_MOST ? to - i : OPEN_MOST, got = 0;
		for (size_t k = 0; k < n; k++)
			submit(s, i + k, count, span_ms);
		while (got < n)
			got += outcomes(s, d + got);
		i += n;
		int64_t now = START_MS + (int64_t)i * span_ms / (int64_t)count;
		if (ended)
			mark_all(s, d, n, now);
		if (i % TIDY_EVERY == 0) {
			store_tidy(s, now);
			store_settle(s);
			fprintf(stderr, "\r%zu", i);
		}
	}
}

static int run_fill(const char *path, size_t count, const char *how)
{
	bool ended = !strcmp(how, "ended");
	double begin = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	struct store *s = open_store(path, STORE_OWN, START_MS);
	struct store_health h;
	fill(s, 0, count, count, MONTH_MS, ended);
	if (!strcmp(how, "killed"))
		_exit(0);
	store_settle(s);
	store_health(s, &h);
	store_close(&s);
	printf("fill: %zu recipients (%s) in %.0f s, %.1f us of CPU each, %.2f GB on disk\n", count, how,
	       seconds(CLOCK_MONOTONIC) - begin,
	       (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / (double)count, (double)h.used_bytes / 1e9);
	return 0;
}

/* ---- start ---- */

static double resident_mb(void)
{
	unsigned long long all = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	if (f && fscanf(f, "%llu %llu", &all, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static bool count_row(void *user, const struct store_live *row)
{
	size_t *n = user;
	*n += row->lane[0] != '\0';
	return true;
}

static int run_start(const char *path)
{
	size_t n = 0;
	double before = resident_mb(), begin = seconds(CLOCK_MONOTONIC);
	struct store *s = open_store(path, STORE_OWN, START_MS + MONTH_MS);
	store_each_live(s, count_row, &n);
	double ms = (seconds(CLOCK_MONOTONIC) - begin) * 1e3, mb = resident_mb();
	struct rusage r;
	getrusage(RUSAGE_SELF, &r);
	bool good = n && ms < BAR_START_MS && (double)r.ru_maxrss / 1e3 < BAR_RESIDENT_MB;
	printf("start: %zu live recipients ready in %.0f ms (bar %d), %.0f MB resident (most %.0f, bar %d), "
	       "%.0f bytes each: %s\n",
	       n, ms, BAR_START_MS, mb, (double)r.ru_maxrss / 1e3, BAR_RESIDENT_MB,
	       (mb - before) * 1e6 / (double)(n ? n : 1), good ? "ok" : "NOT MET");
	store_close(&s);
	return !good;
}

/* ---- find ---- */

static int drop_file(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)f;
	int fd = type == FTW_F ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}
	return 0;
}

/* One question in a process that has just begun; its milliseconds come back through the pipe. */
static void ask(const char *path, size_t i, size_t count, int to)
{
	char address[64];
	double begin = seconds(CLOCK_MONOTONIC);
	struct store *s = open_store(path, STORE_READ, START_MS + MONTH_MS);
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct err e = { 0 };
	struct store_hits h;
	address_of(i, count, address, sizeof(address));
	struct store_query q = { .recipient = str_of(address) };
	if (!store_find(s, &q, a, &h, &e))
		die(&e);
	double ms = (seconds(CLOCK_MONOTONIC) - begin) * 1e3;
	bool right = h.n == (i % SELDOM_EVERY == 7 ? SELDOM_TIMES : 1) && !h.cursor;
	for (size_t k = 0; k < h.n; k++)
		right = right && str_eq(h.v[k].recipient, address) && h.v[k].state != STORE_NO_STATE;
	if (!right) {
		fprintf(stderr, "%s: %zu hits\n", address, h.n);
		ms = -1;
	}
	if (write(to, &ms, sizeof(ms)) != (ssize_t)sizeof(ms))
		exit(3);
	store_close(&s);
}

static double ask_cold(const char *path, size_t i, size_t count, bool drop)
{
	int ends[2];
	double ms = -1;
	if (drop)
		nftw(path, drop_file, 16, FTW_PHYS);
	if (pipe(ends))
		return -1;
	pid_t child = fork();
	if (!child) {
		ask(path, i, count, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &ms, sizeof(ms)) != (ssize_t)sizeof(ms))
		ms = -1;
	close(ends[0]);
	waitpid(child, NULL, 0);
	return ms;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

enum { TIMES = 41 };

static bool ask_all(const char *path, size_t count, bool drop, double ms[TIMES])
{
	bool right = true;
	for (size_t k = 0; k < TIMES; k++) {
		size_t i = k * 7919 % TIMES * (count / TIMES);
		ms[k] = ask_cold(path, k % 2 ? i / SELDOM_EVERY * SELDOM_EVERY + 7 : i, count, drop);
		right = right && ms[k] >= 0;
	}
	return right;
}

static int run_find(const char *path, size_t count, bool drop)
{
	double ms[TIMES];
	/* The bar is for a cold process; what it reads has been read before, as in the peers' bench. */
	bool right = (drop || ask_all(path, count, drop, ms)) && ask_all(path, count, drop, ms);
	qsort(ms, TIMES, sizeof(ms[0]), by_value);
	bool good = right && ms[TIMES - 1] < BAR_FIND_MS;
	printf("find: one recipient of %zu, cold process%s: median %.1f ms, slowest of %d %.1f ms (bar %d): "
	       "%s\n",
	       count, drop ? ", cold page cache" : ", warm page cache", ms[TIMES / 2], TIMES, ms[TIMES - 1],
	       BAR_FIND_MS,
	       !right ? "WRONG ANSWERS"
	       : good ? "ok"
	       : drop ? "(no bar)"
		      : "NOT MET");
	return !right || (!good && !drop);
}

/* ---- claims ---- */

static void claim_round(struct store *s, size_t queued)
{
	enum { ROUND = 1000, ROUNDS = 20 };
	static struct store_claim c[ROUND];
	static struct store_mark m[ROUND];
	double claims = 0, all = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (size_t round = 0, n = 0; round < ROUNDS; round++, n = 0) {
		double begin = seconds(CLOCK_THREAD_CPUTIME_ID);
		for (size_t lane = 0; lane < LANES && n < ROUND; lane++) {
			char name[32];
			snprintf(name, sizeof(name), "mx:provider%zu.example", (lane + round) % LANES);
			n += store_claim(s, str_of(name), 1, START_MS + MONTH_MS, 60000, c + n, 1);
		}
		claims += seconds(CLOCK_THREAD_CPUTIME_ID) - begin;
		struct err e = { 0 };
		for (size_t i = 0; i < n; i++) {
			m[i] = handed_over(c[i].id, c[i].epoch, START_MS + MONTH_MS);
			m[i].state = STORE_DELAYED; /* comes again at once: the queue stays as long */
			m[i].next_ms = c[i].next_ms + 1;
		}
		if (n < ROUND || !store_mark(s, m, n, NULL, &e))
			die(&e);
		struct store_done d[OPEN_MOST];
		outcomes(s, d);
	}
	store_settle(s);
	all = seconds(CLOCK_PROCESS_CPUTIME_ID) - all;
	printf("claims: %7zu queued: %4.0f ns a claim, %5.1f us of CPU a claim with its mark, index "
	       "included\n",
	       queued, claims * 1e9 / (ROUND * ROUNDS), all * 1e6 / (ROUND * ROUNDS));
}

static int run_claims(const char *path)
{
	static const size_t sizes[] = { 1000, 10000, 100000, 1000000 };
	struct store *s = open_store(path, STORE_OWN, START_MS);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		fill(s, i ? sizes[i - 1] : 0, sizes[i], sizes[ARRAY_LEN(sizes) - 1], MONTH_MS, false);
		store_settle(s);
		claim_round(s, sizes[i]);
	}
	store_close(&s);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "fill"))
		return run_fill(argv[2], strtoul(argv[3], NULL, 10), argv[4]);
	if (argc == 3 && !strcmp(argv[1], "start"))
		return run_start(argv[2]);
	if (argc >= 4 && !strcmp(argv[1], "find"))
		return run_find(argv[2], strtoul(argv[3], NULL, 10), argc > 4);
	if (argc == 3 && !strcmp(argv[1], "claims"))
		return run_claims(argv[2]);
	fprintf(stderr, "see the head of bench/store.c\n");
	return 2;
}

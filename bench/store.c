/* SPDX-License-Identifier: Apache-2.0 */
/* bench/store.c - the store at the size of a large sender, each number beside its bar.
 *
 *     bench_store fill FOLDER COUNT live|ended|killed
 *                                makes it, a month of arrivals; killed: live, never closed
 *     bench_store start FOLDER   a start of its owner: seconds, resident bytes a recipient
 *     bench_store find FOLDER COUNT [drop]
 *                                recipients that occur once and seldom, in processes of their own;
 *                                drop: the files leave the page cache first
 *     bench_store claims FOLDER  claim and mark at 1,000 to 1,000,000 queued, each in FOLDER-COUNT: a
 *                                message costs the more, the more often it was tried before
 *
 * store.sh runs all of them.  Every answer is compared with what was filled in. */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filled.h"

enum { BAR_FIND_MS = 30, BAR_START_MS = 5000, BAR_RESIDENT_MB = 400 };

static int run_fill(const char *path, size_t count, const char *how)
{
	bool ended = !strcmp(how, "ended");
	double begin = filled_seconds(CLOCK_MONOTONIC), cpu = filled_seconds(CLOCK_PROCESS_CPUTIME_ID);
	struct store *s = filled_open(path, STORE_OWN, FILLED_START_MS);
	struct store_health h;
	filled_add(s, 0, count, count, FILLED_MONTH_MS, ended);
	if (!strcmp(how, "killed"))
		_exit(0);
	store_settle(s);
	store_health(s, &h);
	store_close(&s);
	printf("fill: %zu recipients (%s) in %.0f s, %.1f us of CPU each, %.2f GB on disk\n", count, how,
	       filled_seconds(CLOCK_MONOTONIC) - begin,
	       (filled_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / (double)count,
	       (double)h.used_bytes / 1e9);
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
	double before = resident_mb(), begin = filled_seconds(CLOCK_MONOTONIC);
	struct store *s = filled_open(path, STORE_OWN, FILLED_START_MS + FILLED_MONTH_MS);
	store_each_live(s, count_row, &n);
	double ms = (filled_seconds(CLOCK_MONOTONIC) - begin) * 1e3, mb = resident_mb();
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
	double begin = filled_seconds(CLOCK_MONOTONIC);
	struct store *s = filled_open(path, STORE_READ, FILLED_START_MS + FILLED_MONTH_MS);
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct err e = { 0 };
	struct store_hits h;
	filled_address(i, count, address, sizeof(address));
	struct store_query q = { .recipient = str_of(address) };
	if (!store_find(s, &q, a, &h, &e))
		filled_die(&e);
	double ms = (filled_seconds(CLOCK_MONOTONIC) - begin) * 1e3;
	bool right = h.n == (i % FILLED_SELDOM_EVERY == 7 ? FILLED_SELDOM_TIMES : 1) && !h.cursor;
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
		ms[k] = ask_cold(path, k % 2 ? i / FILLED_SELDOM_EVERY * FILLED_SELDOM_EVERY + 7 : i, count,
				 drop);
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
	double claims = 0, all = filled_seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (size_t round = 0, n = 0; round < ROUNDS; round++, n = 0) {
		double begin = filled_seconds(CLOCK_THREAD_CPUTIME_ID);
		for (size_t lane = 0; lane < FILLED_LANES && n < ROUND; lane++) {
			char name[32];
			snprintf(name, sizeof(name), "mx:provider%zu.example", (lane + round) % FILLED_LANES);
			n += store_claim(s, str_of(name), 1, FILLED_START_MS + FILLED_MONTH_MS, 60000, c + n,
					 1);
		}
		claims += filled_seconds(CLOCK_THREAD_CPUTIME_ID) - begin;
		struct err e = { 0 };
		for (size_t i = 0; i < n; i++) {
			m[i] = filled_mark(c[i].id, c[i].epoch, FILLED_START_MS + FILLED_MONTH_MS);
			m[i].state = STORE_DELAYED; /* comes again at once: the queue stays as long */
			m[i].next_ms = c[i].next_ms + 1;
		}
		if (n < ROUND || !store_mark(s, m, n, NULL, &e))
			filled_die(&e);
		struct store_done d[FILLED_OPEN_MOST];
		filled_outcomes(s, d);
	}
	store_settle(s);
	all = filled_seconds(CLOCK_PROCESS_CPUTIME_ID) - all;
	printf("claims: %7zu queued: %4.0f ns a claim, %5.1f us of CPU a claim with its mark, index "
	       "included\n",
	       queued, claims * 1e9 / (ROUND * ROUNDS), all * 1e6 / (ROUND * ROUNDS));
}

static int run_claims(const char *path)
{
	static const size_t sizes[] = { 1000, 10000, 100000, 1000000 };
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CLEANUP(mem_free) char *folder = mem_printf("%s-%zu", path, sizes[i]);
		struct store *s = filled_open(folder, STORE_OWN, FILLED_START_MS);
		filled_add(s, 0, sizes[i], sizes[i], FILLED_MONTH_MS, false);
		store_settle(s);
		claim_round(s, sizes[i]);
		store_close(&s);
	}
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

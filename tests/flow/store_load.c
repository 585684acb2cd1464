/* SPDX-License-Identifier: Apache-2.0 */
/* A store under load, for the tests that pull the plug and for the bench.
 *
 *     store_load write FOLDER SUBMITTERS BYTES COUNT   "ID SEED SIZE" of each message that is on disk
 *     store_load check FOLDER < LINES                  0: each of them is there, byte for byte */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/buf.h"
#include "store/store.h"

enum { MOST = 1000, SEEDS = 1 << 30 };

struct job {
	unsigned seed;
	size_t size;
};

static long long now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void fill(struct job j, char *out)
{
	unsigned long long x = j.seed * 0x9e3779b97f4a7c15u + 1;
	for (size_t i = 0; i < j.size; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		out[i] = (char)(x >> 56);
	}
}

static bool open_store(const char *path, struct store **s)
{
	struct err e = { 0 };
	char text[512];
	struct store_options o = {
		.path = path, .now_ms = now_ms(), .segment_bytes = 4 << 20, .reserve_bytes = 1
	};
	if (store_open(&o, s, &e))
		return true;
	fprintf(stderr, "%s\n", err_text(&e, text, sizeof(text)));
	return false;
}

static bool submit(struct store *s, struct job *j, char *text)
{
	struct err e = { 0 };
	struct store_rcpt r = { .address = STR_LIT("you@example.net"),
				.lane = STR_LIT("lane"),
				.state = STORE_QUEUED,
				.next_ms = 1,
				.expires_ms = STORE_NEVER };
	struct store_message m = { .arrived_ms = now_ms(),
				   .reverse_path = STR_LIT("me@example.com"),
				   .subject = STR_LIT("Invoice 4711 of November"),
				   .rcpts = &r,
				   .nrcpts = 1 };
	struct store_body *b = store_body_begin(s);
	fill(*j, text);
	if (!store_body_append(b, (struct str){ text, j->size }, &e)) {
		store_body_free(&b);
		return false;
	}
	return store_accept(s, &b, &m, j, &e);
}

static void say(const struct store_done *d)
{
	const struct job *j = d->user;
	char id[STORE_ID_TEXT];
	if (d->verdict == STORE_DONE)
		printf("%s %u %zu\n", store_id_text(d->id, id), j->seed, j->size);
}

/* One size in sixteen is twenty times as long, so that pieces come into it. */
static struct job next_job(unsigned seed, size_t bytes)
{
	return (struct job){ seed, seed % 16 ? bytes : bytes * 20 };
}

static void report(struct store *s, double seconds)
{
	struct store_health h;
	struct rusage r;
	store_settle(s);
	store_health(s, &h);
	getrusage(RUSAGE_SELF, &r);
	double cpu = (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 +
		     (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
	double n = h.messages_taken ? (double)h.messages_taken : 1;
	fprintf(stderr, "%llu messages, %.0f a second, %.3f syncs and %.1f us of CPU each\n",
		(unsigned long long)h.messages_taken, n / seconds, (double)h.syncs / n, cpu / n);
}

static int write_many(const char *path, size_t submitters, size_t bytes, unsigned count)
{
	static struct job jobs[MOST];
	struct store *s = NULL;
	if (!open_store(path, &s))
		return 1;
	CLEANUP(mem_free) char *text = mem_alloc(bytes * 20 + 1);
	unsigned seed = (unsigned)(now_ms() % SEEDS), end = seed + count;
	double begin = (double)now_ms();
	size_t out = 0;
	for (size_t i = 0; i < submitters && seed != end; i++, seed++) {
		jobs[i] = next_job(seed, bytes);
		out += submit(s, &jobs[i], text);
	}
	while (out) {
		struct pollfd p = { store_wake_fd(s), POLLIN, 0 };
		struct store_done d[MOST];
		poll(&p, 1, -1);
		size_t n = store_take_done(s, d, MOST);
		for (size_t i = 0; i < n; i++, out--) {
			say(&d[i]);
			struct job *j = d[i].user;
			if (seed == end)
				continue;
			*j = next_job(seed++, bytes);
			out += submit(s, j, text);
		}
		fflush(stdout);
	}
	report(s, ((double)now_ms() - begin) / 1000);
	store_close(&s);
	return 0;
}

static bool intact(struct store *s, struct store_id id, struct job j)
{
	struct err e = { 0 };
	char text[512];
	struct buf got = { 0 };
	struct str piece;
	CLEANUP(mem_free) char *want = mem_alloc(j.size + 1);
	struct store_reader *r = store_body_open(s, id, &e);
	while (r && store_reader_next(r, &piece, &e) == 1)
		buf_add(&got, piece.p, piece.len);
	store_reader_free(&r);
	fill(j, want);
	bool ok = e.kind == ERR_NONE && buf_waiting(&got) == j.size && !memcmp(buf_str(&got).p, want, j.size);
	if (!ok)
		fprintf(stderr, "seed %u of %zu bytes: %s\n", j.seed, j.size,
			err_text(&e, text, sizeof(text)));
	buf_clear(&got);
	return ok;
}

static int check_all(const char *path)
{
	struct store *s = NULL;
	char line[128], id_text[64];
	size_t n = 0, lost = 0;
	struct job j;
	if (!open_store(path, &s))
		return 1;
	while (fgets(line, sizeof(line), stdin)) {
		struct store_id id;
		struct store_claim c;
		if (!strchr(line, '\n') || sscanf(line, "%63s %u %zu", id_text, &j.seed, &j.size) != 3)
			continue;
		n++;
		lost += !store_id_read(str_of(id_text), &id) || !intact(s, id, j) ||
			!store_claim_message(s, id, STR_LIT("lane"), 1, 1, 1000000, &c, 1);
	}
	printf("%zu acknowledged, %zu lost\n", n, lost);
	store_close(&s);
	return lost || !n;
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "write")) {
		size_t submitters = strtoul(argv[3], NULL, 10);
		return write_many(argv[2], submitters < MOST ? submitters : MOST, strtoul(argv[4], NULL, 10),
				  (unsigned)strtoul(argv[5], NULL, 10));
	}
	if (argc == 3 && !strcmp(argv[1], "check"))
		return check_all(argv[2]);
	fprintf(stderr, "see the head of store_load.c\n");
	return 2;
}

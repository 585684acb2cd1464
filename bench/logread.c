/* SPDX-License-Identifier: Apache-2.0 */
/* bench/logread - reads a log as explain --log does, without printing it.
 *
 *   logread FILE [--events] [--now SECONDS]
 *
 * Counts by state, lines a second, most memory.  --events writes one line an event. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "explain/log/reader.h"
#include "explain/unpack.h"

struct tally {
	bool show;
	unsigned long long n;
};

static void count(void *user, const struct log_event *e)
{
	struct tally *t = user;
	t->n++;
	if (!t->show)
		return;
	printf("%llu %lld %s%s id=" STR_FMT " from=" STR_FMT " to=" STR_FMT " relay=" STR_FMT " ip=" STR_FMT
	       " client=" STR_FMT " tries=%u step=%s code=%u enh=" STR_FMT " %s [%s %.2f] " STR_FMT "\n",
	       e->line, e->time_s, log_state_name(e->state), e->final ? "" : "...", STR_ARG(e->queue_id),
	       STR_ARG(e->from), STR_ARG(e->to), STR_ARG(e->relay), STR_ARG(e->relay_ip), STR_ARG(e->client),
	       e->tries, e->step, e->code, STR_ARG(e->enhanced), e->format,
	       e->nmeanings ? e->meanings[0].entry->id : "-", e->nmeanings ? e->meanings[0].confidence : 0.0,
	       STR_ARG(e->reply));
}

static int read_log(const char *path, struct log_reader *r, struct err *e)
{
	CLEANUP(unpack_close) struct unpack *u = unpack_open(path, e);
	struct str piece;
	int got = u ? 0 : -1;
	while (u && (got = unpack_next(u, &piece, e)) == 1)
		log_reader_feed(r, piece);
	log_reader_end(r);
	return got;
}

static void print(const struct log_totals *t, double seconds)
{
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	for (int i = 0; i < LOG_STATES; i++)
		if (t->states[i])
			printf("%-15s %llu\n", log_state_name((enum log_state)i), t->states[i]);
	printf("%s: %llu lines, %llu understood, %llu messages, %llu dropped\n", t->format, t->lines,
	       t->understood, t->messages, t->dropped);
	printf("%.3f s, %.2f million lines/s, %.0f MB/s, at most %ld MB\n", seconds,
	       (double)t->lines / seconds / 1e6, (double)t->bytes / seconds / 1e6, use.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
	struct tally tally = { 0 };
	struct log_options o = { .now_s = (long long)time(NULL) };
	struct err e = { 0 };
	struct timespec a, b;
	char words[512];
	for (int i = 2; i < argc; i++) {
		tally.show = tally.show || !strcmp(argv[i], "--events");
		if (!strcmp(argv[i], "--now") && i + 1 < argc)
			o.now_s = strtoll(argv[++i], NULL, 10);
	}
	if (argc < 2)
		return 2;
	CLEANUP(log_reader_free) struct log_reader *r = log_reader_new(&o, count, &tally);
	clock_gettime(CLOCK_MONOTONIC, &a);
	if (read_log(argv[1], r, &e) < 0)
		fprintf(stderr, "logread: %s\n", err_text(&e, words, sizeof(words)));
	clock_gettime(CLOCK_MONOTONIC, &b);
	print(log_reader_totals(r), (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	return e.kind == ERR_NONE ? 0 : 1;
}

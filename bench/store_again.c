/* SPDX-License-Identifier: Apache-2.0 */
/* bench/store_again.c - what mail that comes again costs those who send beside it.
 *
 *     bench_store_again FOLDER [MESSAGES]
 *
 * A hundred at a time are under way, each is marked as handed over once it is on disk; of them none, then one
 * in 20 is a mail that ended long before.  How long each waits for its answer stands there. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filled.h"

enum { UNDER_WAY = 100, OLD = 1000, AGAIN_EVERY = 20, USUAL = 50000, LANES = 100 };

static double *waited; /* seconds, of each answered */
static size_t nwaited;
static double began[UNDER_WAY]; /* a slot is the `user` of what is under way in it; 0: free */

static double seconds(void)
{
	return filled_seconds(CLOCK_MONOTONIC);
}

/* The clock goes on: ids are as they are in use. */
static int64_t now_ms(void)
{
	static double opened;
	if (opened == 0)
		opened = seconds();
	return FILLED_START_MS + (int64_t)((seconds() - opened) * 1e3);
}

static void submit(struct store *s, size_t i, double *slot)
{
	char address[64], key[64], lane[32];
	snprintf(address, sizeof(address), "person.%zu@domain%zu.example", i, i % 5000);
	snprintf(key, sizeof(key), "<%zu.4711@app.example.com>", i);
	snprintf(lane, sizeof(lane), "mx:provider%zu.example", i % LANES);
	struct store_rcpt r = { .address = str_of(address),
				.lane = str_of(lane),
				.state = STORE_QUEUED,
				.next_ms = FILLED_START_MS,
				.expires_ms = FILLED_START_MS * 2 };
	struct store_message m = { .arrived_ms = now_ms(),
				   .reverse_path = STR_LIT("invoices@app.example.com"),
				   .account = STR_LIT("app@example.com"),
				   .message_id = str_of(key),
				   .subject = STR_LIT("Invoice of November"),
				   .key = str_of(key),
				   .key_renews = true,
				   .rcpts = &r,
				   .nrcpts = 1 };
	*slot = seconds();
	filled_submit(s, &m, slot);
}

static void hand_over(struct store *s, struct store_id id)
{
	struct err e = { 0 };
	const struct store_mark m = { .id = id,
				      .state = STORE_HANDED_OVER,
				      .at_ms = now_ms(),
				      .next_ms = FILLED_START_MS,
				      .code = 250,
				      .host = STR_LIT("mx1.provider.example"),
				      .reply = STR_LIT("250 2.0.0 Ok: queued as 4F2A1C0099") };
	if (!store_mark(s, &m, 1, NULL, &e))
		filled_die(&e);
}

static size_t answers(struct store *s)
{
	static struct store_done d[UNDER_WAY];
	struct pollfd p = { store_wake_fd(s), POLLIN, 0 };
	size_t n, answered = 0;
	while (!(n = store_take_done(s, d, UNDER_WAY)))
		poll(&p, 1, -1);
	for (size_t i = 0; i < n; i++) {
		if (d[i].verdict != STORE_DONE && d[i].verdict != STORE_DUPLICATE)
			filled_die(&d[i].err);
		if (!d[i].user)
			continue;
		double *slot = d[i].user;
		waited[nwaited++] = seconds() - *slot;
		*slot = 0;
		answered++;
		if (d[i].verdict == STORE_DONE)
			hand_over(s, d[i].id);
	}
	return answered;
}

/* Messages `first` on; every so many an old one; 0: never. */
static void run(struct store *s, size_t first, size_t count, size_t again_every)
{
	size_t at = 0, open = 0;
	nwaited = 0;
	while (at < count || open) {
		for (size_t i = 0; i < UNDER_WAY && at < count; i++) {
			if (began[i] != 0)
				continue;
			bool again = again_every && at % again_every == 0;
			submit(s, again ? at / again_every % OLD : first + at, &began[i]);
			at++;
			open++;
		}
		open -= answers(s);
	}
}

static int by_length(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static void tell(const char *what, double took)
{
	qsort(waited, nwaited, sizeof(*waited), by_length);
	printf("%-24s %6.0f messages/s, waited: median %5.1f ms, 99 of 100 %6.1f ms, longest %6.1f ms\n",
	       what, (double)nwaited / took, waited[nwaited / 2] * 1e3, waited[nwaited * 99 / 100] * 1e3,
	       waited[nwaited - 1] * 1e3);
}

int main(int argc, char **argv)
{
	struct store *s = NULL;
	struct err e = { 0 };
	if (argc < 2 || argc > 3)
		return 2;
	struct store_options o = { .path = argv[1], .now_ms = now_ms(), .reserve_bytes = 1 };
	size_t count = argc == 3 ? strtoul(argv[2], NULL, 10) : USUAL;
	if (count < OLD || !store_open(&o, &s, &e))
		filled_die(&e);
	waited = calloc(count, sizeof(*waited));
	run(s, 0, OLD, 0);
	store_settle(s);
	double from = seconds();
	run(s, OLD, count, 0);
	tell("all new", seconds() - from);
	store_settle(s);
	from = seconds();
	run(s, OLD + count, count, AGAIN_EVERY);
	tell("one in 20 came before", seconds() - from);
	store_close(&s);
	free(waited);
	return 0;
}

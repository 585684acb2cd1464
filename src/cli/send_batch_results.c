/* SPDX-License-Identifier: Apache-2.0 */
/* The results of a batch: written, waited for, told. */
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/send.h"
#include "cli/send_batch.h"

enum {
	LOOK_MS = 300,
	LOOK_MOST_MS = 5000,
	LOOK_PARTS = 4, /* of the time at least four fifths are left to others */
};

/* The relay's store, where this user may read it; NULL else. */
static struct store *look_into(const struct batch_run *r)
{
	struct err ignored = { 0 };
	struct store *s = NULL;
	const struct store_options o = { .path = r->relay.data,
					 .mode = STORE_READ,
					 .now_ms = folder_now_ms() };
	return store_open(&o, &s, &ignored) ? s : NULL;
}

static void print_row(void *ctx, const struct result *row)
{
	(void)ctx;
	CLEANUP(buf_clear) struct buf b = { 0 };
	result_json(&b, row);
	fwrite(buf_str(&b).p, 1, buf_str(&b).len, stdout);
}

/* When it began to be followed, and how many were through then. */
struct first_look {
	int64_t at_ms; /* 0: not yet */
	size_t through;
};

/* "12 of 300 are through, about 40 min left": by the pace since it is followed. */
static const char *how_long(const struct results_summary *sum, struct first_look *first, struct arena *a)
{
	size_t live = results_live(sum), through = sum->n - live;
	int64_t now = folder_now_ms();
	if (!first->at_ms)
		*first = (struct first_look){ now, through };
	size_t moved = through - (first->through < through ? first->through : through);
	const char *left = "";
	if (moved)
		left = arena_printf(a, ", %s left",
				    send_batch_span(a, (now - first->at_ms) * (int64_t)live / (int64_t)moved /
							       1000));
	return arena_printf(a, "%zu of %zu are through%s", through, sum->n, left);
}

/* Until the relay has no more work with any before --timeout is over, or a person wants to end. */
static bool follow(struct batch_run *r, struct journal *j, struct store *s, struct results_summary *sum,
		   struct err *e)
{
	int64_t until = folder_now_ms() + (int64_t)r->o->timeout_s * 1000;
	uint64_t pause = LOOK_MS;
	const struct results_user nobody = { 0 };
	struct first_look first = { 0 };
	for (;;) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		uint64_t before = net_loop_now_ms(r->loop);
		if (!results_make(j, s, &nobody, sum, e))
			return false;
		if (!results_wait(sum, until) || folder_now_ms() >= until || send_batch_stops())
			break;
		send_progress(r->o, how_long(sum, &first, a));
		uint64_t took = net_loop_now_ms(r->loop) - before;
		net_loop_sleep(r->loop,
			       before + took + (pause > LOOK_PARTS * took ? pause : LOOK_PARTS * took));
		pause = 2 * pause < LOOK_MOST_MS ? 2 * pause : LOOK_MOST_MS;
	}
	send_progress(r->o, NULL);
	return true;
}

static bool none(const struct batch_run *r, struct err *e)
{
	const char *meant =
		arena_printf(r->arena, "%s.results.csv", send_batch_without(r->arena, r->results, ".csv"));
	ERR_FILL(e, ERR_USAGE, 0, "find", "%s", r->journal);
	if (!access(meant, F_OK))
		return err_detail(e, "is --results %s meant?", meant);
	return err_detail(e, "a batch leaves it beside its results; --results names the file of the results");
}

static bool tell(struct batch_run *r, struct journal *j, struct store *s, struct results_summary *sum,
		 struct err *e)
{
	const struct results_user print = { r->o->json ? print_row : NULL, NULL, r->o->json };
	if (r->o->wait && s && !follow(r, j, s, sum, e))
		return false;
	if (!results_write(j, s, r->results, &print, sum, e))
		return false;
	send_batch_sum(r, sum, s != NULL);
	return true;
}

int send_batch_results(struct batch_run *r, struct err *e)
{
	CLEANUP(journal_free) struct journal *j = NULL;
	struct results_summary sum;
	int found = journal_open(r->journal, JOURNAL_LOOK, &j, e);
	if (!found)
		(void)none(r, e);
	if (found <= 0)
		return -1;
	struct store *s = look_into(r);
	bool told = tell(r, j, s, &sum, e);
	store_close(&s);
	bool late = r->o->wait && results_live(&sum) > 0; /* the waiting ended first */
	return !told ? -1 : results_well(&sum) && !late ? EXIT_WELL : EXIT_NOT_WELL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The results of a batch: written, waited for, told. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
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

/* Until the relay has no more work with any before --timeout is over, or a person wants to end. */
static bool follow(struct batch_run *r, struct journal *j, struct store *s, struct results_summary *sum,
		   struct err *e)
{
	int64_t until = folder_now_ms() + (int64_t)r->o->timeout_s * 1000;
	uint64_t pause = LOOK_MS;
	const struct results_user nobody = { 0 };
	for (;;) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		uint64_t before = net_loop_now_ms(r->loop);
		if (!results_make(j, s, &nobody, sum, e))
			return false;
		if (!results_wait(sum, until) || folder_now_ms() >= until || send_batch_stops())
			break;
		send_progress(r->o, results_words(sum, a));
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
	ERR_FILL(e, ERR_USAGE, 0, "find", "%s", r->journal);
	return err_detail(e, "a batch leaves it beside its results; --results names the file of the results");
}

static bool tell(struct batch_run *r, struct journal *j, struct store *s, struct results_summary *sum,
		 struct err *e)
{
	const struct results_user print = { r->o->json ? print_row : NULL, NULL };
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
	return !told ? -1 : results_well(&sum) ? EXIT_WELL : EXIT_NOT_WELL;
}

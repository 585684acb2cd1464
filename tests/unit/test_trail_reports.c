/* SPDX-License-Identifier: Apache-2.0 */
/* Which report told a sender of a success, however late it was made; that there is none is said only where
 * all mail to the sender was looked at. */
#include "tests/unit/store_place.h"

#include "show/trail_reports.h"

#define HOUR INT64_C(3600000)

static const char sender[] = "me@example.org";

static struct store_id take_owed(struct place *p)
{
	struct store_rcpt r = rcpt("a@example.net", "lane");
	r.notify = STORE_NOTIFY_SUCCESS;
	struct store_message m = {
		.arrived_ms = NOW, .reverse_path = str_of(sender), .rcpts = &r, .nrcpts = 1
	};
	struct store_id id = accept_message(p, &m, "x").id;
	assert_int_equal(mark(p, (struct store_mark){ .id = id, .state = STORE_HANDED_OVER, .owed = true }),
			 STORE_DONE);
	return id;
}

static void take_report(struct place *p, struct store_id about, int64_t at_ms, enum store_state as)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct notice_span span = { about, NOTICE_RELAYED, { NOW, 0 }, { NOW, 0 } };
	struct store_rcpt r = rcpt(sender, "lane");
	r.state = as;
	r.next_ms = NOW + HOUR;
	struct store_message m = { .flags = STORE_OWN_NOTICE,
				   .rcpts = &r,
				   .nrcpts = 1,
				   .message_id = str_of(arena_printf(a, "<%s@relay.example.org>",
								     notice_span_name(&span, a))) };
	p->now = at_ms;
	assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DONE);
}

/* More mail than one answer of the store has. */
static void take_flood(struct place *p, int64_t at_ms)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt *r = arena_alloc(a, (STORE_FIND_MAX + 1) * sizeof(*r));
	for (size_t i = 0; i <= STORE_FIND_MAX; i++)
		r[i] = rcpt(sender, "lane");
	struct store_message m = { .rcpts = r, .nrcpts = STORE_FIND_MAX + 1 };
	p->now = at_ms;
	assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DONE);
}

static void expect_words(struct place *p, struct store_id id, const char *begin)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct trail_reports reports;
	struct err e = { 0 };
	assert_int_equal(store_trail(p->s, id, a, &t, &e), 1);
	trail_reports_find(p->s, &t, a, &reports);
	const char *words = trail_report_words(&reports, &t, &t.events[t.nevents - 1], a);
	if (*begin ? !str_istarts(str_of(words), begin) : *words)
		fail_msg("%s", words);
}

static void test_late(void **state)
{
	struct place *p = *state;
	struct store_id id = take_owed(p);
	expect_words(p, id, "its sender is to be told of this: no report");
	take_report(p, id, NOW + 30 * HOUR, STORE_QUEUED); /* the relay was down */
	expect_words(p, id, "its sender is told: report queued as");
}

static void test_not_all_seen(void **state)
{
	struct place *p = *state;
	struct store_id id = take_owed(p);
	take_flood(p, NOW + 2 * HOUR);
	expect_words(p, id, "");
}

static void test_soon_before_many(void **state)
{
	struct place *p = *state;
	struct store_id id = take_owed(p);
	take_report(p, id, NOW + 1000, STORE_QUEUED);
	take_flood(p, NOW + 2 * HOUR);
	expect_words(p, id, "its sender is told: report queued as");
}

static void test_later(void **state)
{
	struct place *p = *state;
	struct store_id id = take_owed(p);
	take_report(p, id, NOW + 1000, STORE_HELD);
	expect_words(p, id, "its sender is told later: report queued as");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_late, begin, end),
		cmocka_unit_test_setup_teardown(test_not_all_seen, begin, end),
		cmocka_unit_test_setup_teardown(test_soon_before_many, begin, end),
		cmocka_unit_test_setup_teardown(test_later, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

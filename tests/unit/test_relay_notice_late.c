/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_late: a delay is told once, and that costs no reading of the trail each time. */
#include "tests/unit/notice_place.h"

#include "relay/notice/notice_late.h"

enum { LATE = NOTICE_LATE_RCPTS + 200, LATE_A_CALL = 50 };

/* All of them, some in each call, each call at a time of its own. */
static void delay_all(struct place *p, int64_t at_ms)
{
	struct store_mark k[LATE_A_CALL];
	struct err e = { 0 };
	for (uint32_t from = 0; from < LATE; from += LATE_A_CALL) {
		for (uint32_t i = 0; i < LATE_A_CALL; i++) {
			k[i] = mark(from + i, STORE_DELAYED, 452, "4.2.2 Over quota", "");
			k[i].id = p->m.id;
			k[i].at_ms = at_ms + from;
			k[i].next_ms = at_ms + HOUR;
		}
		assert_true(store_mark(p->relay.store, k, LATE_A_CALL, NULL, &e));
		settle_store(p);
		notices_marked(p->relay.notices, &p->m, k, LATE_A_CALL);
	}
	settle(p);
}

/* Of many that are late the trail is read once, not for each call; and each is told once, whatever ends the
 * relay. */
static void test_late_everywhere(void **state)
{
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt *many = arena_alloc(a, LATE * sizeof(*many));
	for (size_t i = 0; i < LATE; i++)
		many[i].address = str_of(arena_printf(a, "r%zu@example.net", i));
	p->m = message();
	p->m.rcpts = many;
	p->m.nrcpts = LATE;
	take_message(p);
	delay_all(p, NOW - 3 * HOUR); /* not late yet */
	assert_int_equal(taken, 0);
	assert_int_equal(trails_read, 0);
	delay_all(p, NOW);
	assert_int_equal(taken, 1);
	assert_int_equal(trails_read, 1);
	delay_all(p, NOW + HOUR);
	assert_int_equal(taken, 1);
	assert_int_equal(trails_read, 1);
	assert_int_equal(told_in(p, "r0@example.net\r\n"), 1);
	assert_int_equal(told_in(p, arena_printf(a, "r%d@example.net\r\n", LATE - 1)), 1);
	notices_free(&p->relay.notices);
	p->relay.notices = notices_new(&p->relay);
	delay_all(p, NOW + 2 * HOUR);
	assert_int_equal(taken, 1);
}

/* Where others took its place meanwhile, the trail is read again. */
static void test_late_and_put_away(void **state)
{
	struct place *p = *state;
	take_original(p, 0);
	struct store_message first = p->m;
	struct store_mark k = marked(p, 1, STORE_DELAYED, NOW), again = k;
	notices_marked(p->relay.notices, &first, &k, 1);
	take_original(p, 0);
	k = marked(p, 1, STORE_DELAYED, NOW);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle(p);
	assert_int_equal(taken, 2);
	again.at_ms = NOW + HOUR;
	notices_marked(p->relay.notices, &first, &again, 1);
	settle(p);
	assert_int_equal(taken, 2);
	assert_int_equal(trails_read, 3);
}

static void delay_one(struct place *p, int64_t at_ms, unsigned reports)
{
	struct store_mark k = marked(p, 0, STORE_DELAYED, at_ms);
	notices_free(&p->relay.notices); /* by a new start each time: nothing is remembered */
	p->relay.notices = notices_new(&p->relay);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle(p);
	assert_int_equal(taken, reports);
}

/* What was told counts, not what would have been by the settings of now: once, whatever they were before. */
static void test_settings_were_others(void **state)
{
	static const struct {
		long before_s, now_s; /* delay-warning */
		unsigned before, now; /* reports */
	} rows[] = {
		{ 86400, 14400, 0, 1 }, { 0, 14400, 0, 1 }, { 14400, 14400, 1, 1 }, { 14400, 21600, 1, 1 }
	};
	struct place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		p->m = message(); /* five hours old */
		p->m.nrcpts = 1;
		take_message(p);
		taken = 0;
		p->settings.retry.delay_warning_s = rows[i].before_s;
		delay_one(p, NOW, rows[i].before);
		p->settings.retry.delay_warning_s = rows[i].now_s;
		delay_one(p, NOW + 2 * HOUR, rows[i].now);
		delay_one(p, NOW + 3 * HOUR, rows[i].now);
	}
}

/* The clock was put three hours ahead: what failed then is not late, and is told when it is. */
static void test_a_leap_makes_nothing_late(void **state)
{
	struct place *p = *state;
	take_original(p, 0);
	p->relay.clock = (struct leap){ { .wall_ms = NOW }, 3 * HOUR, NOW };
	struct store_mark k = marked(p, 1, STORE_DELAYED, NOW);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle(p);
	assert_int_equal(taken, 0);
	p->relay.clock = (struct leap){ { .wall_ms = NOW + 2 * HOUR }, HOUR, NOW };
	k = marked(p, 1, STORE_DELAYED, NOW + 2 * HOUR);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle(p);
	assert_int_equal(taken, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_late_everywhere, begin, end),
		cmocka_unit_test_setup_teardown(test_a_leap_makes_nothing_late, begin, end),
		cmocka_unit_test_setup_teardown(test_settings_were_others, begin, end),
		cmocka_unit_test_setup_teardown(test_late_and_put_away, begin, end)
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

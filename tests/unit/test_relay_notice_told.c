/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice*: what is told together, and that a crash keeps nothing from being told, once. */
#include "tests/unit/notice_place.h"

#include "mail/dsn.h"

/* The change was on disk, its report was not: the next start writes it, once. */
static void test_crash(void **state)
{
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m;
	struct dsn d;
	struct err e = { 0 };
	take_original(p, 0);
	struct store_mark k[] = { mark(0, STORE_REFUSED, 550, "5.1.1 No such user", "rcpt-user-unknown"),
				  mark(2, STORE_REFUSED, 550, "5.1.1 Unknown", "rcpt-user-unknown"),
				  mark(1, STORE_EXPIRED, 452, "4.2.2 Over quota", "rcpt-mailbox-full") };
	for (size_t i = 0; i < ARRAY_LEN(k); i++)
		k[i].id = p->m.id;
	k[2].at_ms = NOW - HOUR; /* long before the crash */
	assert_true(store_mark(p->relay.store, k, 2, NULL, &e));
	assert_true(store_mark(p->relay.store, k + 2, 1, NULL, &e));
	settle(p);
	assert_int_equal(notice_alive_read(p->path), 0);
	start_after_crash(p); /* no file: the last end was a good one */
	assert_int_equal(taken, 0);
	assert_int_equal(notice_alive_read(p->path), NOW);
	notice_alive_write(p->path, NOW - 60000);
	start_after_crash(p);
	assert_int_equal(taken, 1);
	dsn_read(a, notice_text(p, a, &m), &d);
	assert_int_equal(d.n, 2);
	assert_string_equal(d.v[0].address, "nobody@example.com");
	assert_string_equal(d.v[1].address, "nothere@example.com");
	start_after_crash(p);
	assert_int_equal(taken, 1);
	notices_marked(p->relay.notices, &p->m, k, 2); /* the same news from anywhere */
	settle(p);
	assert_int_equal(taken, 1);
	notices_free(&p->relay.notices); /* a good end */
	assert_int_equal(notice_alive_read(p->path), 0);
}

/* Two calls, the second with a note behind what was told: each its report, and no third after a crash. */
static void test_crash_after_two_calls(void **state)
{
	struct place *p = *state;
	struct moments moments = { .n = 0 };
	struct err e = { 0 };
	take_original(p, 0);
	struct store_mark k[] = { mark(0, STORE_REFUSED, 550, "5.1.1 No such user", "rcpt-user-unknown"),
				  mark(2, STORE_REFUSED, 550, "5.1.1 Unknown", "rcpt-user-unknown"),
				  mark(1, STORE_IN_DOUBT, 0, "", ""), mark(1, STORE_IN_DOUBT, 0, "", "") };
	for (size_t i = 0; i < ARRAY_LEN(k); i++) {
		k[i].id = p->m.id;
		k[i].at_ms = moment_of(&moments, p->m.id, NOW);
		k[i].next_ms = STORE_NEVER;
		assert_int_equal(k[i].at_ms, NOW + (int64_t)i);
	}
	k[3].note = true;
	for (size_t i = 0; i < ARRAY_LEN(k); i++) {
		assert_true(store_mark(p->relay.store, &k[i], 1, NULL, &e));
		notices_marked(p->relay.notices, &p->m, &k[i], 1);
		settle(p);
	}
	assert_int_equal(taken, 3);
	notice_alive_write(p->path, NOW - 60000);
	start_after_crash(p);
	assert_int_equal(taken, 3);
}

/* Two of three were told in one report; the third, and who is late, only after the crash. */
static void test_crash_while_they_wait(void **state)
{
	struct place *p = *state;
	take_original(p, 0);
	for (uint32_t i = 0; i < 2; i++) {
		struct store_mark k = marked(p, 2 * i, STORE_REFUSED, NOW + i);
		notices_marked(p->relay.notices, &p->m, &k, 1);
	}
	settle(p);
	assert_int_equal(taken, 1);
	(void)marked(p, 1, STORE_DELAYED, NOW + 7);
	notice_alive_write(p->path, NOW - 60000);
	start_after_crash(p);
	assert_int_equal(taken, 2);
	assert_int_equal(told_in(p, "full@example.net"), 1);
	start_after_crash(p);
	assert_int_equal(taken, 2);
	(void)marked(p, 1, STORE_EXPIRED, NOW + 9);
	start_after_crash(p);
	assert_int_equal(taken, 3);
	assert_int_equal(told_in(p, "full@example.net"), 2);
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
}

/* A stranger's mail with the name of a report tells nobody anything. */
static void test_forged_name(void **state)
{
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct err e = { 0 };
	char id[STORE_ID_TEXT];
	take_original(p, 0);
	struct store_rcpt to = { .address = STR_LIT("me@example.org"),
				 .lane = STR_LIT("direct"),
				 .state = STORE_QUEUED,
				 .next_ms = NOW };
	const char *name = arena_printf(a, "<%s.1.0-0.ffffffffffff-ffff.report@relay.example.org>",
					store_id_text(p->m.id, id));
	struct store_message m = { .arrived_ms = NOW, .message_id = str_of(name), .rcpts = &to, .nrcpts = 1 };
	struct store_body *b = store_body_begin(p->relay.store);
	assert_true(store_body_append(b, STR_LIT("Subject: x\r\n\r\n"), &e));
	assert_true(store_accept(p->relay.store, &b, &m, NULL, &e));
	(void)marked(p, 0, STORE_REFUSED, NOW);
	notice_alive_write(p->path, NOW - 60000);
	start_after_crash(p);
	assert_int_equal(taken, 1);
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
}

/* Handed over, as the marks of the relay say it. */
static struct store_mark handed_over(struct place *p, uint32_t rcpt, bool owed, int64_t at_ms)
{
	struct err e = { 0 };
	struct store_mark k = mark(rcpt, STORE_HANDED_OVER, 250, "2.0.0 queued as 4711", "");
	k.id = p->m.id;
	k.at_ms = at_ms;
	k.owed = owed;
	assert_true(store_mark(p->relay.store, &k, 1, NULL, &e));
	settle_store(p);
	return k;
}

static void ask_for_success(unsigned besides)
{
	for (size_t i = 0; i < NOTICE_RCPTS; i++)
		rcpts[i].notify = STORE_NOTIFY_SUCCESS | besides;
}

/* Of three handed over one's next server tells the sender itself: the others are told of after the crash,
 * also the one that a report confirmed meanwhile. */
static void test_crash_owes_success(void **state)
{
	struct place *p = *state;
	ask_for_success(0);
	take_original(p, 0);
	(void)handed_over(p, 0, true, NOW);
	(void)handed_over(p, 1, false, NOW + 1);
	(void)handed_over(p, 2, true, NOW + 2);
	(void)marked(p, 2, STORE_CONFIRMED, NOW + 3);
	notice_alive_write(p->path, NOW - 60000);
	for (unsigned again = 0; again < 2; again++) {
		start_after_crash(p);
		assert_int_equal(taken, 1);
	}
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
	assert_int_equal(told_in(p, "full@example.net"), 0);
	assert_int_equal(told_in(p, "nothere@example.com"), 1);
}

/* What was told before the crash is not told again; a failure beside it is a report of its own. */
static void test_crash_after_success_was_told(void **state)
{
	struct place *p = *state;
	ask_for_success(STORE_NOTIFY_FAILURE);
	take_original(p, 0);
	struct store_mark k = handed_over(p, 0, true, NOW);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle(p);
	assert_int_equal(taken, 1);
	(void)handed_over(p, 1, true, NOW + 5);
	(void)marked(p, 2, STORE_REFUSED, NOW + 7);
	notice_alive_write(p->path, NOW - 60000);
	start_after_crash(p);
	assert_int_equal(taken, 3);
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
	assert_int_equal(told_in(p, "full@example.net"), 1);
	assert_int_equal(told_in(p, "nothere@example.com"), 1);
}

/* It came back to a return path of ours, and nobody but us can tell the sender: once. */
static void test_crash_owes_a_bounce(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	ask_for_success(STORE_NOTIFY_FAILURE);
	take_original(p, 0);
	(void)handed_over(p, 0, true, NOW);
	struct store_mark k = mark(0, STORE_BOUNCED, 550, "5.1.1 No such user", "rcpt-user-unknown");
	k.id = p->m.id;
	k.at_ms = NOW + 1;
	k.owed = true;
	assert_true(store_mark(p->relay.store, &k, 1, NULL, &e));
	settle_store(p);
	notice_alive_write(p->path, NOW - 60000);
	for (unsigned again = 0; again < 2; again++) {
		start_after_crash(p);
		assert_int_equal(taken, 1);
	}
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
}

/* It bounced before the crash, and the report came to the sender. */
static void test_crash_after_a_bounce(void **state)
{
	struct place *p = *state;
	ask_for_success(0);
	take_original(p, 0);
	(void)handed_over(p, 0, true, NOW);
	(void)marked(p, 0, STORE_BOUNCED, NOW + 1);
	notice_alive_write(p->path, NOW - 60000);
	start_after_crash(p);
	assert_int_equal(taken, 0);
}

/* Who is still tried wants to hear of failures alone: the success waits for nobody, a failure does. */
static void test_waits_for_its_like(void **state)
{
	struct place *p = *state;
	rcpts[0].notify = STORE_NOTIFY_SUCCESS;
	rcpts[1].notify = STORE_NOTIFY_SUCCESS | STORE_NOTIFY_FAILURE;
	rcpts[2].notify = STORE_NOTIFY_FAILURE;
	take_original(p, 0);
	struct store_mark k = handed_over(p, 0, true, NOW);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle_store(p);
	assert_int_equal(taken, 0); /* the second may be handed over, too */
	loop_behind_ms = 1000;
	k = marked(p, 1, STORE_REFUSED, NOW + 1);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	look_again(p);
	assert_int_equal(taken, 1);
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
	assert_int_equal(told_in(p, "full@example.net"), 0);
	loop_behind_ms = 1000;
	k = marked(p, 2, STORE_REFUSED, NOW + 2);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	look_again(p);
	assert_int_equal(taken, 2);
	assert_int_equal(told_in(p, "full@example.net"), 1);
	assert_int_equal(told_in(p, "nothere@example.com"), 1);
}

/* The clock is put back by an hour while a success waits: it is told apart from what comes after, and a crash
 * tells neither again.  What is handed over later, at a time that the old clock showed already, is news. */
static void test_clock_put_back_while_a_success_waits(void **state)
{
	struct place *p = *state;
	ask_for_success(0);
	take_original(p, 0);
	clock_ms = NOW + HOUR;
	notice_alive_write(p->path, clock_ms);
	start_after_crash(p);
	struct store_mark k = handed_over(p, 0, true, clock_ms);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle_store(p);
	assert_int_equal(taken, 0);
	clock_ms = NOW + 1000;
	k = handed_over(p, 1, true, clock_ms);
	notices_marked(p->relay.notices, &p->m, &k, 1);
	settle_store(p);
	assert_int_equal(taken, 1);
	assert_true(notice_alive_read(p->path) <= NOW + 1000);
	settle(p);
	assert_int_equal(taken, 2);
	start_after_crash(p);
	assert_int_equal(taken, 2);
	(void)handed_over(p, 2, true, NOW + HOUR / 2);
	clock_ms = NOW + 2 * HOUR;
	start_after_crash(p);
	assert_int_equal(taken, 3);
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
	assert_int_equal(told_in(p, "full@example.net"), 1);
	assert_int_equal(told_in(p, "nothere@example.com"), 1);
}

/* The same, where the crash comes before anything was told. */
static void test_crash_after_a_clock_put_back(void **state)
{
	struct place *p = *state;
	ask_for_success(0);
	take_original(p, 0);
	(void)handed_over(p, 0, true, NOW + HOUR);
	(void)handed_over(p, 1, true, NOW + 1000);
	notice_alive_write(p->path, NOW + HOUR - 1000);
	clock_ms = NOW + 2000;
	start_after_crash(p);
	assert_int_equal(taken, 2);
	(void)handed_over(p, 2, true, NOW + HOUR / 2);
	clock_ms = NOW + 2 * HOUR;
	start_after_crash(p);
	start_after_crash(p);
	assert_int_equal(taken, 3);
	assert_int_equal(told_in(p, "nobody@example.com"), 1);
	assert_int_equal(told_in(p, "full@example.net"), 1);
	assert_int_equal(told_in(p, "nothere@example.com"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_crash, begin, end),
		cmocka_unit_test_setup_teardown(test_crash_after_two_calls, begin, end),
		cmocka_unit_test_setup_teardown(test_crash_while_they_wait, begin, end),
		cmocka_unit_test_setup_teardown(test_forged_name, begin, end),
		cmocka_unit_test_setup_teardown(test_crash_owes_success, begin, end),
		cmocka_unit_test_setup_teardown(test_crash_after_success_was_told, begin, end),
		cmocka_unit_test_setup_teardown(test_crash_after_a_bounce, begin, end),
		cmocka_unit_test_setup_teardown(test_crash_owes_a_bounce, begin, end),
		cmocka_unit_test_setup_teardown(test_waits_for_its_like, begin, end),
		cmocka_unit_test_setup_teardown(test_clock_put_back_while_a_success_waits, begin, end),
		cmocka_unit_test_setup_teardown(test_crash_after_a_clock_put_back, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses at the door: their connections, their failed logins, and what is known of next servers. */
#include "tests/unit/unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "relay/door/guests.h"
#include "relay/door/sizes.h"
#include "relay/door/usage.h"

static struct ipaddr ip(const char *text)
{
	struct ipaddr a;
	assert_true(ipaddr_read(str_of(text), &a));
	return a;
}

static void test_connections(void **state)
{
	(void)state;
	struct guests *g = guests_new();
	const struct ipaddr a = ip("192.0.2.1"), mapped = ip("::ffff:192.0.2.1"), b = ip("192.0.2.2");
	const struct ipaddr six = ip("2001:db8::1"), near = ip("2001:db8::ffff:2"),
			    far = ip("2001:db8:0:1::1");
	assert_int_equal(guests_enter(g, &a), 1);
	assert_int_equal(guests_enter(g, &mapped), 2);
	assert_int_equal(guests_enter(g, &b), 1);
	assert_int_equal(guests_enter(g, &six), 1);
	assert_int_equal(guests_enter(g, &near), 2);
	assert_int_equal(guests_enter(g, &far), 1);
	guests_leave(g, &a, 0);
	assert_int_equal(guests_enter(g, &a), 2);
	guests_leave(g, &b, 0);
	guests_leave(g, &b, 0); /* once too often: nothing happens */
	assert_int_equal(guests_enter(g, &b), 1);
	assert_int_equal(guests_enter(g, &far), 2);
	guests_free(&g);
	guests_free(&g);
}

static void fail_logins(struct guests *g, const struct ipaddr *a, unsigned n, uint64_t now_ms)
{
	while (n--)
		guests_failed(g, a, now_ms);
}

static void test_failures(void **state)
{
	(void)state;
	struct guests *g = guests_new();
	const struct ipaddr a = ip("192.0.2.1"), b = ip("192.0.2.2");
	const uint64_t t = 1000000;
	fail_logins(g, &a, GUEST_FAILURES_MAX - 1, t);
	assert_int_equal(guests_barred_ms(g, &a, t), 0);
	guests_trusted(g, &a); /* the right password forgives */
	fail_logins(g, &a, GUEST_FAILURES_MAX - 1, t);
	fail_logins(g, &a, 1, t + GUEST_WINDOW_MS); /* another window */
	assert_int_equal(guests_barred_ms(g, &a, t + GUEST_WINDOW_MS), 0);
	fail_logins(g, &a, GUEST_FAILURES_MAX - 1, t + GUEST_WINDOW_MS);
	const uint64_t now = t + GUEST_WINDOW_MS;
	assert_int_equal(guests_barred_ms(g, &a, now), GUEST_BARRED_MS);
	guests_trusted(g, &a); /* ... not once it is barred */
	assert_int_equal(guests_barred_ms(g, &a, now + 1), GUEST_BARRED_MS - 1);
	assert_int_equal(guests_barred_ms(g, &b, now), 0);
	guests_tidy(g, now); /* who is barred stays so */
	assert_int_equal(guests_barred_ms(g, &a, now), GUEST_BARRED_MS);
	assert_int_equal(guests_barred_ms(g, &a, now + GUEST_BARRED_MS), 0);
	guests_free(&g);
}

/* Somebody with all addresses there are makes it remember so many and no more, until those are forgotten. */
static void test_bounded(void **state)
{
	(void)state;
	struct guests *g = guests_new();
	const struct ipaddr late = ip("192.0.2.1");
	for (uint32_t i = 0; i < GUESTS_MAX; i++) {
		const struct ipaddr a = {
			4, { 10, (unsigned char)(i >> 16), (unsigned char)(i >> 8), (unsigned char)i }
		};
		guests_failed(g, &a, 1);
	}
	fail_logins(g, &late, GUEST_FAILURES_MAX, 1);
	assert_int_equal(guests_barred_ms(g, &late, 1), 0);
	guests_tidy(g, GUEST_WINDOW_MS); /* the last moment of the window that began at 1 */
	fail_logins(g, &late, GUEST_FAILURES_MAX, GUEST_WINDOW_MS);
	assert_int_equal(guests_barred_ms(g, &late, GUEST_WINDOW_MS), 0);
	guests_tidy(g, GUEST_WINDOW_MS + 1);
	fail_logins(g, &late, GUEST_FAILURES_MAX, GUEST_WINDOW_MS + 1);
	assert_int_equal(guests_barred_ms(g, &late, GUEST_WINDOW_MS + 1), GUEST_BARRED_MS);
	guests_free(&g);
}

enum { DAY = 86400000 };

static void test_usage(void **state)
{
	(void)state;
	struct usage *u = usage_new();
	const struct relay_account a = { .name = "a", .rate = 10, .rate_s = 60 }, free = { .name = "free" };
	long wait_s;
	int64_t now = 5LL * DAY + 1000;
	assert_int_equal(usage_room(u, &free, now, &wait_s), LONG_MAX);
	assert_int_equal(usage_room(u, &a, now, &wait_s), 10);
	usage_add(u, "a", 4, now);
	assert_int_equal(usage_today(u, "A", now), 4); /* whatever its case */
	assert_int_equal(usage_room(u, &a, now, &wait_s), 6);
	usage_add(u, "a", 6, now);
	assert_int_equal(usage_room(u, &a, now, &wait_s), 0);
	assert_in_range(wait_s, 6, 7);
	assert_int_equal(usage_room(u, &a, now + 6100, &wait_s), 1);
	assert_int_equal(usage_room(u, &a, now + 120000, &wait_s), 10); /* it never holds more */
	usage_withdraw(u, "a", 6, now);
	assert_int_equal(usage_today(u, "a", now), 4);
	usage_withdraw(u, "a", 100, now);
	assert_int_equal(usage_today(u, "a", now), 0);
	usage_add(u, "a", 3, now);
	assert_int_equal(usage_today(u, "a", now + DAY), 0); /* tomorrow */
	usage_free(&u);
}

/* A day ahead and back: what was sent on either side counts, and no day that never came bars anybody. */
static void test_usage_clock(void **state)
{
	(void)state;
	struct usage *u = usage_new();
	int64_t now = 20000LL * DAY + 1000;
	usage_add(u, "a", 5, now);
	usage_add(u, "a", 2, now + DAY);
	assert_int_equal(usage_today(u, "a", now + DAY), 2);
	assert_int_equal(usage_today(u, "a", now + 1), 7);
	assert_int_equal(usage_today(u, "a", now + DAY), 0); /* tomorrow at last */
	usage_add(u, "b", 4, now + 365LL * DAY);
	assert_int_equal(usage_today(u, "b", now), 4);
	assert_int_equal(usage_today(u, "b", now + DAY), 0);
	usage_free(&u);
}

/* A message comes before midnight, and is refused, or counted anew, after it. */
static void test_usage_midnight(void **state)
{
	(void)state;
	struct usage *u = usage_new();
	int64_t late = 20000LL * DAY - 1000, early = 20000LL * DAY + 1000;
	usage_add(u, "a", 5, late);
	usage_add(u, "a", 3, early);
	usage_withdraw(u, "a", 5, late);
	assert_int_equal(usage_today(u, "a", early), 3);
	usage_add(u, "a", 4, late);
	assert_int_equal(usage_today(u, "a", early), 3);
	usage_withdraw(u, "a", 1, late - DAY); /* nobody counts that day any more */
	assert_int_equal(usage_today(u, "a", early), 3);
	assert_int_equal(usage_today(u, "a", late), 7); /* the clock was put back: both days count */
	usage_withdraw(u, "a", 3, early);
	assert_int_equal(usage_today(u, "a", late), 4);
	usage_free(&u);
}

/* Quiet since Friday: a message of Monday's last seconds is counted when Tuesday has begun.  Tuesday goes on,
 * and the rate has it. */
static void test_usage_quiet_days(void **state)
{
	(void)state;
	struct usage *u = usage_new();
	const struct relay_account a = { .name = "a", .rate = 10, .rate_s = 60 };
	long wait_s;
	int64_t tuesday = 20004LL * DAY, monday = tuesday - 2000, friday = 20000LL * DAY;
	usage_add(u, "a", 5, friday);
	assert_int_equal(usage_today(u, "a", tuesday), 0);
	assert_int_equal(usage_room(u, &a, tuesday, &wait_s), 10);
	usage_add(u, "a", 3, tuesday);
	usage_add(u, "a", 4, monday);
	assert_int_equal(usage_today(u, "a", tuesday), 3);
	assert_int_equal(usage_room(u, &a, tuesday, &wait_s), 3);
	usage_withdraw(u, "a", 4, monday);
	assert_int_equal(usage_today(u, "a", tuesday), 3);
	assert_int_equal(usage_room(u, &a, tuesday, &wait_s), 7);
	usage_free(&u);
}

static void test_sizes(void **state)
{
	(void)state;
	struct sizes *s = sizes_new(NULL, 0);
	const struct str lane = STR_LIT("direct example.com"), other = STR_LIT("direct example.org");
	assert_int_equal(sizes_of(s, lane, 0), 0);
	sizes_learn(s, lane, 5000, 10);
	assert_int_equal(sizes_of(s, lane, 20), 5000);
	assert_int_equal(sizes_of(s, other, 20), 0);
	sizes_learn(s, lane, 9000, 30);
	assert_int_equal(sizes_of(s, lane, 40), 9000);
	sizes_learn(s, lane, 0, 50); /* it has no limit any more */
	assert_int_equal(sizes_of(s, lane, 60), 0);
	sizes_learn(s, lane, 100, 70);
	assert_int_equal(sizes_of(s, lane, 70 + (int64_t)SIZES_KEEP_MS), 0);
	sizes_free(&s);
	sizes_free(&s);
}

static void test_sizes_full(void **state)
{
	(void)state;
	const struct str late = STR_LIT("late"), seen = STR_LIT("7");
	struct sizes *s = sizes_new(NULL, 0);
	for (int i = 0; i < SIZES_MAX; i++) {
		char name[12];
		snprintf(name, sizeof(name), "%d", i);
		sizes_learn(s, str_of(name), 100, 0);
	}
	sizes_learn(s, late, 5000, 1);
	assert_int_equal(sizes_of(s, late, 1), 0);
	sizes_learn(s, seen, 100, SIZES_KEEP_MS - 1);
	sizes_learn(s, late, 5000, (int64_t)SIZES_KEEP_MS + SIZES_TIDY_MS);
	assert_int_equal(sizes_of(s, late, (int64_t)SIZES_KEEP_MS + SIZES_TIDY_MS), 5000);
	assert_int_equal(sizes_of(s, seen, (int64_t)SIZES_KEEP_MS + SIZES_TIDY_MS), 100);
	sizes_free(&s);
}

/* What a smarthost takes is no word of the one that stands in its place later. */
static void test_sizes_key(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct str lane = STR_LIT("out as office");
	const struct relay_route one = { .smarthost = "a.example", .port = 25 }, mx = { .mx = true };
	struct relay_route other = one;
	other.port = 587;
	assert_true(str_eq(sizes_key(&one, lane, a), "out as office by a.example:25"));
	assert_true(str_eq(sizes_key(&other, lane, a), "out as office by a.example:587"));
	assert_true(str_eq(sizes_key(&mx, lane, a), "out as office"));
	assert_true(str_eq(sizes_key(NULL, lane, a), "out as office"));
}

/* A start knows what was learned before, and whatever stands in the file is no harm. */
static void test_sizes_kept(void **state)
{
	(void)state;
	char path[] = "/tmp/postrider-sizes-XXXXXX";
	const struct str lane = STR_LIT("out a b"), none = STR_LIT("direct example.org");
	static const char odd[] = "x\n1 y z\n5000 7 later\n30 \n20 90 half";
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, odd, sizeof(odd) - 1) == sizeof(odd) - 1 && !close(fd));
	struct sizes *s = sizes_new(path, 100);
	assert_int_equal(sizes_of(s, STR_LIT("later"), 100), 0);
	assert_int_equal(sizes_of(s, STR_LIT("half"), 100), 0);
	sizes_free(&s);
	assert_int_equal(unlink(path), 0);
	s = sizes_new(path, 100);
	sizes_learn(s, lane, 5000, 110);
	sizes_learn(s, lane, 9000, 120);
	sizes_learn(s, none, 800, 120);
	sizes_learn(s, none, 0, 130);
	sizes_free(&s);
	s = sizes_new(path, 140);
	assert_int_equal(sizes_of(s, lane, 140), 9000);
	assert_int_equal(sizes_of(s, none, 140), 0);
	assert_int_equal(sizes_of(s, lane, 120 + (int64_t)SIZES_KEEP_MS), 0);
	/* What stays the same is written now and then: a start within the day knows it. */
	sizes_learn(s, lane, 9000, SIZES_KEEP_MS);
	sizes_free(&s);
	s = sizes_new(path, SIZES_KEEP_MS + 1);
	assert_int_equal(sizes_of(s, lane, 120 + (int64_t)SIZES_KEEP_MS), 9000);
	sizes_free(&s);
	/* What is too old by now is not read at all: an earlier time does not find it again. */
	s = sizes_new(path, 2 * (int64_t)SIZES_KEEP_MS);
	assert_int_equal(sizes_of(s, lane, SIZES_KEEP_MS + 1), 0);
	sizes_free(&s);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes_kept),     cmocka_unit_test(test_connections),
		cmocka_unit_test(test_failures),       cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_usage),          cmocka_unit_test(test_usage_clock),
		cmocka_unit_test(test_usage_midnight), cmocka_unit_test(test_usage_quiet_days),
		cmocka_unit_test(test_sizes),          cmocka_unit_test(test_sizes_full),
		cmocka_unit_test(test_sizes_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The ramp, and the journal that outlives a crash. */
#include "tests/unit/unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "relay/lane/ledger.h"

static const int64_t t0 = 1795262400000;

static void test_ramp(void **state)
{
	(void)state;
	struct ramp r = { 0 };
	assert_int_equal(ramp_room(&r, 50), UINT_MAX);
	assert_true(ramp_failed(&r, false));
	assert_false(ramp_failed(&r, false)); /* nothing new */
	assert_int_equal(ramp_room(&r, 0), 1);
	assert_int_equal(ramp_room(&r, 1), 0);
	assert_true(ramp_handed_over(&r, t0));
	assert_int_equal(ramp_room(&r, 0), 10);
	for (int i = 0; i < 9; i++)
		assert_true(ramp_handed_over(&r, t0));
	assert_int_equal(ramp_room(&r, 0), 1);
	assert_true(ramp_handed_over(&r, t0));
	assert_int_equal(r.stage, RAMP_NORMAL);
	assert_false(ramp_handed_over(&r, t0 + 1));
	assert_true(ramp_failed(&r, false));
	assert_int_equal(r.stage, RAMP_ONE);
}

static void test_proven(void **state)
{
	(void)state;
	struct ramp r = { 0 };
	for (int day = 0; day < RAMP_PROVEN_DAYS; day++) {
		assert_false(ramp_is_proven(&r));
		ramp_handed_over(&r, t0 + day * (int64_t)CAPS_DAY_MS);
		ramp_handed_over(&r, t0 + day * (int64_t)CAPS_DAY_MS + 5);
	}
	assert_true(ramp_is_proven(&r));
	ramp_failed(&r, false); /* a wrong password says nothing of what it had proved */
	assert_true(ramp_is_proven(&r));
	ramp_failed(&r, true);
	assert_false(ramp_is_proven(&r));
}

/* A folder of its own, gone at the end. */
static char *place(void)
{
	static char folder[] = "/tmp/ledger-XXXXXX";
	strcpy(folder, "/tmp/ledger-XXXXXX");
	assert_non_null(mkdtemp(folder));
	return mem_printf("%s/ledger", folder);
}

static void leave(char *path)
{
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	free(path);
}

static struct ledger *opened(const char *path, int64_t now)
{
	struct ledger *l = NULL;
	struct err e = { 0 };
	assert_true(ledger_open(path, now, &l, &e));
	return l;
}

static void append(const char *path, const char *text)
{
	FILE *f = fopen(path, "a");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_outlives_a_crash(void **state)
{
	(void)state;
	char *path = place();
	struct ledger *l = opened(path, t0), *again;
	struct ledger_row *r = ledger_row(l, "route", "my m365");
	ledger_begin(l, r, 3, t0);
	ledger_end(l, r, 3, 3, true, t0 + 10);
	ledger_begin(l, r, 5, t0 + 20);
	ledger_failed(l, r, false);
	append(path, "S nonsense\nX 1\n\nR 1 2\nB 17"); /* the last one half written */
	again = opened(path, t0 + 1000);                /* as after a kill: nobody closed it */
	r = ledger_row(again, "route", "my m365");
	assert_int_equal(r->log.n, 2);
	assert_int_equal(r->log.v[0].recipients, 3);
	assert_int_equal(r->log.v[1].recipients, 5); /* nobody knows: it counts, and from now */
	assert_int_equal(r->log.v[1].at_ms, t0 + 1000);
	assert_int_equal(r->log.open_messages, 0);
	assert_int_equal(r->ramp.stage, RAMP_ONE);
	assert_int_equal(r->ramp.days, 1);
	assert_int_equal(ledger_row(again, "route", "other")->log.n, 0);
	ledger_close(&again);
	ledger_close(&l);
	leave(path);
}

static void test_stays_small(void **state)
{
	(void)state;
	char *path = place();
	struct ledger *l = opened(path, t0);
	struct ledger_row *r = ledger_row(l, "route", "box");
	struct err e = { 0 };
	for (int i = 0; i < 40000; i++) {
		ledger_begin(l, r, 1, t0 + i * 100LL);
		ledger_end(l, r, 1, 1, true, t0 + i * 100LL + 50);
	}
	assert_false(ledger_trouble(l, &e));
	FILE *f = fopen(path, "r");
	fseek(f, 0, SEEK_END);
	assert_in_range(ftell(f), 1, 3 << 20);
	fclose(f);
	ledger_close(&l);
	l = opened(path, t0 + 4000000);
	unsigned sum = 0;
	r = ledger_row(l, "route", "box");
	for (size_t i = 0; i < r->log.n; i++)
		sum += r->log.v[i].messages;
	assert_int_equal(sum, 40000);
	ledger_close(&l);
	leave(path);
}

static void test_a_disk_that_takes_no_more(void **state)
{
	(void)state;
	char *path = place();
	CLEANUP(mem_free) char *fresh = mem_printf("%s.new", path);
	struct err e = { 0 };
	append(path, "S 1795262400000 2 5 route box\n");
	assert_int_equal(mkdir(fresh, 0700), 0); /* nothing can be written there */
	struct ledger *l = opened(path, t0 + 10);
	assert_true(ledger_trouble(l, &e) && e.kind == ERR_SYS);
	struct ledger_row *r = ledger_row(l, "route", "box");
	assert_int_equal(r->log.v[0].recipients, 5); /* what was known counts on */
	ledger_begin(l, r, 1, t0 + 20);
	ledger_end(l, r, 1, 1, true, t0 + 30);
	assert_false(ledger_trouble(l, &e)); /* the old one grows on */
	ledger_close(&l);
	rmdir(fresh);
	l = opened(path, t0 + 40);
	assert_int_equal(ledger_row(l, "route", "box")->log.n, 2);
	ledger_close(&l);
	leave(path);
}

/* What was sent is as old as before, in memory and over a restart. */
static void test_a_clock_that_is_set(void **state)
{
	(void)state;
	char *path = place();
	struct ledger *l = opened(path, t0);
	struct ledger_row *r = ledger_row(l, "route", "box");
	struct caps c = { 0 };
	caps_add(&c, 5, CAPS_RECIPIENTS, CAPS_DAY_MS, CAPS_CONFIGURED);
	ledger_begin(l, r, 5, t0);
	ledger_end(l, r, 5, 5, true, t0);
	for (int64_t leap = CAPS_DAY_MS; leap >= -CAPS_DAY_MS; leap -= 2 * CAPS_DAY_MS) {
		int64_t was = t0 + (leap > 0 ? leap : 0);
		ledger_shift(l, leap, was + 1000);
		assert_int_equal(caps_ask(&c, &r->log, 1, was + 1000).at_ms, was + CAPS_DAY_MS);
		ledger_close(&l);
		l = opened(path, was + 1000);
		r = ledger_row(l, "route", "box");
		assert_int_equal(caps_ask(&c, &r->log, 1, was + 1000).at_ms, was + CAPS_DAY_MS);
	}
	ledger_close(&l);
	leave(path);
}

/* Noted between the leap and the look that sees it: sent now, not a day from now. */
static void test_a_leap_seen_late(void **state)
{
	(void)state;
	char *path = place();
	struct ledger *l = opened(path, t0);
	struct ledger_row *r = ledger_row(l, "route", "box");
	const int64_t now = t0 + CAPS_DAY_MS;
	struct caps c = { .spacing_ms = 5000 };
	caps_add(&c, 1, CAPS_RECIPIENTS, CAPS_HOUR_MS, CAPS_CONFIGURED);
	ledger_begin(l, r, 1, now - 1000);
	ledger_end(l, r, 1, 1, true, now - 1000);
	ledger_shift(l, CAPS_DAY_MS, now);
	assert_int_equal(caps_ask(&c, &r->log, 1, now).at_ms, now + CAPS_HOUR_MS);
	ledger_close(&l);
	leave(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ramp),
		cmocka_unit_test(test_proven),
		cmocka_unit_test(test_outlives_a_crash),
		cmocka_unit_test(test_stays_small),
		cmocka_unit_test(test_a_disk_that_takes_no_more),
		cmocka_unit_test(test_a_clock_that_is_set),
		cmocka_unit_test(test_a_leap_seen_late),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/seats, relay/lane/known: how many may be tried at once, and who has answered before. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "relay/lane/known.h"
#include "relay/lane/seats.h"

static void test_parts(void **state)
{
	(void)state;
	static const struct {
		unsigned all, most_new, most_silent;
	} rows[] = { { 500, 250, 125 }, { 8, 4, 2 }, { 3, 1, 1 }, { 1, 1, 1 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seats s = { .all = rows[i].all };
		assert_int_equal(seats_most(&s, SEAT_NEW), rows[i].most_new);
		assert_int_equal(seats_most(&s, SEAT_SILENT), rows[i].most_silent);
	}
}

/* A part that is used up is nobody else's trouble. */
static void test_each_has_its_own(void **state)
{
	(void)state;
	struct seats s = { .all = 8 };
	for (unsigned i = 0; i < 4; i++) {
		assert_true(seats_have_room(&s, SEAT_NEW));
		seats_take(&s, SEAT_NEW);
	}
	assert_false(seats_have_room(&s, SEAT_NEW));
	assert_true(seats_have_room(&s, SEAT_SILENT) && seats_have_room(&s, SEAT_PROVEN));
	seats_take(&s, SEAT_SILENT);
	seats_take(&s, SEAT_SILENT);
	seats_give(&s, SEAT_NEW);
	assert_false(seats_have_room(&s, SEAT_SILENT));
	assert_true(seats_have_room(&s, SEAT_NEW) && seats_have_room(&s, SEAT_PROVEN));
}

static void test_known(void **state)
{
	(void)state;
	struct known *k = known_new();
	char name[32];
	assert_false(known_has(k, STR_LIT("direct a.example")));
	known_add(k, STR_LIT("direct a.example"));
	assert_true(known_has(k, STR_LIT("direct a.example")));
	assert_false(known_has(k, STR_LIT("direct b.example")) || known_has(k, STR_LIT("")));
	known_drop(k, STR_LIT("direct b.example"));
	assert_true(known_has(k, STR_LIT("direct a.example")));
	known_drop(k, STR_LIT("direct a.example"));
	assert_false(known_has(k, STR_LIT("direct a.example")));
	size_t kept = 0;
	for (int i = 0; i < KNOWN_NAMES; i++) {
		snprintf(name, sizeof(name), "direct d%d.example", i);
		known_add(k, str_of(name));
	}
	for (int i = 0; i < KNOWN_NAMES; i++) {
		snprintf(name, sizeof(name), "direct d%d.example", i);
		kept += known_has(k, str_of(name));
	}
	assert_true(kept > KNOWN_NAMES / 2 && kept < KNOWN_NAMES);
	known_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_each_has_its_own),
		cmocka_unit_test(test_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter said of a recipient, in the lane where that recipient is held until it stands in the trail.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/filter/filter_lane.h"

static const struct {
	const char *what;
	struct store_mark word;
	const char *lane;
} cases[] = {
	{ "refused",
	  { .state = STORE_REFUSED,
	    .code = 550,
	    .reply = { "5.1.1 no = such (\"user\")", 24 },
	    .why = { "the filter", 10 } },
	  "m365 as office/invoice never-twice" },
	{ "held",
	  { .state = STORE_HELD,
	    .reply = { "", 0 },
	    .why = { "gr\xc3\xbc\xc3\x9f"
		     "e)\r\n",
		     10 } },
	  "direct example.com" },
	{ "thrown away, without a reason",
	  { .state = STORE_CANCELLED, .reply = { "", 0 }, .why = { "", 0 } },
	  "(reports)" },
};

static void test_there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct store_mark *w = &cases[i].word;
		struct store_rcpt r[] = { { .state = STORE_QUEUED, .lane = STR_LIT("m365") },
					  { .state = STORE_HELD,
					    .lane = filter_lane_of(w, str_of(cases[i].lane), a) },
					  { .state = STORE_HELD, .lane = STR_LIT("m365") } };
		struct store_message m = { .id = { 7, 8 }, .rcpts = r, .nrcpts = ARRAY_LEN(r) };
		size_t n;
		assert_true(filter_lane_is(r[1].lane) && !filter_lane_is(r[2].lane));
		const struct store_mark *k = filter_lane_marks(&m, a, &n);
		assert_int_equal(n, 1);
		assert_true(k->rcpt == 1 && store_id_same(k->id, m.id) && k->next_ms == STORE_NEVER);
		assert_true(k->state == w->state && k->code == w->code);
		assert_int_equal(k->tries, !strcmp(cases[i].lane, "(reports)"));
		assert_true(str_eq(k->reply, arena_str(a, w->reply).p) &&
			    str_eq(k->why, arena_str(a, w->why).p));
		assert_true(str_eq(k->lane, cases[i].lane) && str_eq(r[1].lane, cases[i].lane));
	}
}

static void test_what_is_none(void **state)
{
	(void)state;
	static const char *const none[] = { "",
					    "(reports)",
					    "(filter=",
					    "(filter=refused=550=a=b)m365",
					    "(filter=refused=550=a=b=m365",
					    "(filter=none=550=a=b=)m365",
					    "(filter=refused=x=a=b=)m365" };
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_rcpt r = { .state = STORE_HELD, .lane = str_of(none[i]) };
		struct store_message m = { .rcpts = &r, .nrcpts = 1 };
		size_t n;
		(void)filter_lane_marks(&m, a, &n);
		assert_int_equal(n, 0);
		assert_true(str_eq(r.lane, none[i]));
	}
}

/* A thousand recipients with endless words stay within an envelope. */
static void test_long_words(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	char words[20000];
	memset(words, ' ', sizeof(words));
	const struct store_mark w = { .state = STORE_REFUSED,
				      .reply = { words, sizeof(words) },
				      .why = { words, sizeof(words) } };
	assert_true(filter_lane_of(&w, STR_LIT("m365"), a).len < STORE_META_MAX / 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_long_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter said of a recipient, in the lane where that recipient is held until it stands in the trail.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/filter/filter_lane.h"
#include "relay/steer.h"

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
		assert_true(str_eq(filter_lane_own(r[1].lane), cases[i].lane));
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
		assert_true(str_eq(filter_lane_own(r.lane), none[i]) || i > 4);
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

/* What is cut off ends with a letter. */
static void test_long_letters(void **state)
{
	(void)state;
	char words[FILTER_LANE_TEXT_MAX + 2] = "x";
	for (size_t i = 1; i < sizeof(words) - 1; i += 2)
		memcpy(words + i, "\xc3\xbc", 2);
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct store_mark w = { .state = STORE_HELD,
				      .reply = { "", 0 },
				      .why = { words, sizeof(words) - 1 } };
	struct store_rcpt r = { .state = STORE_HELD, .lane = filter_lane_of(&w, STR_LIT("m365"), a) };
	struct store_message m = { .rcpts = &r, .nrcpts = 1 };
	size_t n;
	const struct store_mark *k = filter_lane_marks(&m, a, &n);
	assert_int_equal(n, 1);
	assert_int_equal(k->why.len, FILTER_LANE_TEXT_MAX - 1);
	assert_memory_equal(k->why.p, words, k->why.len);
}

/* A report that came back goes nowhere, also where what a filter said of it stands before its lane. */
static void test_reports_stay(void **state)
{
	(void)state;
	static const char *const lanes[] = { "(reports)", "(filter=held=0==odd=)(reports)",
					     "(filter=held=0==odd=)m365" };
	for (size_t i = 0; i < ARRAY_LEN(lanes); i++)
		for (enum steer s = 0; s < STEERS; s++) {
			CLEANUP(arena_free) struct arena *a = arena_new();
			struct store_rcpt r = { .state = STORE_HELD, .lane = str_of(lanes[i]) };
			const struct store_message m = { .id = { 7, 8 }, .rcpts = &r, .nrcpts = 1 };
			const struct steer_order o = { .what = s, .now_ms = 1 };
			struct store_mark k;
			const char *no = "";
			bool ok = steer_mark(&o, &m, 0, &(struct steer_known){ 0 }, a, &k, &no);
			if (i < 2)
				assert_int_equal(ok, s == STEER_CANCEL);
			else
				assert_int_equal(ok, s != STEER_RETRY); /* what is held is released first */
			if (i == 2 && s == STEER_RELEASE)
				assert_true(str_eq(k.lane, "m365"));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_long_words),     cmocka_unit_test(test_reports_stay),
		cmocka_unit_test(test_long_letters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What waits, by destination: as it is shown, and who of a mail is meant. */
#include "tests/unit/unit.h"

#include <jansson.h>

#include "show/queue_json.h"

static bool no_view(void *ctx, struct str lane, struct arena *a, struct lane_view *out)
{
	(void)ctx, (void)lane, (void)a, (void)out;
	return false;
}

/* What a filter said is no destination: those it was said of wait at their own. */
static void test_own_lanes(void **state)
{
	(void)state;
	struct store_lane v[] = {
		{ .lane = "(filter=refused=550=no+20a==)m365",
		  .count = { [STORE_HELD] = 2 },
		  .oldest_ms = 5,
		  .next_ms = STORE_NEVER },
		{ .lane = "m365", .count = { [STORE_DELAYED] = 1 }, .oldest_ms = 7, .next_ms = 9 },
		{ .lane = "(filter=held=0==odd=)out", .count = { [STORE_HELD] = 1 }, .oldest_ms = 8 },
		{ .lane = "(filter=refused=550=no+20b==)m365",
		  .count = { [STORE_HELD] = 1 },
		  .oldest_ms = 6,
		  .next_ms = STORE_NEVER },
	};
	struct store_lanes all = { v, ARRAY_LEN(v) };
	queue_lanes_own(&all);
	assert_int_equal(all.n, 2);
	assert_string_equal(v[0].lane, "m365");
	assert_int_equal(v[0].count[STORE_HELD], 3);
	assert_int_equal(v[0].count[STORE_DELAYED], 1);
	assert_true(v[0].oldest_ms == 5 && v[0].next_ms == 9);
	assert_string_equal(v[1].lane, "out");
	assert_int_equal(queue_lane_total(&v[1]), 1);
}

/* What was answered on the way they had once is not why they wait for a route. */
static void test_no_route(void **state)
{
	(void)state;
	for (int none = 0; none < 2; none++) {
		struct store_lane l = { .lane = none ? "none" : "out",
					.count = { [STORE_DELAYED] = 1 },
					.code = 451,
					.reply = STR_LIT("4.3.0 later"),
					.host = STR_LIT("mx.example"),
					.finding = STR_LIT("rcpt-greylisted") };
		const struct store_lanes all = { &l, 1 };
		json_t *o = queue_json(&(struct queue_document){ &all, no_view, NULL, true });
		const json_t *d = json_array_get(json_object_get(o, "destinations"), 0);
		static const char *const texts[] = { "reply", "host", "finding", "title" };
		assert_int_equal(json_integer_value(json_object_get(d, "code")), none ? 0 : 451);
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			assert_int_equal(json_string_length(json_object_get(d, texts[i])) == 0, none);
		json_decref(o);
	}
}

/* Nor is it why, where all that wait could not be read on our own disk; where some, it is told beside it. */
static void test_unreadable(void **state)
{
	(void)state;
	for (size_t lost = 1; lost <= 2; lost++) {
		struct store_lane l = { .lane = "out",
					.count = { [STORE_DELAYED] = 2 },
					.unreadable = lost,
					.code = 451,
					.reply_ms = 5,
					.reply = STR_LIT("4.3.0 later"),
					.host = STR_LIT("mx.example"),
					.finding = STR_LIT("greylisted") };
		const struct store_lanes all = { &l, 1 };
		json_t *o = queue_json(&(struct queue_document){ &all, no_view, NULL, true });
		const json_t *d = json_array_get(json_object_get(o, "destinations"), 0);
		bool none = lost == 2;
		assert_int_equal(json_integer_value(json_object_get(d, "unreadable")), lost);
		assert_int_equal(json_integer_value(json_object_get(d, "code")), none ? 0 : 451);
		assert_string_equal(json_string_value(json_object_get(d, "reply")),
				    none ? "" : "4.3.0 later");
		assert_int_equal(json_is_null(json_object_get(d, "reply_time")), none);
		assert_string_equal(json_string_value(json_object_get(d, "finding")),
				    none ? FINDING_OWN_COPY : "greylisted");
		json_decref(o);
	}
}

/* Its domain in letters or in ASCII is one domain. */
static void test_whom(void **state)
{
	(void)state;
	static const struct {
		const char *named;
		size_t meant;
	} cases[] = { { "", 2 },
		      { "info@m\u00fcller.example", 1 },
		      { "Info@xn--mller-kva.example", 1 },
		      { "info@muller.example", 0 },
		      { "b@example.net", 1 } };
	struct store_rcpt r[] = { { .address = STR_LIT("info@xn--mller-kva.example") },
				  { .address = STR_LIT("b@example.net") } };
	for (size_t i = 0; i < ARRAY_LEN(r); i++) {
		r[i].lane = STR_LIT("out");
		r[i].finding = STR_LIT("");
		r[i].state = STORE_HELD;
	}
	const struct store_trail t = { .message = { .id = { 7, 8 }, .rcpts = r, .nrcpts = 2 } };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct queue_choice w = { .what = STEER_RELEASE, .recipient = str_of(cases[i].named) };
		struct queue_selection found = { 0 };
		assert_int_equal(queue_pick_trail(&w, &t, QUEUE_PICK_EACH, a, &found), cases[i].meant);
		queue_selection_clear(&found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_lanes),
		cmocka_unit_test(test_no_route),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_whom),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

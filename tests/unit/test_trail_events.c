/* SPDX-License-Identifier: Apache-2.0 */
/* An event of a trail in words, and which events are but a step on the way to the next. */
#include "tests/unit/unit.h"

#include <string.h>

#include "show/trail_events.h"
#include "show/trail_words.h"

/* A mail API answers without a code of SMTP; what such a server took could be used. */
static void test_said(void **state)
{
	(void)state;
	static const struct {
		struct store_event event;
		const char *words;
	} cases[] = {
		{ { .state = STORE_HANDED_OVER,
		    .host = STR_LIT("graph.example"),
		    .reply = STR_LIT("HTTP 202") },
		  "graph.example answered HTTP 202: handed over, which is not delivered" },
		{ { .state = STORE_HANDED_OVER,
		    .host = STR_LIT("mx.example"),
		    .code = 250,
		    .reply = STR_LIT("2.0.0 Ok") },
		  "mx.example answered 250 2.0.0 Ok: handed over, which is not delivered" },
		{ { .state = STORE_DELAYED, .host = STR_LIT("mx.example"), .reply = STR_LIT("timeout") },
		  "mx.example could not be used: timeout" },
		{ { .state = STORE_IN_DOUBT, .host = STR_LIT("mx.example"), .why = STR_LIT("it closed") },
		  "mx.example: it closed; all of it had gone out, and no answer came" },
	};
	struct store_rcpt rcpt = { .address = STR_LIT("b@example.net") };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_event v[] = { { .state = STORE_QUEUED }, cases[i].event };
		const struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 },
					       .events = v,
					       .nevents = ARRAY_LEN(v) };
		assert_string_equal(trail_event_words(a, &t, &v[1]), cases[i].words);
	}
}

/* What a filter said is written behind the first "held", which would say nothing by itself; until then the
 * lane says it. */
static void test_step(void **state)
{
	(void)state;
	static const struct {
		struct store_event next;
		const char *lane, *words;
		bool is_step;
	} cases[] = {
		{ { .state = STORE_HELD, .why = STR_LIT("quarantine by \"x\"") },
		  "out",
		  "waits on purpose: quarantine by \"x\"",
		  true },
		{ { .state = STORE_CANCELLED, .why = STR_LIT("discarded by \"x\"") },
		  "out",
		  "waits on purpose: discarded by \"x\"",
		  true },
		{ { .state = STORE_CANCELLED, .why = STR_LIT("withdrawn by anna") },
		  "out",
		  "waits on purpose",
		  false },
		{ { .state = STORE_HANDED_OVER, .why = STR_LIT("a report") },
		  "(reports)",
		  "waits on purpose",
		  false },
		{ { .rcpt = 1, .state = STORE_HELD, .why = STR_LIT("another's") },
		  "out",
		  "waits on purpose",
		  false },
		{ { .rcpt = 1, .state = STORE_HELD, .why = STR_LIT("another's") },
		  "(filter=held=0==looks+20odd=)out",
		  "waits on purpose: looks odd",
		  false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_rcpt rcpt = { .state = STORE_HELD, .lane = str_of(cases[i].lane) };
		struct store_event v[] = { { .rcpt = UINT32_MAX, .state = STORE_QUEUED },
					   { .state = STORE_HELD, .next_ms = STORE_NEVER },
					   cases[i].next };
		const struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 },
					       .events = v,
					       .nevents = ARRAY_LEN(v) };
		assert_int_equal(trail_is_step(&t, &v[1]), cases[i].is_step);
		assert_string_equal(trail_event_words(a, &t, &v[1]), cases[i].words);
		if (i == ARRAY_LEN(cases) - 1)
			assert_string_equal(
				trail_known(a, &t, 0, &v[1], 0),
				"Waiting on purpose: looks odd, until it is released (postrider queue "
				"release).");
	}
}

/* So is why a report waits for an hour with room. */
static void test_step_until(void **state)
{
	(void)state;
	static const struct {
		int64_t next_ms;
		const char *why, *words;
		bool is_step;
	} cases[] = {
		{ 900, "60 reports went to a@b within an hour",
		  "waits on purpose: 60 reports went to a@b within an hour", true },
		{ 900, "held by anna", "waits on purpose", false },
		{ 901, "daily cap", "waits on purpose", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_rcpt rcpt = { .state = STORE_HELD, .lane = STR_LIT("out") };
		struct store_event v[] = {
			{ .rcpt = UINT32_MAX, .state = STORE_QUEUED },
			{ .state = STORE_HELD, .next_ms = 900 },
			{ .state = STORE_HELD, .next_ms = cases[i].next_ms, .why = str_of(cases[i].why) }
		};
		const struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 },
					       .events = v,
					       .nevents = ARRAY_LEN(v) };
		assert_int_equal(trail_is_step(&t, &v[1]), cases[i].is_step);
		assert_string_equal(trail_event_words(a, &t, &v[1]), cases[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_said),
		cmocka_unit_test(test_step),
		cmocka_unit_test(test_step_until),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

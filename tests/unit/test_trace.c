/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/trace_show.h"
#include "show/trail_json.h"
#include "show/trail_events.h"
#include "show/trail_words.h"

static const int64_t noon = 1795262400000; /* 2026-11-21T12:00:00Z */

static struct store_rcpt rcpts[] = {
	{ .address = STR_LIT("anna@kunde.example"),
	  .lane = STR_LIT("direct kunde.example"),
	  .state = STORE_HANDED_OVER,
	  .tries = 2 },
	{ .address = STR_LIT("ben@kunde.example"),
	  .lane = STR_LIT("box"),
	  .state = STORE_REFUSED,
	  .tries = 1 },
};
static struct store_event events[] = {
	{ .rcpt = UINT32_MAX, .at_ms = 1795262400000, .state = STORE_QUEUED, .next_ms = STORE_NEVER },
	{ .rcpt = 0,
	  .at_ms = 1795262401000,
	  .state = STORE_DELAYED,
	  .code = 450,
	  .tries = 1,
	  .next_ms = 1795262701000,
	  .host = STR_LIT("mx.kunde.example"),
	  .address = STR_LIT("192.0.2.1"),
	  .reply = STR_LIT("4.2.0 <anna@kunde.example>: Recipient address rejected: Greylisted") },
	{ .rcpt = 1,
	  .at_ms = 1795262401000,
	  .state = STORE_REFUSED,
	  .code = 550,
	  .tries = 1,
	  .next_ms = STORE_NEVER,
	  .host = STR_LIT("mx.kunde.example"),
	  .address = STR_LIT("192.0.2.1"),
	  .reply = STR_LIT("5.1.1 <ben@kunde.example>: Recipient address rejected: User unknown") },
	{ .rcpt = 0,
	  .at_ms = 1795262702000,
	  .state = STORE_SENDING,
	  .dot = true,
	  .host = STR_LIT("mx.kunde.example"),
	  .next_ms = STORE_NEVER },
	{ .rcpt = 0,
	  .at_ms = 1795262702500,
	  .state = STORE_HANDED_OVER,
	  .code = 250,
	  .tries = 2,
	  .next_ms = STORE_NEVER,
	  .host = STR_LIT("mx.kunde.example"),
	  .address = STR_LIT("192.0.2.1"),
	  .tls = STR_LIT("TLSv1.3"),
	  .proof = STORE_PROOF_DANE,
	  .reply = STR_LIT("2.0.0 Ok: queued as 4XYZ"),
	  .remote_id = STR_LIT("4XYZ") },
};

static struct store_trail trail(void)
{
	return (struct store_trail){
		.message = { .id = { 12345, 6 },
			     .arrived_ms = noon,
			     .size = 900,
			     .reverse_path = STR_LIT("app@example.com"),
			     .account = STR_LIT("app"),
			     .client = STR_LIT("192.0.2.7"),
			     .subject = STR_LIT("Invoice 4711\x1b[31m"),
			     .message_id = STR_LIT("<1@example.com>"),
			     .rcpts = rcpts,
			     .nrcpts = ARRAY_LEN(rcpts) },
		.events = events,
		.nevents = ARRAY_LEN(events),
		.body_here = true,
	};
}

/* The whole text, as on a terminal of 100 columns. */
static char *shown(const struct trace_options *o, const uint32_t *only, size_t nonly)
{
	char *text = NULL;
	size_t n = 0;
	struct store_trail t = trail();
	FILE *f = open_memstream(&text, &n);
	struct trace_show s = { paper_of(f, 100, false, true), o, noon + 400000, 0, NULL };
	trace_show_trail(&s, &t, only, nonly);
	fclose(f);
	return text;
}

/* Line ends and indents of a wrapped text are of no interest here. */
static char *unwrapped(char *text)
{
	char *to = text;
	for (const char *s = text; *s; s++) {
		bool blank = *s == ' ' || *s == '\n';
		if (!blank || (to > text && to[-1] != ' '))
			*to++ = blank ? ' ' : *s;
	}
	*to = 0;
	return text;
}

static void check_has(char *text, const char *const *wanted, size_t n)
{
	unwrapped(text);
	for (size_t i = 0; i < n; i++)
		if (!strstr(text, wanted[i]))
			fail_msg("no \"%s\" in\n%s", wanted[i], text);
}

static void test_handed_over(void **state)
{
	(void)state;
	const struct trace_options o = { 0 };
	const uint32_t first = 0;
	CLEANUP(mem_free) char *text = shown(&o, &first, 1);
	static const char *const wanted[] = {
		"HANDED OVER to anna@kunde.example ",
		"the recipient's own mail server has taken it",
		"Who runs mx.kunde.example finds it there as 4XYZ.",
		"2026-11-21 (times in UTC)",
		"12:00:00 queued taken from 192.0.2.7 (logged in as app), safe on our disk",
		"12:00:01 delayed mx.kunde.example [192.0.2.1] answered 450 4.2.0",
		"that means: The server makes new senders wait",
		"next try 2026-11-21 12:05:01 (try 1 was this)",
		"(TLSv1.3, the server was proven by DANE): handed over, which is not delivered",
		("Proof mx.kunde.example answered 250 2.0.0 Ok: queued as 4XYZ at 2026-11-21 12:05:02: "
		 "handed over, which is not delivered"),
		"Invoice 4711\\x1b[31m",
	};
	check_has(text, wanted, ARRAY_LEN(wanted));
	assert_null(strstr(text, "ben@kunde.example"));
	assert_null(strstr(text, "What to do"));         /* it is over, and well as far as we know */
	assert_null(strstr(text, "all of it goes out")); /* of no interest any more */
}

static void test_refused(void **state)
{
	(void)state;
	const struct trace_options o = { 0 };
	const uint32_t second = 1;
	CLEANUP(mem_free) char *text = shown(&o, &second, 1);
	static const char *const wanted[] = {
		"REFUSED to ben@kunde.example ",
		"refused it for good",
		" Why The recipient's server does not know ben@kunde.example.",
		" What to do You ",
		"Finding ",
		("mx.kunde.example answered 550 5.1.1 <ben@kunde.example>: Recipient address rejected: User "
		 "unknown at 2026-11-21 12:00:01"),
	};
	check_has(text, wanted, ARRAY_LEN(wanted));
	assert_null(strstr(text, "anna@kunde.example"));
}

static void test_json(void **state)
{
	(void)state;
	struct store_trail t = trail();
	CLEANUP(mem_free) char *text = NULL;
	size_t n = 0;
	json_error_t e;
	FILE *f = open_memstream(&text, &n);
	json_write_line(f, trail_json(&t));
	fclose(f);
	assert_ptr_equal(strchr(text, '\n'), text + n - 1); /* one line */
	json_t *o = json_loads(text, 0, &e), *list = json_object_get(o, "recipients");
	json_t *anna = json_array_get(list, 0), *events_json = json_object_get(o, "trail");
	assert_string_equal(json_string_value(json_object_get(o, "id")), "000000000c1s000006");
	assert_string_equal(json_string_value(json_object_get(o, "arrived")), "2026-11-21T12:00:00.000Z");
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(json_string_value(json_object_get(anna, "state")), "handed-over");
	assert_string_equal(json_string_value(json_object_get(anna, "hop")), "mx");
	assert_string_equal(json_string_value(json_object_get(anna, "remote_id")), "4XYZ");
	assert_int_equal(json_array_size(events_json), ARRAY_LEN(events));
	json_t *refused = json_object_get(json_array_get(events_json, 2), "meaning");
	assert_non_null(refused);
	assert_string_equal(json_string_value(json_object_get(refused, "retry")), "never");
	assert_null(json_object_get(json_array_get(events_json, 4), "meaning"));
	json_decref(o);
}

static void test_words(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	assert_string_equal(trail_reply(a, 250, STR_LIT("250 2.0.0 Ok")), "250 2.0.0 Ok");
	assert_string_equal(trail_reply(a, 250, STR_LIT("Ok\r\nyes")), "250 Ok  yes");
	assert_string_equal(trail_reply(a, 0, STR_LIT("connection refused")), "connection refused");
	assert_string_equal(trail_reply(a, 550, STR_LIT("")), "550 ");
	assert_string_equal(trail_span(a, 1000, 41000), "in 40 seconds");
	assert_string_equal(trail_span(a, 7200000, 0), "2 hours ago");
	assert_string_equal(trail_span(a, 5, 500), "now");
	assert_string_equal(trail_hop(STR_LIT("none")), "");
	/* Every state has its words, and none says more than is known. */
	for (int s = STORE_QUEUED; s < STORE_STATES; s++) {
		struct store_trail t = trail();
		struct store_rcpt r = { .address = STR_LIT("x@y.example"), .state = (enum store_state)s };
		struct store_event v = { .rcpt = 0, .state = r.state, .at_ms = noon, .next_ms = STORE_NEVER };
		t.message.rcpts = &r;
		t.message.nrcpts = 1;
		t.events = &v;
		t.nevents = 1;
		assert_true(*trail_known(a, &t, 0, &v, noon));
		v.next_ms = noon + 7200000; /* without a clock no time is told from 1970 on */
		assert_null(strpbrk(trail_known(a, &t, 0, &v, 0), "0123456789"));
		assert_true(*trail_event_words(a, &t, &v));
		assert_true(*trail_state_word(r.state));
		assert_null(strstr(trail_known(a, &t, 0, &v, noon), "success"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handed_over),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

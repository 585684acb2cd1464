/* SPDX-License-Identifier: Apache-2.0 */
/* What the logs tell of already, and how far they go. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/log_place.h"

#include "relay/log_line.h"

static const int64_t noon = 1795262400000; /* 2026-11-21T12:00:00Z */
static const struct store_id ids[] = { { 12345, 6 }, { 12346, 7 } };

static struct store_rcpt rcpts[] = {
	{ .address = STR_LIT("a@one.example"), .state = STORE_QUEUED },
	{ .address = STR_LIT("b@two.example"), .state = STORE_HELD },
};
static const struct store_message message = {
	.arrived_ms = 1795262400000,
	.reverse_path = STR_LIT("app@example.com"),
	.subject = STR_LIT("\"state\":\"refused\""),
	.rcpts = rcpts,
	.nrcpts = 2,
};
static const struct store_mark marks[] = {
	{ .id = { 12345, 6 }, .state = STORE_SENDING, .at_ms = noon + 5 },
	{ .id = { 12345, 6 }, .state = STORE_HANDED_OVER, .at_ms = noon + 6, .tries = 1 },
	{ .id = { 12345, 6 }, .rcpt = 1, .state = STORE_REFUSED, .at_ms = noon + 6, .tries = 1 },
};

static size_t lines_of(const struct log_place *p, const char *name)
{
	size_t n = 0;
	for (const char *s = log_place_read(p, name); (s = strchr(s, '\n')); s++)
		n++;
	return n;
}

static void test_heads(void **state)
{
	(void)state;
	static const struct {
		const char *line, *head, *whom;
	} rows[] = {
		{ "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":1,\"state\":\"held\",\"lane\":\"a\"}",
		  "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":1,\"state\":\"held\"", "\"id\":\"x\",\"rcpt\":1" },
		{ "{\"time\":\"T\",\"trouble\":\"disk full\"}", "", "" },
		{ "ld\",\"id\":\"x\",\"rcpt\":1,\"state\":\"held\"}", "", "" },
		{ "{\"time\":\"T\",\"id\":\"x\",\"rcpt\":1,\"state\":\"hel", "", "" },
		{ "", "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str head = log_line_head(str_of(rows[i].line)), whom = log_line_whom(head);
		assert_true(str_eq(head, rows[i].head));
		assert_true(str_eq(whom, rows[i].whom));
	}
}

/* What stands there is not written again between recall and forget, whatever state it came in. */
static void test_known(void **state)
{
	(void)state;
	struct log_place p;
	log_place_begin(&p);
	relay_log_taken(p.log, &message, ids[0]);
	relay_log_marks(p.log, &message, marks, 2);
	relay_log_recall(p.log);
	assert_false(relay_log_lacks(p.log, &marks[0]));
	assert_false(relay_log_lacks(p.log, &marks[1]));
	assert_true(relay_log_lacks(p.log, &marks[2]));
	assert_true(relay_log_lacks_taken(p.log, ids[1]));
	relay_log_taken(p.log, &message, ids[0]);
	relay_log_taken(p.log, &message, ids[1]);
	relay_log_marks(p.log, &message, marks, 3);
	relay_log_forget(p.log);
	relay_log_flush(p.log);
	assert_int_equal(lines_of(&p, "queue.log"), 2 + 2 + 2 + 1);
	assert_int_equal(lines_of(&p, "handed-over.log"), 1);
	assert_int_equal(lines_of(&p, "failed.log"), 1);
	log_place_end(&p);
}

/* A kill between the lines of one message: the last one's others may be missing. */
static void test_cut_within_a_message(void **state)
{
	(void)state;
	struct log_place p;
	struct store_message first = message;
	log_place_begin(&p);
	first.nrcpts = 1;
	relay_log_taken(p.log, &message, ids[1]);
	relay_log_taken(p.log, &first, ids[0]);
	relay_log_recall(p.log);
	assert_false(relay_log_lacks_taken(p.log, ids[1]));
	assert_true(relay_log_lacks_taken(p.log, ids[0]));
	relay_log_taken(p.log, &message, ids[0]);
	relay_log_forget(p.log);
	relay_log_flush(p.log);
	assert_int_equal(lines_of(&p, "queue.log"), 4);
	log_place_end(&p);
}

static void test_noted(void **state)
{
	(void)state;
	struct log_place p;
	struct store_place place = { 0 };
	log_place_begin(&p);
	assert_false(relay_log_noted(p.log, &place));
	relay_log_note(p.log, (struct store_place){ 3, 1ull << 33 });
	relay_log_flush(p.log);
	assert_true(relay_log_noted(p.log, &place));
	assert_true(place.segment == 3 && place.offset == 1ull << 33);
	log_place_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_cut_within_a_message),
		cmocka_unit_test(test_noted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/steer.h"
#include "relay/why.h"

static const int64_t now = 1795262400000;

static const struct {
	enum steer what;
	enum store_state from;
	unsigned tries;
	enum store_state to; /* STORE_NO_STATE: cannot be */
	int64_t next_ms;
	const char *words; /* of the why, or the reason against it */
} cases[] = {
	{ STEER_HOLD, STORE_QUEUED, 0, STORE_HELD, STORE_NEVER, "held by anna: wrong price" },
	{ STEER_HOLD, STORE_DELAYED, 2, STORE_HELD, STORE_NEVER, "held by" },
	{ STEER_HOLD, STORE_SENDING, 0, STORE_NO_STATE, 0, "right now" },
	{ STEER_HOLD, STORE_HANDED_OVER, 1, STORE_NO_STATE, 0, "an end already" },
	{ STEER_RELEASE, STORE_HELD, 0, STORE_QUEUED, 1795262400000, "released by anna" },
	{ STEER_RELEASE, STORE_HELD, 3, STORE_DELAYED, 1795262400000, "released" },
	{ STEER_RELEASE, STORE_DELAYED, 3, STORE_NO_STATE, 0, "not held" },
	{ STEER_RETRY, STORE_DELAYED, 3, STORE_DELAYED, 1795262400000, "to be tried now" },
	{ STEER_RETRY, STORE_IN_DOUBT, 1, STORE_IN_DOUBT, 1795262400000, "to be tried now" },
	{ STEER_RETRY, STORE_HELD, 1, STORE_NO_STATE, 0, "release it first" },
	{ STEER_BOUNCE, STORE_DELAYED, 3, STORE_EXPIRED, 0, "given up by anna" },
	{ STEER_BOUNCE, STORE_HELD, 0, STORE_EXPIRED, 0, "given up" },
	{ STEER_CANCEL, STORE_QUEUED, 0, STORE_CANCELLED, 0, "withdrawn by anna" },
	{ STEER_CANCEL, STORE_REFUSED, 1, STORE_NO_STATE, 0, "an end already" },
};

static void test_marks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_rcpt r = { .address = STR_LIT("a@b.example"),
					.lane = STR_LIT("box"),
					.state = cases[i].from,
					.tries = cases[i].tries };
		const struct store_message m = { .id = { 7, 8 }, .rcpts = &r, .nrcpts = 1 };
		const struct steer_order o = { .what = cases[i].what,
					       .by = STR_LIT("anna"),
					       .reason = STR_LIT("wrong price"),
					       .now_ms = now };
		const struct steer_known known = { .lane = STR_LIT("new route"),
						   .finding = STR_LIT("rcpt-greylisted") };
		struct store_mark k;
		const char *no = "";
		bool ok = steer_mark(&o, &m, 0, &known, a, &k, &no);
		assert_int_equal(ok, cases[i].to != STORE_NO_STATE);
		const char *words = ok ? arena_dup(a, k.why.p, k.why.len) : no;
		if (!strstr(words, cases[i].words))
			fail_msg("case %zu: %s", i, words);
		if (!ok)
			continue;
		assert_true(steer_wrote(k.why));
		assert_int_equal(k.state, cases[i].to);
		assert_int_equal(k.next_ms, cases[i].next_ms);
		assert_int_equal(k.tries, cases[i].tries);
		assert_true(str_eq(k.finding, "rcpt-greylisted"));
		bool goes_on = cases[i].what == STEER_RELEASE || cases[i].what == STEER_RETRY;
		assert_int_equal(k.lane.len > 0, goes_on);
		assert_true(store_state_may_follow(cases[i].from, k.state));
	}
}

/* What may have arrived already: held it stays in doubt, and only a person who asks for it sends it again. */
static const struct {
	enum steer what;
	int64_t next_ms, until_ms;
	int64_t to_ms;   /* 0: cannot be */
	const char *why; /* the reason against it */
} doubts[] = {
	{ STEER_HOLD, 5, 0, STORE_NEVER, "" },
	{ STEER_HOLD, 5, 1795262404000, 1795262404000, "" },
	{ STEER_HOLD, STORE_NEVER, 0, 0, "nothing sends it again by itself" },
	{ STEER_HOLD, STORE_NEVER, 1795262404000, 0, "may have arrived already" },
	{ STEER_RELEASE, STORE_NEVER, 0, 0, "postrider queue retry sends it again" },
	{ STEER_RELEASE, 5, 0, 0, "it is not held" },
	{ STEER_RETRY, STORE_NEVER, 0, 1795262400000, "" },
};

static void test_doubt(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(doubts); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_rcpt r = { .state = STORE_IN_DOUBT, .tries = 1, .next_ms = doubts[i].next_ms };
		const struct store_message m = { .id = { 7, 8 }, .rcpts = &r, .nrcpts = 1 };
		const struct steer_order o = { .what = doubts[i].what,
					       .now_ms = now,
					       .until_ms = doubts[i].until_ms };
		const struct steer_known known = { .finding = STR_LIT("") };
		struct store_mark k;
		const char *no = "";
		assert_int_equal(steer_mark(&o, &m, 0, &known, a, &k, &no), doubts[i].to_ms != 0);
		if (!strstr(no, doubts[i].why))
			fail_msg("case %zu: %s", i, no);
		if (!doubts[i].to_ms)
			continue;
		assert_int_equal(k.state, STORE_IN_DOUBT);
		assert_int_equal(k.next_ms, doubts[i].to_ms);
	}
}

/* Held, it is told as doubt, and who holds it. */
static void test_why_doubt_is_held(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt r = { .state = STORE_IN_DOUBT, .next_ms = STORE_NEVER, .tries = 1 };
	struct why_case c = { &r, STR_LIT("held by anna"), NULL, true, now, 0, 0 };
	const char *says = why_sentence(&c, a);
	assert_non_null(strstr(says, "in doubt: it may have arrived already"));
	assert_non_null(strstr(says, "not sent again by itself (held by anna)"));
	assert_non_null(strstr(says, "and no answer came"));
	c.doubt = 650;
	assert_non_null(strstr(why_sentence(&c, a), "and no clear answer came"));
	r.next_ms = now + 300000;
	assert_non_null(strstr(why_sentence(&c, a), "and no clear answer came; it is sent again"));
}

static void test_names(void **state)
{
	(void)state;
	enum steer s;
	for (int i = 0; i < STEERS; i++) {
		assert_true(steer_of(str_of(steer_name((enum steer)i)), &s));
		assert_int_equal(s, i);
	}
	assert_false(steer_of(STR_LIT("delete"), &s));
	assert_true(steer_wrote(STR_LIT("held")));
	assert_false(steer_wrote(STR_LIT("held back by the server")));
	assert_false(steer_wrote(STR_LIT("")));
}

static const struct lane_view free_lane = {
	.lane = "m365", .route = "m365", .provider = "", .rule = "", .reply = "", .finding = ""
};

static void test_why(void **state)
{
	(void)state;
	struct lane_view busy = free_lane, rated = free_lane, paused = free_lane;
	busy.provider = "Microsoft 365";
	busy.sessions = busy.sessions_max = 3;
	busy.ahead = 14;
	struct lane_view in_hand = free_lane, crowded = free_lane, all_busy = free_lane, tested = free_lane;
	in_hand.claimed = true;
	struct lane_view marked = in_hand;
	in_hand.sessions = 1;
	crowded.sessions_max = 10;
	crowded.others = 10;
	crowded.ahead = 1;
	all_busy.all_busy = true;
	struct lane_view new = free_lane, silent = free_lane;
	new.seat = SEAT_NEW;
	new.seats_max = 250;
	new.ahead = 1;
	silent.seat = SEAT_SILENT;
	silent.seats_max = 125;
	silent.seats_before = 2;
	silent.finding = "tcp-refused";
	silent.failed = true;
	tested.failed = true;
	tested.sessions = tested.sessions_max = 1;
	tested.finding = "tcp-refused";
	struct lane_view found = free_lane;
	found.finding = "tcp-refused";
	found.next_ms = now + 15000;
	rated.rate = 30;
	rated.rate_s = 60;
	rated.slot_ms = 2000;
	rated.ahead = 20;
	rated.next_ms = now + 1000;
	struct lane_view second = rated;
	second.ahead = 1;
	second.turns = 2;
	paused.reply = "connection refused";
	paused.next_ms = now + 15000;
	const struct {
		enum store_state s;
		int64_t next_ms;
		const struct lane_view *lane;
		bool running;
		const char *lane_name, *words;
		int64_t eta;
	} rows[] = {
		{ STORE_QUEUED, now, &busy, true, "m365",
		  "waiting: Microsoft 365 takes 3 connections at a time (destination m365); 14 messages go "
		  "before it; next "
		  "slot when one is done",
		  0 },
		{ STORE_QUEUED, now, &rated, true, "m365",
		  "waiting: m365 takes 30 messages in 60 s (destination m365); 20 messages go before it; its "
		  "turn "
		  "in about "
		  "41 s",
		  now + 41000 },
		{ STORE_QUEUED, now, &paused, true, "m365",
		  "waiting: m365 is left alone for a while after a failure (connection refused); it is tried "
		  "again in "
		  "about 15 s",
		  now + 15000 },
		{ STORE_QUEUED, now, &found, true, "m365",
		  "waiting: m365 is left alone for a while after a failure (The server takes no connection "
		  "on this "
		  "port); it is tried again in about 15 s",
		  now + 15000 },
		{ STORE_QUEUED, now, &free_lane, true, "m365", "due: it goes out next (destination m365)",
		  0 },
		{ STORE_QUEUED, now, &in_hand, true, "m365",
		  "a session for its destination (m365) has it in hand", 0 },
		{ STORE_QUEUED, now, &marked, true, "m365",
		  "the relay has it in hand (destination m365): what becomes of it is being written down",
		  0 },
		{ STORE_QUEUED, now, &second, true, "m365",
		  "waiting: m365 takes 30 messages in 60 s (destination m365); 1 message goes before it; 2 "
		  "other destinations of the same hosts have their turns first; its turn in about 7 s",
		  now + 7000 },
		{ STORE_QUEUED, now, &crowded, true, "m365",
		  "waiting: m365 takes 10 connections at a time (destination m365), and 10 of them carry "
		  "mail to "
		  "others there; 1 message goes before it; next slot when one is done",
		  0 },
		{ STORE_QUEUED, now, &all_busy, true, "m365",
		  "waiting: the relay has as many connections open as it may (destination m365); its turn "
		  "comes "
		  "when one is done",
		  0 },
		{ STORE_QUEUED, now, &new, true, "m365",
		  "waiting: destinations that have not answered yet take 250 connections at a time together, "
		  "so that all others find room (destination m365); 1 message goes before it; its turn comes "
		  "when one of these is done",
		  0 },
		{ STORE_DELAYED, now, &silent, true, "m365",
		  "waiting: destinations that did not answer last time take 125 connections at a time "
		  "together, so that all others find room (destination m365); 2 of them have their turns "
		  "first; its turn comes when one of these is done",
		  0 },
		{ STORE_QUEUED, now, &tested, true, "m365",
		  "waiting: m365 failed (The server takes no connection on this port); one connection finds "
		  "out "
		  "whether it works again (destination m365)",
		  0 },
		{ STORE_DELAYED, now + 5000, &found, true, "m365",
		  "waiting after 2 tries: its destination, m365, is left alone until then, and it is tried "
		  "again "
		  "in about 15 s (postrider queue retry: now)",
		  now + 15000 },
		{ STORE_DELAYED, now + 300000, &free_lane, true, "m365",
		  "waiting after 2 tries: it is tried again in about 5 min (postrider queue retry: now)",
		  now + 300000 },
		{ STORE_IN_DOUBT, now + 300000, &free_lane, true, "m365",
		  "in doubt: it went out whole and no answer came; it is sent again in about 5 min",
		  now + 300000 },
		{ STORE_IN_DOUBT, STORE_NEVER, NULL, false, "m365 as office",
		  "in doubt: it may have arrived already. It went out whole (try 2)", STORE_NEVER },
		{ STORE_HELD, STORE_NEVER, NULL, true, "m365",
		  "held: daily cap, until it is released (postrider queue release)", STORE_NEVER },
		{ STORE_HELD, now + 7200000, NULL, true, "m365",
		  "held: daily cap; it goes on by itself in about 2 h", now + 7200000 },
		{ STORE_DELAYED, now + 3 * INT64_C(86400000), &free_lane, true, "m365",
		  "waiting after 2 tries: it is tried again in about 3 days", now + 3 * INT64_C(86400000) },
		{ STORE_QUEUED, now, NULL, false, "m365", "no relay is running on this folder: start it",
		  STORE_NEVER },
		{ STORE_QUEUED, now, NULL, true, "none", "no route carries it", 0 },
		{ STORE_SENDING, now, NULL, true, "m365", "it is going out right now", 0 },
		{ STORE_HANDED_OVER, 0, NULL, true, "m365", "it does not wait: handed-over", STORE_NEVER },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct store_rcpt r = { .state = rows[i].s,
					      .next_ms = rows[i].next_ms,
					      .tries = 2,
					      .lane = str_of(rows[i].lane_name),
					      .finding = STR_LIT("") };
		const struct why_case c = { .rcpt = &r,
					    .why = rows[i].s == STORE_HELD ? STR_LIT("daily cap")
									   : STR_LIT(""),
					    .lane = rows[i].lane,
					    .running = rows[i].running,
					    .now_ms = now };
		const char *says = why_sentence(&c, a);
		if (strncmp(says, rows[i].words, strlen(rows[i].words)) != 0)
			fail_msg("case %zu: %s", i, says);
		assert_int_equal(why_eta_ms(&c), rows[i].eta);
	}
}

/* Who looks at it sees for how long, and that nobody else knows. */
static void test_held_for_long(void **state)
{
	(void)state;
	const int64_t day = 86400000;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt r = {
		.state = STORE_HELD, .next_ms = STORE_NEVER, .expires_ms = now + day, .lane = STR_LIT("m365")
	};
	struct why_case c = { &r, STR_LIT("held by anna"), NULL, true, now, now - 6 * day, 0 };
	assert_string_equal(
		why_sentence(&c, a),
		"held by anna, until it is released (postrider queue release); it has been held for 6 "
		"days and its sender has not been told");
	r.expires_ms = now - day;
	assert_non_null(strstr(why_sentence(&c, a), "the time for its tries (retry expire) is over"));
	c.since_ms = now - 60000;
	assert_null(strstr(why_sentence(&c, a), "has been held"));
}

/* A cap that outlasts its time: not that it goes on, and no time for that; a person's hold is his own again.
 */
static void test_why_a_cap_outlasts_it(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt r = { .state = STORE_HELD,
				.next_ms = now + 20000,
				.expires_ms = now + 20000,
				.lane = STR_LIT("m365"),
				.finding = STR_LIT("rs-cap-past-expire") };
	struct why_case c = { &r,   STR_LIT("the configuration allows 1 recipient an hour (route m365)"),
			      NULL, true,
			      now,  now,
			      0 };
	const char *says = why_sentence(&c, a);
	assert_non_null(
		strstr(says, "it is given up in about 20 s, and its sender is told, unless the cap is"));
	assert_null(strstr(says, "goes on by itself"));
	assert_int_equal(why_eta_ms(&c), STORE_NEVER);
	c.why = STR_LIT("held by anna");
	r.next_ms = now + 7200000;
	assert_non_null(strstr(why_sentence(&c, a), "it goes on by itself in about 2 h"));
	assert_int_equal(why_eta_ms(&c), now + 7200000);
}

/* No server's doing: what happens to it, and when that ends. */
static void test_why_it_is_unreadable(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt r = { .state = STORE_DELAYED,
				.next_ms = now + 600000,
				.expires_ms = now + 3 * INT64_C(86400000),
				.tries = 2,
				.finding = STR_LIT(FINDING_OWN_COPY) };
	struct why_case c = { &r, STR_LIT("its checksum is wrong"), NULL, true, now, 0, 0 };
	const char *says = why_sentence(&c, a);
	assert_non_null(strstr(says, "cannot read its own copy of it on its disk, tried 2 times"));
	assert_non_null(strstr(says, "it is read again in about 10 min"));
	assert_non_null(strstr(says, "it ends in about 3 days, and its sender is told"));
	assert_non_null(strstr(says, "postrider queue bounce"));
	r.expires_ms = STORE_NEVER;
	assert_null(strstr(why_sentence(&c, a), "it ends in"));
}

/* A finding says why, where there is one; else our own words do. */
static void test_why_it_is_delayed(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt r = {
		.state = STORE_DELAYED, .next_ms = now + 60000, .tries = 1, .finding = STR_LIT("")
	};
	struct why_case c = { &r, STR_LIT("no memory here"), NULL, true, now, 0, 0 };
	assert_non_null(strstr(why_sentence(&c, a), "after 1 try (no memory here): it is tried"));
	r.finding = STR_LIT("starttls-454");
	assert_non_null(strstr(why_sentence(&c, a), "after 1 try (The server cannot encrypt"));
	r.finding = c.why = STR_LIT("");
	assert_non_null(strstr(why_sentence(&c, a), "after 1 try: it is tried"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_why_doubt_is_held),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_why),
		cmocka_unit_test(test_held_for_long),
		cmocka_unit_test(test_why_a_cap_outlasts_it),
		cmocka_unit_test(test_why_it_is_unreadable),
		cmocka_unit_test(test_why_it_is_delayed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice*: who is told what; and that a told one is a message in the store. */
#include "tests/unit/notice_place.h"

#include "mail/dsn.h"
#include "relay/notice/notice_rule.h"

static const struct rule_case {
	const char *name;
	unsigned flags;
	bool null_sender;
	unsigned notify;
	enum store_state state;
	bool owed, told;
	int64_t age_ms;
	enum notice_kind kind;
} rule_cases[] = {
	{ "refused", 0, false, 0, STORE_REFUSED, false, false, 0, NOTICE_FAILED },
	{ "expired", 0, false, 0, STORE_EXPIRED, false, false, 120 * HOUR, NOTICE_FAILED },
	{ "refused, failures wanted", 0, false, STORE_NOTIFY_FAILURE, STORE_REFUSED, false, false, 0,
	  NOTICE_FAILED },
	{ "refused, only success wanted", 0, false, STORE_NOTIFY_SUCCESS, STORE_REFUSED, false, false, 0,
	  NOTICE_NONE },
	{ "refused, NEVER", 0, false, STORE_NOTIFY_NEVER, STORE_REFUSED, false, false, 0, NOTICE_NONE },
	{ "refused, null sender", 0, true, 0, STORE_REFUSED, false, false, 0, NOTICE_NONE },
	{ "a report of ours refused", STORE_OWN_NOTICE, false, 0, STORE_REFUSED, false, false, 0,
	  NOTICE_NONE },
	{ "delayed a little", 0, false, 0, STORE_DELAYED, false, false, 4 * HOUR - 1, NOTICE_NONE },
	{ "delayed long", 0, false, 0, STORE_DELAYED, false, false, 4 * HOUR, NOTICE_DELAYED },
	{ "delayed long, told before", 0, false, 0, STORE_DELAYED, false, true, 9 * HOUR, NOTICE_NONE },
	{ "delayed long, only failures wanted", 0, false, STORE_NOTIFY_FAILURE, STORE_DELAYED, false, false,
	  9 * HOUR, NOTICE_NONE },
	{ "delayed long, delays wanted", 0, false, STORE_NOTIFY_DELAY, STORE_DELAYED, false, false, 9 * HOUR,
	  NOTICE_DELAYED },
	{ "delayed long, null sender", 0, true, STORE_NOTIFY_DELAY, STORE_DELAYED, false, false, 9 * HOUR,
	  NOTICE_NONE },
	{ "handed over, nothing said", 0, false, 0, STORE_HANDED_OVER, true, false, 0, NOTICE_NONE },
	{ "handed over, success wanted, no DSN there", 0, false, STORE_NOTIFY_SUCCESS, STORE_HANDED_OVER,
	  true, false, 0, NOTICE_RELAYED },
	{ "handed over, success wanted, DSN there", 0, false, STORE_NOTIFY_SUCCESS, STORE_HANDED_OVER, false,
	  false, 0, NOTICE_NONE },
	{ "cancelled", 0, false, 0, STORE_CANCELLED, false, false, 0, NOTICE_NONE },
	{ "held", 0, false, 0, STORE_HELD, false, false, 9 * HOUR, NOTICE_NONE },
	{ "in doubt", 0, false, 0, STORE_IN_DOUBT, false, false, 9 * HOUR, NOTICE_NONE },
	{ "bounced later: that report went to him", 0, false, 0, STORE_BOUNCED, false, false, 0,
	  NOTICE_NONE },
};

static void test_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rule_cases); i++) {
		const struct rule_case *c = &rule_cases[i];
		struct notice_case x = { .flags = c->flags,
					 .null_sender = c->null_sender,
					 .notify = c->notify,
					 .state = c->state,
					 .owed = c->owed,
					 .arrived_ms = NOW,
					 .at_ms = NOW + c->age_ms,
					 .tries = NOTICE_DELAY_TRIES,
					 .late_s = 4 * HOUR / 1000,
					 .told = c->told };
		if (notice_rule(&x) != c->kind)
			fail_msg("%s: %d", c->name, (int)notice_rule(&x));
	}
	struct notice_case doubt = { .state = STORE_IN_DOUBT, .asks = true };
	assert_int_equal(notice_rule(&doubt), NOTICE_DOUBT);
	doubt.notify = STORE_NOTIFY_SUCCESS;
	assert_int_equal(notice_rule(&doubt), NOTICE_NONE);
	struct notice_case back = { .state = STORE_BOUNCED };
	assert_int_equal(notice_rule(&back), NOTICE_NONE);
	back.owed = true;
	assert_int_equal(notice_rule(&back), NOTICE_FAILED);
	back.notify = STORE_NOTIFY_NEVER;
	assert_int_equal(notice_rule(&back), NOTICE_NONE);
	back = (struct notice_case){
		.state = STORE_HANDED_OVER, .notify = STORE_NOTIFY_SUCCESS, .owed = true, .note = true
	};
	assert_int_equal(notice_rule(&back), NOTICE_NONE);
	assert_true(notice_returns_all(NOTICE_FAILED, STORE_RET_FULL));
	assert_false(notice_returns_all(NOTICE_FAILED, STORE_RET_HDRS));
	assert_false(notice_returns_all(NOTICE_FAILED, 0));
	assert_false(notice_returns_all(NOTICE_DELAYED, STORE_RET_FULL));
	assert_false(
		notice_returns_all(NOTICE_FAILED, (unsigned)STORE_RET_FULL | (unsigned)STORE_REQUIRETLS));
}

/* Of a message that came at NOW: when each failed try was, and which of them is told. */
static const struct late_case {
	const char *name;
	int64_t tried_ms[4]; /* 0: no more */
	unsigned told;       /* the how manieth, from 1; 0 none */
} late_cases[] = {
	{ "tried all the time", { 1, HOUR, 3 * HOUR, 5 * HOUR }, 4 },
	{ "not so long", { 1, HOUR, 2 * HOUR, 4 * HOUR - 1 }, 0 },
	{ "at four hours", { 1, 4 * HOUR }, 2 },
	{ "asleep from its arrival on", { 5 * HOUR }, 0 },
	{ "asleep, and it goes on failing", { 5 * HOUR, 5 * HOUR + 300000, 6 * HOUR }, 2 },
	{ "asleep for days", { 72 * HOUR }, 0 },
	{ "asleep after a first try", { 1, 9 * HOUR, 10 * HOUR }, 2 },
	{ "the clock went back", { 1, -5 * HOUR, -4 * HOUR }, 0 },
};

static void test_late(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(late_cases); i++) {
		const struct late_case *c = &late_cases[i];
		unsigned told = 0;
		for (unsigned k = 0; k < ARRAY_LEN(c->tried_ms) && c->tried_ms[k] && !told; k++)
			if (notice_is_late(4 * HOUR / 1000, NOW, NOW + c->tried_ms[k], k + 1))
				told = k + 1;
		if (told != c->told)
			fail_msg("%s: %u, not %u", c->name, told, c->told);
	}
	assert_true(notice_is_late(60, NOW, NOW + 60000, 2));
	assert_false(notice_is_late(60, NOW, NOW + 59999, 2));
	assert_false(notice_is_late(0, NOW, NOW + 72 * HOUR, 9)); /* never */
}

static void test_failure(void **state)
{
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m;
	struct dsn d;
	take_original(p, 0);
	struct store_mark k[] = { mark(0, STORE_REFUSED, 550, "5.1.1 No such user", "rcpt-user-unknown"),
				  mark(1, STORE_DELAYED, 452, "4.2.2 Over quota", "rcpt-mailbox-full"),
				  mark(2, STORE_REFUSED, 550, "5.1.1 No such user", "rcpt-user-unknown") };
	k[1].at_ms = NOW - 2 * HOUR; /* three hours old: not told yet */
	for (size_t i = 0; i < ARRAY_LEN(k); i++)
		k[i].id = p->m.id;
	notices_marked(p->relay.notices, &p->m, k, ARRAY_LEN(k));
	struct str text = notice_text(p, a, &m);
	dsn_read(a, text, &d);
	assert_int_equal(d.kind, DSN_REPORT);
	assert_string_equal(d.dialect, "rfc3464");
	assert_int_equal(d.n, 2);
	assert_string_equal(d.v[0].address, "nobody@example.com");
	assert_string_equal(d.v[0].original, "no+body@example.com");
	assert_string_equal(d.v[1].address, "nothere@example.com");
	assert_int_equal(d.v[0].action, DSN_FAILED);
	assert_string_equal(d.v[0].status, "5.1.1");
	assert_string_equal(d.envelope_id, "QQ314159");
	assert_string_equal(d.original.message_id, "<7@example.org>");
	assert_true(str_ifind(text, "Secret sum") == text.len); /* RET=FULL was not said */
	assert_int_equal(m.reverse_path.len, 0);
	assert_true(m.flags & STORE_OWN_NOTICE);
	assert_string_equal(woken, "to me@example.org");
	assert_int_equal(taken, 1);
	/* what becomes of the report itself is told to nobody */
	struct store_mark own = mark(0, STORE_REFUSED, 550, "no", "");
	own.id = m.id;
	notices_marked(p->relay.notices, &m, &own, 1);
	settle(p);
	assert_int_equal(taken, 1);
}

/* A person ended it: he is named, with what a server said last, and no time ran out. */
static void test_given_up(void **state)
{
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m;
	struct dsn d;
	struct err e = { 0 };
	take_original(p, 0);
	struct store_mark k = mark(0, STORE_DELAYED, 450, "4.3.0 later", "");
	k.id = p->m.id;
	assert_true(store_mark(p->relay.store, &k, 1, NULL, &e));
	settle(p);
	k = mark(0, STORE_EXPIRED, 0, "", "");
	k.id = p->m.id;
	k.why = STR_LIT("given up by anna: wrong prices");
	notices_marked(p->relay.notices, &p->m, &k, 1);
	struct str text = notice_text(p, a, &m);
	has(text.p, "An administrator ended it: given up by anna: wrong prices");
	has(text.p, "mx.example.com [192.0.2.7] said last:");
	has(text.p, "450 4.3.0 later");
	assert_true(str_ifind(text, "again and again") == text.len);
	dsn_read(a, text, &d);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.v[0].action, DSN_FAILED);
	assert_string_equal(d.v[0].status, "5.0.0");
}

static void test_whole_message(void **state)
{
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m;
	take_original(p, STORE_RET_FULL);
	struct store_mark k = mark(0, STORE_REFUSED, 550, "5.1.1 No such user", "rcpt-user-unknown");
	k.id = p->m.id;
	notices_marked(p->relay.notices, &p->m, &k, 1);
	struct str text = notice_text(p, a, &m);
	assert_true(str_ifind(text, "Secret sum: 42") < text.len);
}

/* Told when it has lasted long, and not again. */
static void test_delay_once(void **state)
{
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct err e = { 0 };
	take_original(p, 0);
	for (unsigned i = 0; i < 3; i++) {
		struct store_mark k = mark(1, STORE_DELAYED, 452, "4.2.2 Over quota", "rcpt-mailbox-full");
		k.id = p->m.id;
		k.at_ms = NOW - 2 * HOUR + i * 2 * HOUR; /* 3, 5 and 7 hours old */
		k.next_ms = k.at_ms + HOUR;
		k.tries = i + 1;
		assert_true(store_mark(p->relay.store, &k, 1, NULL, &e));
		settle(p);
		notices_marked(p->relay.notices, &p->m, &k, 1);
		settle(p);
		assert_int_equal(taken, i ? 1 : 0);
	}
	struct store_message m;
	struct dsn d;
	struct str text = notice_text(p, a, &m);
	dsn_read(a, text, &d);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.v[0].action, DSN_DELAYED);
	assert_string_equal(d.v[0].address, "full@example.net");
	assert_true(*d.v[0].will_retry_until);
}

/* More than one report holds. */
static void test_more_than_a_report_holds(void **state)
{
	struct place *p = *state;
	enum { MANY = DSN_RECIPIENTS_MAX + 1 };
	static struct store_rcpt many[MANY];
	static struct store_mark k[MANY];
	take_original(p, 0);
	struct store_message m = p->m;
	for (uint32_t i = 0; i < MANY; i++) {
		many[i] = rcpts[0];
		k[i] = mark(i, STORE_REFUSED, 550, "5.1.1 No such user", "");
		k[i].id = p->m.id;
	}
	m.rcpts = many;
	m.nrcpts = MANY;
	notices_marked(p->relay.notices, &m, k, MANY);
	settle(p);
	assert_int_equal(taken, 2);
}

static void test_moments(void **state)
{
	(void)state;
	static struct moments m;
	const struct store_id a = { 1, 1 }, b = { 1, 2 };
	assert_int_equal(moment_of(&m, a, NOW), NOW);
	assert_int_equal(moment_of(&m, b, NOW), NOW);
	assert_int_equal(moment_of(&m, a, NOW), NOW + 1);
	assert_int_equal(moment_of(&m, a, NOW + 1), NOW + 2);
	assert_int_equal(moment_of(&m, b, NOW + 1), NOW + 1);
	assert_int_equal(moment_of(&m, a, NOW + 7), NOW + 7);
	assert_int_equal(m.n, 1);
	assert_int_equal(moment_of(&m, b, NOW + 1), NOW + 7); /* what b had is forgotten */
	assert_int_equal(moment_of(&m, a, NOW), NOW + 8);
	for (size_t i = 0; i < 3 * MOMENTS_MAX; i++) /* the clock stands still: bounded */
		assert_true(moment_of(&m, (struct store_id){ i + 2, 1 }, NOW) >= NOW + 7);
	assert_true(m.n <= MOMENTS_MAX);
	assert_true(moment_of(&m, a, NOW) > NOW + 8);
	const int64_t back = NOW - 2 * MOMENT_SET_BACK_MS; /* the clock was set back */
	assert_int_equal(moment_of(&m, a, back), back);
	assert_int_equal(moment_of(&m, a, back), back + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_late),
		cmocka_unit_test_setup_teardown(test_failure, begin, end),
		cmocka_unit_test_setup_teardown(test_given_up, begin, end),
		cmocka_unit_test_setup_teardown(test_whole_message, begin, end),
		cmocka_unit_test_setup_teardown(test_delay_once, begin, end),
		cmocka_unit_test_setup_teardown(test_more_than_a_report_holds, begin, end),
		cmocka_unit_test(test_moments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

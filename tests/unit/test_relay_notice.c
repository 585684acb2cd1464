/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice*: who is told what, how often, in which words; and that a told one is a message in the store.
 */
#include "tests/unit/notice_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/finding.h"
#include "mail/dsn.h"
#include "relay/notice/notice_limit.h"
#include "relay/notice/notice_words.h"

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
			if (notice_is_late(NOW, NOW + c->tried_ms[k], k + 1))
				told = k + 1;
		if (told != c->told)
			fail_msg("%s: %u, not %u", c->name, told, c->told);
	}
}

static void test_limit(void **state)
{
	(void)state;
	struct notice_limit *l = mem_alloc(sizeof(*l));
	const struct str me = STR_LIT("me@example.org"), you = STR_LIT("you@example.org");
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(notice_limit_take(l, me, 3, NOW + i), NOW + i);
	assert_int_equal(notice_limit_take(l, STR_LIT("ME@example.org"), 3, NOW + 10), NOW + HOUR);
	assert_int_equal(notice_limit_take(l, you, 3, NOW + 10), NOW + 10);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(notice_limit_take(l, me, 3, NOW + HOUR - 1), NOW + HOUR);
	assert_int_equal(notice_limit_take(l, me, 3, NOW + HOUR - 1), NOW + 2 * HOUR);
	/* an hour on, three of the seven have had their turn, and three have it now */
	assert_int_equal(notice_limit_take(l, me, 3, NOW + HOUR), NOW + 2 * HOUR);
	assert_int_equal(notice_limit_take(l, me, 3, NOW + 9 * HOUR), NOW + 9 * HOUR);
	assert_int_equal(notice_limit_take(l, you, 3, NOW - HOUR), NOW - HOUR); /* the clock went back */
	for (int64_t i = 1; i < NOTICE_LIMIT_SPANS; i++)
		assert_int_equal(notice_limit_take(l, me, 1, NOW + 9 * HOUR), NOW + (9 + i) * HOUR);
	assert_int_equal(notice_limit_take(l, me, 1, NOW + 9 * HOUR), -1);
	assert_int_equal(notice_limit_take(l, me, 1, NOW + 10 * HOUR), NOW + (9 + NOTICE_LIMIT_SPANS) * HOUR);
	assert_int_equal(notice_limit_take(l, me, 1, NOW + 500 * HOUR), NOW + 500 * HOUR);
	for (unsigned i = 0; i < 50000; i++) { /* more than there is room for */
		char name[32];
		snprintf(name, sizeof(name), "a%u@example.org", i);
		assert_int_equal(notice_limit_take(l, str_of(name), 1, NOW + HOUR + i), NOW + HOUR + i);
	}
	free(l);
}

static const struct status_case {
	enum notice_kind kind;
	enum store_state state;
	unsigned code;
	const char *reply, *status, *diagnostic, *finding;
} status_cases[] = {
	{ NOTICE_FAILED, STORE_REFUSED, 550, "5.1.1 No such user", "5.1.1", "550 5.1.1 No such user", "" },
	{ NOTICE_FAILED, STORE_REFUSED, 550, "550 5.1.1 No such user", "5.1.1", "550 5.1.1 No such user",
	  "" },
	{ NOTICE_FAILED, STORE_REFUSED, 550, "No such user", "5.0.0", "550 No such user", "" },
	{ NOTICE_FAILED, STORE_REFUSED, 550, "550-5.7.1 first\r\n550 5.7.1 second", "5.7.1",
	  "550-5.7.1 first  550 5.7.1 second", "" },
	{ NOTICE_FAILED, STORE_EXPIRED, 452, "4.2.2 Over quota", "4.2.2", "452 4.2.2 Over quota", "" },
	{ NOTICE_FAILED, STORE_EXPIRED, 0, "", "4.4.7", "", "" },
	{ NOTICE_FAILED, STORE_REFUSED, 554, "2.0.0 odd", "5.0.0", "554 2.0.0 odd", "" },
	{ NOTICE_DELAYED, STORE_DELAYED, 451, "4.7.1 Greylisted", "4.7.1", "451 4.7.1 Greylisted", "" },
	{ NOTICE_DELAYED, STORE_DELAYED, 451, "5.7.1 odd", "4.0.0", "451 5.7.1 odd", "" },
	{ NOTICE_DELAYED, STORE_DELAYED, 0, "connect: refused", "4.0.0", "connect: refused", "" },
	{ NOTICE_RELAYED, STORE_HANDED_OVER, 250, "2.6.0 queued", "2.6.0", "250 2.6.0 queued", "" },
	{ NOTICE_RELAYED, STORE_HANDED_OVER, 250, "ok", "2.0.0", "250 ok", "" },
	{ NOTICE_FAILED, STORE_REFUSED, 550, "5.1.10.1 is no status", "5.0.0", "550 5.1.10.1 is no status",
	  "" },
	/* what no server said: by what was found */
	{ NOTICE_FAILED, STORE_REFUSED, 0, "no such domain", "5.1.2", "no such domain",
	  "dns-nxdomain-recipient-domain" },
	{ NOTICE_FAILED, STORE_REFUSED, 0, "takes no mail", "5.1.10", "takes no mail", "mx-null" },
	{ NOTICE_FAILED, STORE_REFUSED, 0, "no address", "5.4.4", "no address", "mx-target-missing" },
	{ NOTICE_FAILED, STORE_REFUSED, 0, "5.7.30 no REQUIRETLS", "5.7.30", "5.7.30 no REQUIRETLS", "" },
	{ NOTICE_FAILED, STORE_REFUSED, 550, "No mail", "5.0.0", "550 No mail", "mx-null" },
	{ NOTICE_FAILED, STORE_EXPIRED, 0, "connect: refused", "4.4.7", "connect: refused", "tcp-refused" },
	{ NOTICE_FAILED, STORE_EXPIRED, 0, "not proven", "4.7.5", "not proven", "dp-dane-mismatch" },
	{ NOTICE_DELAYED, STORE_DELAYED, 0, "connect: refused", "4.4.1", "connect: refused", "tcp-refused" },
	{ NOTICE_DELAYED, STORE_DELAYED, 0, "no TLS", "4.7.10", "no TLS", "starttls-not-offered" },
};

static void test_status(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = message();
	for (size_t i = 0; i < ARRAY_LEN(status_cases); i++) {
		const struct status_case *c = &status_cases[i];
		struct store_mark k = mark(0, c->state, c->code, c->reply, c->finding);
		const struct store_mark *one = &k;
		struct notice_about x = { &m, &one, 1, c->kind, "relay.example.org" };
		struct report_recipient *v = notice_recipients(&x, a);
		assert_string_equal(v->status, c->status);
		assert_string_equal(v->reply, c->diagnostic);
		assert_string_equal(v->reply_type, c->code ? "smtp" : "x-postrider");
		assert_string_equal(v->original_type, "rfc822");
		assert_string_equal(v->original, "no+body@example.com");
	}
}

/* However the lines are wrapped. */
static void has(const char *wrapped, const char *words)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist all = { 0 };
	struct str rest = str_of(wrapped), word;
	while (str_next(&rest, " \n", &word))
		strlist_add(&all, a, arena_str(a, word).p);
	const char *text = strlist_join(&all, a, " ");
	if (!strstr(text, words))
		fail_msg("\"%s\" is not in:\n%s", words, text);
}

static void test_words(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = message();
	struct store_mark k[] = {
		mark(0, STORE_REFUSED, 550, "5.1.1 No such user", "rcpt-user-unknown"),
		mark(1, STORE_EXPIRED, 452, "4.2.2 Over quota", "rcpt-mailbox-full"),
		mark(2, STORE_REFUSED, 550, "5.1.1 Unknown here", "rcpt-user-unknown"),
	};
	k[1].tries = 9;
	const struct store_mark *all[] = { &k[0], &k[1], &k[2] };
	struct notice_about x = { &m, all, 3, NOTICE_FAILED, "relay.example.org" };
	const char *text = notice_words(&x, a);
	const struct finding_entry *unknown = finding_entry_find("rcpt-user-unknown");
	assert_non_null(unknown);
	has(text, "did not reach all of its 3 recipients");
	has(text, "Invoice 7");
	has(text, "mx.example.com [192.0.2.7] said:");
	has(text, "550 5.1.1 Unknown here");
	has(text, "given up");
	has(text, "What to do");
	has(text, "Nothing more is tried");
	/* the two of one cause stand together: it is told once */
	const char *first = strstr(text, "nobody@example.com"), *second = strstr(text, "nothere@example.com");
	const char *other = strstr(text, "full@example.net");
	assert_true(first && second && other && first < second && second < other);
	assert_string_equal(notice_subject(&x, a), "Not delivered: Invoice 7");
	x = (struct notice_about){ &m, &all[1], 1, NOTICE_DELAYED, "relay.example.org" };
	text = notice_words(&x, a);
	has(text, "has not yet reached 1 of its 3 recipients");
	has(text, "Do not send it again");
	/* given up by an operator before it was tried */
	struct store_mark own = mark(0, STORE_EXPIRED, 0, "", "");
	const struct store_mark *one = &own;
	own.tries = 0;
	own.why = STR_LIT("given up by anna: wrong prices");
	x = (struct notice_about){ &m, &one, 1, NOTICE_FAILED, "relay.example.org" };
	text = notice_words(&x, a);
	has(text, "nobody@example.com An administrator ended it: given up by anna: wrong prices");
	assert_string_equal(notice_recipients(&x, a)->status, "5.0.0");
	assert_null(strstr(text, "tried again and again"));
	assert_null(strstr(text, "What to do"));
	x.kind = NOTICE_RELAYED;
	has(notice_words(&x, a), "no proof that it arrived");
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

static size_t due_at(struct place *p, int64_t now_ms)
{
	enum { ROOM = 2 * NOTICE_PER_HOUR };
	struct store_claim c[ROOM];
	size_t n = store_claim(p->relay.store, STR_LIT("to me@example.org"), 1, now_ms, 1000, c, ROOM);
	for (size_t i = 0; i < n; i++) {
		assert_true(c[i].expires_ms >= c[i].next_ms + 432000 * INT64_C(1000)); /* its own patience */
		store_claim_release(p->relay.store, &c[i], NOW);
	}
	return n;
}

/* What is over the hour's limit is kept for the next, and says why it waits. */
static void test_backscatter(void **state)
{
	enum { MORE = 5 };
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_hits hits;
	struct store_trail t;
	struct err e = { 0 };
	take_original(p, 0);
	struct store_mark k = mark(0, STORE_REFUSED, 550, "5.1.1 No such user", "");
	k.id = p->m.id;
	for (unsigned i = 0; i < NOTICE_PER_HOUR + MORE; i++, k.at_ms++) {
		notices_marked(p->relay.notices, &p->m, &k, 1);
		settle(p);
	}
	settle(p);
	assert_int_equal(taken, NOTICE_PER_HOUR + MORE);
	assert_int_equal(held, MORE);
	assert_int_equal(troubles, 0);
	assert_int_equal(due_at(p, NOW + HOUR - 1), NOTICE_PER_HOUR);
	assert_int_equal(due_at(p, NOW + HOUR), NOTICE_PER_HOUR + MORE);
	const struct store_query q = { .state = STORE_HELD };
	assert_true(store_find(p->relay.store, &q, a, &hits, &e));
	assert_int_equal(hits.n, MORE);
	assert_int_equal(store_trail(p->relay.store, hits.v[0].id, a, &t, &e), 1);
	assert_true(str_istarts(t.events[t.nevents - 1].why, "60 reports went to me@example.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_words),
		cmocka_unit_test_setup_teardown(test_failure, begin, end),
		cmocka_unit_test_setup_teardown(test_given_up, begin, end),
		cmocka_unit_test_setup_teardown(test_whole_message, begin, end),
		cmocka_unit_test_setup_teardown(test_delay_once, begin, end),
		cmocka_unit_test_setup_teardown(test_more_than_a_report_holds, begin, end),
		cmocka_unit_test(test_moments),
		cmocka_unit_test_setup_teardown(test_backscatter, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What an event of a trail means: what a server said is explained, and what the relay found out; our own
 * words about ourselves are not taken for a server's. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "show/trail_events.h"
#include "show/trail_json.h"
#include "show/trail_words.h"

static const struct {
	struct store_event event;
	const char *finding; /* NULL: it means nothing */
} rows[] = {
	/* "relay ... before the reply" is ours; it once was explained as a refusal to relay. */
	{ { .state = STORE_IN_DOUBT,
	    .host = STR_LIT("192.0.2.1"),
	    .why = STR_LIT("the relay stopped after the final dot, before the reply") },
	  NULL },
	{ { .state = STORE_DELAYED, .why = STR_LIT("no route of the configuration carries it") }, NULL },
	{ { .state = STORE_EXPIRED, .why = STR_LIT("a person gave it up: relay access denied") }, NULL },
	{ { .state = STORE_REFUSED, .code = 550, .reply = STR_LIT("5.1.1 User unknown") },
	  "rcpt-user-unknown" },
	{ { .state = STORE_BOUNCED, .reply = STR_LIT("550 5.2.2 mailbox full") }, "rcpt-mailbox-full" },
	{ { .state = STORE_DELAYED,
	    .finding = STR_LIT("rs-destination-not-responding"),
	    .why = STR_LIT("connection refused") },
	  "rs-destination-not-responding" },
	/* What went well needs no explanation, whatever the server added. */
	{ { .state = STORE_HANDED_OVER, .code = 250, .reply = STR_LIT("2.0.0 spam filter is full") }, NULL },
};

static void test_meanings(void **state)
{
	(void)state;
	struct store_rcpt rcpt = { .address = STR_LIT("b@example.net") };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_event v = rows[i].event;
		const struct store_trail t = {
			.message = { .reverse_path = STR_LIT("a@example.com"), .rcpts = &rcpt, .nrcpts = 1 },
			.events = &v,
			.nevents = 1
		};
		struct explanation x = { 0 };
		bool means = trail_explain(a, &t, &v, &x);
		assert_int_equal(means, rows[i].finding != NULL);
		if (means)
			assert_string_equal(x.meanings[0].entry->id, rows[i].finding);
	}
}

/* Who had logged in is told with the answer; the sender is another, and is never put in his place. */
static const struct account_row {
	const char *from, *why, *reply, *finding;
	const char *has, *never; /* of the reason and what to type */
} account_rows[] = {
	{ "ann@customer.example", "with the login clerk@acme.example",
	  "535 5.7.139 SmtpClientAuthentication is disabled", "auth-smtp-disabled-mailbox",
	  "-Identity clerk@acme.example ", "ann@customer.example" },
	{ "ann@customer.example", "with the login clerk@acme.example: it goes by the next route, b",
	  "535 5.7.8 no", "auth-bad-credentials", "given for clerk@acme.example.", "ann@customer.example" },
	{ "ann@customer.example", "", "535 5.7.8 no", "auth-bad-credentials", "given for this account",
	  "ann@" },
	{ "Boss <boss@acme.example>", "with the login clerk@acme.example",
	  "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
	  "mf-send-as-denied-5760", "logged in as clerk@acme.example and the mail is from boss@acme.example.",
	  "-Trustee ann@" },
	{ "ann@customer.example", "with the login clerk@acme.example",
	  "554 5.2.252 SendAsDenied; clerk@acme.example not allowed to send as boss@acme.example",
	  "mf-send-as-denied-52252", "Add-RecipientPermission boss@acme.example -Trustee clerk@acme.example ",
	  "ann@" },
	{ "clerk@acme.example", "with the login clerk@acme.example",
	  "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
	  "mf-send-as-denied-5760", "the mail is from another address.", "from clerk@" },
};

static void test_account(void **state)
{
	(void)state;
	struct store_rcpt rcpt = { .address = STR_LIT("b@example.net"), .state = STORE_DELAYED };
	for (size_t i = 0; i < ARRAY_LEN(account_rows); i++) {
		const struct account_row *r = &account_rows[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_event v = { .state = STORE_DELAYED,
					 .code = (unsigned)strtoul(r->reply, NULL, 10),
					 .reply = str_of(r->reply),
					 .finding = str_of(r->finding),
					 .why = str_of(r->why) };
		const struct store_trail t = { .message = { .reverse_path = STR_LIT("ann@customer.example"),
							    .from = str_of(r->from),
							    .rcpts = &rcpt,
							    .nrcpts = 1 },
					       .events = &v,
					       .nevents = 1 };
		struct answer_item x;
		assert_true(trail_answer(a, &t, 0, &x));
		const char *all = x.cause.why;
		for (size_t k = 0; k < x.cause.nfixes; k++)
			all = arena_printf(a, "%s %s %s", all, x.cause.fixes[k].text,
					   x.cause.fixes[k].command);
		if (!strstr(all, r->has) || strstr(all, r->never))
			fail_msg("row %zu: %s", i, all);
	}
}

/* What is said may be too little to be sure of, and what "passes by itself" may not have passed. */
static void test_doubted(void **state)
{
	(void)state;
	static const struct {
		enum store_state state;
		const char *reply, *finding, *id, *why;
	} cases[] = {
		{ STORE_REFUSED, "550", "rcpt-user-unknown", "rcpt-user-unknown",
		  "this is what such a one may mean. The" },
		{ STORE_REFUSED, "554 5.3.0 nope", "mf-sender-refused", "mf-sender-refused",
		  "may mean. The server" },
		{ STORE_REFUSED, "550 5.1.1 no such user", "rcpt-user-unknown", "rcpt-user-unknown",
		  "The recipient's server" },
		{ STORE_DELAYED, "451 4.7.1 greylisted", "rcpt-greylisted", "rcpt-greylisted",
		  "puts off mail" },
		{ STORE_EXPIRED, "451 4.7.1 greylisted", "rcpt-greylisted", "ph-expired",
		  "put off each time" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_rcpt rcpt = { .address = STR_LIT("b@example.net"), .state = cases[i].state };
		struct store_event v = { .state = cases[i].state,
					 .code = (unsigned)strtoul(cases[i].reply, NULL, 10),
					 .reply = str_of(cases[i].reply),
					 .finding = str_of(cases[i].finding) };
		const struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 },
					       .events = &v,
					       .nevents = 1 };
		struct answer_item x;
		assert_true(trail_answer(a, &t, 0, &x));
		assert_string_equal(x.cause.entry->id, cases[i].id);
		bool doubted = strstr(x.cause.why, "The answer says too little") == x.cause.why;
		assert_int_equal(doubted, strstr(cases[i].why, "may mean.") != NULL);
		assert_non_null(strstr(x.cause.why, cases[i].why));
	}
}

/* A route that is gone is why it waits, not the answer that came on it. */
static void test_no_route(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_event v[] = {
		{ .state = STORE_DELAYED, .code = 451, .reply = STR_LIT("451 4.7.1 greylisted") },
		{ .state = STORE_DELAYED, .why = STR_LIT("no route of the configuration carries it") }
	};
	struct store_rcpt rcpt = { .address = STR_LIT("b@example.net"),
				   .state = STORE_DELAYED,
				   .lane = STR_LIT("none") };
	const struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 },
				       .events = v,
				       .nevents = 2 };
	struct answer_item x;
	assert_false(trail_answer(a, &t, 0, &x));
	assert_non_null(strstr(trail_known(a, &t, 0, &v[1], 0), "no route of the configuration carries it"));
	rcpt.lane = STR_LIT("out");
	assert_true(trail_answer(a, &t, 0, &x));
	assert_null(strstr(trail_known(a, &t, 0, &v[1], 0), "no route"));
}

/* What becomes of the words of a delay, by where its recipient is by now. */
static void test_settled(void **state)
{
	(void)state;
	static const struct {
		enum store_state then, now;
		const char *says; /* NULL: as the catalogue says it */
	} cases[] = {
		{ STORE_DELAYED, STORE_DELAYED, "tried again by itself" },
		{ STORE_DELAYED, STORE_QUEUED, "tried again by itself" },
		{ STORE_DELAYED, STORE_SENDING, "tried again by itself" },
		{ STORE_DELAYED, STORE_HELD, NULL },
		{ STORE_DELAYED, STORE_HANDED_OVER, NULL },
		{ STORE_DELAYED, STORE_CONFIRMED, NULL },
		{ STORE_DELAYED, STORE_IN_DOUBT, "may be there already" },
		{ STORE_IN_DOUBT, STORE_DELAYED, "may be there already" },
		{ STORE_DELAYED, STORE_EXPIRED, "not tried any more" },
		{ STORE_REFUSED, STORE_REFUSED, "not tried any more" },
	};
	static const struct finding_fix fixes[] = { { ACTOR_USER, "as it was", "" },
						    { ACTOR_NOBODY, "as it was", "" } };
	struct finding_entry entry = *finding_entry_find("rcpt-greylisted");
	entry.fixes = fixes;
	entry.nfixes = ARRAY_LEN(fixes);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_rcpt rcpt = { .state = cases[i].now };
		const struct store_event v = { .state = cases[i].then };
		const struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 } };
		struct cause c = { .entry = &entry, .fixes = fixes, .nfixes = ARRAY_LEN(fixes) };
		trail_settle_cause(a, &t, &v, &c);
		const char *said = arena_printf(a, "%s %s", c.fixes[0].text, c.fixes[1].text);
		if (cases[i].says ? !strstr(said, cases[i].says) : c.fixes != fixes)
			fail_msg("%zu: %s", i, said);
	}
}

/* What a server answered before is not why: the mail cannot be read here. */
static void test_own_copy(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt rcpt = { .state = STORE_DELAYED };
	struct store_event v[] = {
		{ .state = STORE_DELAYED, .code = 451, .reply = STR_LIT("4.3.0 later") },
		{ .state = STORE_DELAYED,
		  .finding = STR_LIT("rs-own-copy-unreadable"),
		  .why = STR_LIT("cannot read bodies segment 1: its checksum is wrong") },
	};
	const struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 },
				       .events = v,
				       .nevents = ARRAY_LEN(v) };
	struct answer_item x;
	assert_true(trail_answer(a, &t, 0, &x));
	assert_string_equal(x.cause.entry->id, "rs-own-copy-unreadable");
	assert_int_equal(x.cause.entry->actor, ACTOR_MAIL_ADMIN);
	assert_true(x.cause.confidence >= 0.99);
	const char *said = trail_known(a, &t, 0, &v[1], 0);
	assert_null(strstr(said, "nothing is lost"));
	assert_non_null(strstr(said, "has to send it again"));
}

/* Our own finding by our own evidence is proved, whichever it is; one that reads a server's words is not. */
static void test_proved(void **state)
{
	(void)state;
	static const char *const own[] = { FINDING_OWN_COPY, "tcp-timeout-drop", "starttls-not-offered" };
	for (size_t i = 0; i <= ARRAY_LEN(own); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const bool ours = i < ARRAY_LEN(own);
		struct store_rcpt rcpt = { .state = STORE_DELAYED };
		struct store_event v = { .state = STORE_DELAYED,
					 .finding = str_of(ours ? own[i] : "rs-temporary-failure"),
					 .code = ours ? 0 : 451,
					 .reply = str_of(ours ? "" : "4.3.0 hm"),
					 .why = STR_LIT("something went wrong") };
		const struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 },
					       .events = &v,
					       .nevents = 1 };
		struct answer_item x;
		assert_true(trail_answer(a, &t, 0, &x));
		assert_string_equal(x.cause.entry->id, ours ? own[i] : "rs-temporary-failure");
		assert_int_equal(x.cause.confidence >= 0.99, ours);
	}
}

/* Nothing ran out where a person ended it. */
static void test_given_up(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt rcpt = { .state = STORE_EXPIRED };
	struct store_event v[] = {
		{ .state = STORE_DELAYED, .code = 450, .reply = STR_LIT("4.3.0 later") },
		{ .state = STORE_EXPIRED, .why = STR_LIT("given up by anna: wrong prices") },
	};
	const struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 },
				       .events = v,
				       .nevents = ARRAY_LEN(v) };
	assert_string_equal(
		trail_known(a, &t, 0, &v[1], 0),
		"An administrator ended it (given up by anna: wrong prices), and it is not tried any "
		"more: it did not arrive. The last answer was: 450 4.3.0 later");
	v[0] = (struct store_event){ .state = STORE_IN_DOUBT };
	assert_non_null(strstr(trail_known(a, &t, 0, &v[1], 0), "it may have arrived before"));
	v[1].why = STR_LIT("");
	assert_string_equal(trail_known(a, &t, 0, &v[1], 0),
			    "All of it went out, no answer came, and it is not tried any more: it may have "
			    "arrived. Ask the recipient before it is sent again.");
	v[0].code = 650;
	assert_non_null(strstr(trail_known(a, &t, 0, &v[1], 0), "All of it went out, no clear answer came"));
	v[1].state = rcpt.state = STORE_REFUSED;
	v[1].code = 550;
	assert_non_null(strstr(trail_known(a, &t, 0, &v[1], 0), "no clear answer came: it may have arrived"));
	rcpt.state = STORE_EXPIRED;
	v[0] = (struct store_event){ .state = STORE_DELAYED, .code = 450 };
	assert_non_null(strstr(trail_known(a, &t, 0, &v[1], 0), "within the time allowed"));
}

/* Beside a relay that was killed the trail still says sending: only what holds then as well is said. */
static void test_dot_is_out(void **state)
{
	(void)state;
	for (int dot = 0; dot < 2; dot++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_rcpt rcpt = { .state = STORE_SENDING };
		struct store_event v = { .state = STORE_SENDING, .dot = dot };
		const struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 },
					       .events = &v,
					       .nevents = 1 };
		const char *said = trail_known(a, &t, 0, &v, 0);
		assert_int_equal(strstr(said, "may have arrived") != NULL, dot);
		assert_int_equal(strstr(said, "if the relay was stopped") != NULL, dot);
	}
}

/* What went out before and was never answered may lie beside what is known of the last copy. */
static void test_copies(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt rcpt = { .state = STORE_HANDED_OVER };
	struct store_event v[] = {
		{ .state = STORE_SENDING, .dot = true }, { .state = STORE_IN_DOUBT },
		{ .state = STORE_SENDING, .dot = true }, { .state = STORE_IN_DOUBT },
		{ .state = STORE_SENDING, .dot = true }, { .state = STORE_HANDED_OVER, .code = 250 },
	};
	struct store_trail t = { .message = { .rcpts = &rcpt, .nrcpts = 1 },
				 .events = v,
				 .nevents = ARRAY_LEN(v) };
	assert_non_null(strstr(trail_known(a, &t, 0, &v[5], 0), "more than once: 2 times before"));
	json_t *o = trail_json(&t);
	const json_t *r = json_array_get(json_object_get(o, "recipients"), 0);
	assert_int_equal(json_integer_value(json_object_get(r, "copies_in_doubt")), 2);
	json_decref(o);
	rcpt.state = STORE_SENDING;
	t.nevents = 3;
	v[2].dot = false;
	assert_non_null(strstr(trail_known(a, &t, 0, &v[2], 0), "may have arrived"));
	t.events = &v[4];
	t.nevents = 2;
	rcpt.state = STORE_HANDED_OVER;
	assert_null(strstr(trail_known(a, &t, 0, &v[5], 0), "may be there"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meanings),   cmocka_unit_test(test_account),
		cmocka_unit_test(test_doubted),    cmocka_unit_test(test_no_route),
		cmocka_unit_test(test_settled),    cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_own_copy),   cmocka_unit_test(test_proved),
		cmocka_unit_test(test_copies),     cmocka_unit_test(test_dot_is_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/own_route.h"

static const char *as_it_is(const void *source, struct arena *a, const char *text)
{
	(void)source;
	(void)a;
	return text;
}

static const struct cause_fill plain = { as_it_is, as_it_is, NULL };

static const struct route_row {
	const char *name, *lane, *finding;
	enum store_state state;
	unsigned code;
	bool ours;
} rows[] = {
	{ "login", "hoster", "auth-bad-credentials", STORE_DELAYED, 535, true },
	{ "login, given up", "hoster", "auth-bad-credentials", STORE_EXPIRED, 535, true },
	{ "in a profile's name", "hoster as office/bill", "auth-app-password-needed", STORE_DELAYED, 534,
	  true },
	{ "its token", "hoster", "oauth-secret-expired", STORE_DELAYED, 0, true },
	{ "its certificate", "hoster", "tls-cert-name-mismatch", STORE_DELAYED, 0, true },
	{ "no login made", "hoster", "auth-required-530", STORE_DELAYED, 530, true },
	{ "not for us", "hoster", "rcpt-relay-denied", STORE_REFUSED, 554, true },
	{ "its account", "hoster", "mf-account-restricted", STORE_DELAYED, 550, true },
	{ "words of a login to one recipient", "hoster", "auth-bad-credentials", STORE_REFUSED, 550, false },
	{ "the recipient's own server", "direct kunde.example", "rcpt-relay-denied", STORE_REFUSED, 554,
	  false },
	{ "its certificate", "direct kunde.example", "tls-cert-expired", STORE_DELAYED, 0, false },
	{ "no route", "none", "auth-bad-credentials", STORE_DELAYED, 535, false },
	{ "a mailbox", "hoster", "rcpt-user-unknown", STORE_REFUSED, 550, false },
	{ "the mail", "hoster", "attach-too-big", STORE_REFUSED, 552, false },
	{ "its sender", "hoster", "mf-send-as-denied-5760", STORE_REFUSED, 550, false },
	{ "passes by itself", "hoster", "auth-too-many", STORE_DELAYED, 454, false },
	{ "this mail, by what it cannot do", "hoster", "ehlo-capability-8bitmime-missing", STORE_REFUSED, 0,
	  false },
	{ "cut, perhaps behind the dot", "hoster", "dialogue-cut", STORE_DELAYED, 0, false },
	{ "silent, perhaps behind the dot", "hoster", "dialogue-stalled", STORE_EXPIRED, 0, false },
	{ "in doubt", "hoster", "tls-cert-name-mismatch", STORE_IN_DOUBT, 0, false },
};

static struct cause settled(struct arena *a, const struct route_row *r)
{
	struct cause c = cause_of(a, finding_entry_find(r->finding), 1, &plain);
	const struct own_route_case k = { .lane = str_of(r->lane),
					  .host = STR_LIT("smtp.hoster.example"),
					  .state = r->state,
					  .code = r->code };
	own_route_settle(a, &k, &c);
	return c;
}

static void test_whose(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct cause c = settled(a, &rows[i]);
		if (c.of_route != rows[i].ours)
			fail_msg("%s: %s", rows[i].name, rows[i].finding);
	}
}

/* What it waits for is not let go where it may be there already. */
static void test_sent(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct cause c = cause_of(a, finding_entry_find("auth-bad-credentials"), 1, &plain);
	const struct own_route_case k = { .lane = STR_LIT("hoster"),
					  .host = STR_LIT(""),
					  .state = STORE_DELAYED,
					  .code = 535,
					  .sent = true };
	own_route_settle(a, &k, &c);
	assert_false(c.of_route);
}

/* The sender gets one sentence, and nothing to set right; who runs the relay gets where and what to type. */
static void test_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows) && rows[i].ours; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct cause c = settled(a, &rows[i]);
		size_t user = 0, it = 0;
		for (size_t k = 0; k < c.nfixes; k++) {
			user += c.fixes[k].actor == ACTOR_USER;
			it += strstr(c.fixes[k].text,
				     "route \"hoster\" of the relay to smtp.hoster.example") != NULL;
		}
		assert_int_equal(user, 1);
		assert_int_equal(it, 1);
		assert_int_not_equal(c.actor, ACTOR_USER);
		assert_non_null(strstr(c.fixes[c.nfixes - 1].text, "nothing that you can set right"));
		cause_under_way(a, &c);
		assert_non_null(strstr(c.fixes[c.nfixes - 1].text, "Do not send it again"));
	}
}

static void test_typed(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct cause c = settled(a, &rows[0]), as = settled(a, &rows[2]);
	assert_string_equal(c.fixes[0].command, "postrider queue retry --destination hoster --yes");
	assert_string_equal(as.fixes[0].command,
			    "postrider queue retry --destination 'hoster as office/bill' --yes");
	cause_given_up(a, &c);
	assert_non_null(strstr(c.fixes[c.nfixes - 1].text, "send it again once that is mended"));
	assert_non_null(strstr(c.fixes[c.nfixes - 1].text, "nothing that you can set right"));
}

/* An event keeps no lane: where the mail has gone by another route since, none is named. */
static void test_lane(void **state)
{
	(void)state;
	static const struct {
		const char *first, *second;
		bool known[2];
	} cases[] = {
		{ "", "", { true, true } },
		{ "it goes by the next route, backup", "", { false, false } },
		{ "",
		  "route out is left alone after a failure: it goes by the next route, backup",
		  { false, false } },
		{ "the routes have changed", "", { false, true } },
		{ "", "the routes have changed", { false, false } },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct store_rcpt rcpts[] = { { .lane = STR_LIT("out") }, { .lane = STR_LIT("out") } };
		struct store_event v[] = { { .why = str_of(cases[i].first) },
					   { .why = str_of(cases[i].second) } };
		const struct store_trail t = { .message = { .rcpts = rcpts, .nrcpts = 2 },
					       .events = v,
					       .nevents = ARRAY_LEN(v) };
		for (size_t k = 0; k < ARRAY_LEN(v); k++)
			assert_int_equal(own_route_lane(&t, 0, &v[k]).len != 0, cases[i].known[k]);
		assert_int_equal(own_route_lane(&t, 1, &v[0]).len, 3);
		assert_int_equal(own_route_lane(&t, 2, &v[0]).len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whose), cmocka_unit_test(test_sent),  cmocka_unit_test(test_lane),
		cmocka_unit_test(test_told),  cmocka_unit_test(test_typed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* batch/plan: a month's end run ahead of time, by the caps that the relay keeps to. */
#include "tests/unit/unit.h"

#include <string.h>

#include "batch/plan.h"

enum { MINUTE_S = 60 };
#define DAY_MS ((int64_t)CAPS_DAY_MS)
#define NOON   (20000 * DAY_MS + DAY_MS / 2)

static const struct plan_as nobody;

/* One recipient. */
static struct plan_time mail_to(struct plan *p, const char *recipient)
{
	const struct str to = str_of(recipient);
	struct plan_time t;
	plan_mail(p, STR_LIT("a@b.example"), &to, 1, &t);
	return t;
}

static struct relay_settings *settings(struct relay_route route)
{
	struct relay_settings *s = relay_settings_new();
	s->routes = arena_alloc(s->arena, sizeof(*s->routes));
	s->routes[0] = route;
	s->routes[0].provider = provider_by_host(route.smarthost);
	s->nroutes = 1;
	return s;
}

/* Mails 1 .. n of one batch: when the last leaves, counted from now. */
static const struct plan_case {
	const char *name;
	struct relay_route route;
	size_t ahead, n;
	int64_t last_ms;
	const char *limit; /* of the last one */
} cases[] = {
	{ "nothing holds it", { .name = "r", .smarthost = "mx.example", .user = "" }, 0, 10, 0, "" },
	{ "connections",
	  { .name = "r", .smarthost = "mx.example", .user = "", .connections = 2 },
	  0,
	  10,
	  4 * PLAN_MAIL_MS,
	  "2 connections at once" },
	{ "a rate",
	  { .name = "r", .smarthost = "mx.example", .user = "", .rate = 30, .rate_s = MINUTE_S },
	  0,
	  31,
	  60000,
	  "30 messages a minute" },
	{ "behind others",
	  { .name = "r", .smarthost = "mx.example", .user = "", .rate = 30, .rate_s = MINUTE_S },
	  30,
	  31,
	  120000,
	  "30 messages a minute" },
	{ "a day's cap",
	  { .name = "r", .smarthost = "mx.example", .user = "", .caps = { .day = 5 } },
	  0,
	  11,
	  2 * DAY_MS,
	  "5 recipients a day" },
	{ "a new account",
	  { .name = "r", .smarthost = "mx.example", .user = "a@b.example", .connections = 100 },
	  0,
	  250,
	  2 * DAY_MS,
	  NULL },
	{ "a provider that is known",
	  { .name = "r", .smarthost = "smtp.office365.com", .user = "a@b.example", .proven = true },
	  0,
	  31,
	  60000,
	  "30 messages a minute" },
	{ "to MX hosts, a rate each",
	  { .name = "r", .mx = true, .user = "", .rate = 6, .rate_s = MINUTE_S },
	  0,
	  3,
	  20000,
	  "" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_case *x = &cases[i];
		CLEANUP(relay_settings_free) struct relay_settings *s = settings(x->route);
		struct plan *p = plan_new(s, &nobody, NULL, NOON);
		struct plan_time t = { 0 };
		plan_ahead(p, "r", x->ahead);
		for (size_t k = 0; k < x->n; k++)
			t = mail_to(p, "c@d.example");
		const struct plan_way *w = plan_way(p, 0);
		if (t.at_ms - NOON != x->last_ms ||
		    (x->limit && (!t.limit || strcmp(t.limit, x->limit) != 0)))
			fail_msg("%s: after %lld ms, %s", x->name, (long long)(t.at_ms - NOON), t.limit);
		assert_int_equal(w->mails, x->n);
		assert_int_equal(w->ahead, x->ahead);
		assert_int_equal(w->first_ms, x->ahead ? NOON + 60000 : NOON);
		assert_int_equal(w->last_ms, NOON + x->last_ms);
		plan_free(&p);
	}
}

static void test_sum(void **state)
{
	(void)state;
	CLEANUP(relay_settings_free)
	struct relay_settings *s = settings((struct relay_route){
		.name = "r", .smarthost = "mx.example", .user = "", .caps = { .day = 5 } });
	strlist_add(&s->routes[0].recipients, s->arena, "*@d.example");
	struct plan *p = plan_new(s, &nobody, NULL, NOON);
	for (size_t k = 0; k < 11; k++)
		(void)mail_to(p, "c@d.example");
	struct plan_time none = mail_to(p, "c@e.example");
	assert_int_equal(none.at_ms, -1);
	const struct plan_way *w = plan_way(p, 0);
	assert_int_equal(w->days[0], 5);
	assert_int_equal(w->days[1], 5);
	assert_int_equal(w->days[2], 1);
	assert_int_equal(w->nstops, 1);
	assert_int_equal(w->stops[0].mails, 6);
	assert_non_null(strstr(w->stops[0].words, "5 recipients a day (route r)"));
	assert_int_equal(plan_way(p, 1)->mails, 1);
	assert_null(plan_way(p, 1)->route);
	assert_null(plan_way(p, 2));
	plan_free(&p);
}

/* Caps of profile and kind hold too; recipients of one mail that go together are one message. */
static void test_profile(void **state)
{
	(void)state;
	CLEANUP(relay_settings_free)
	struct relay_settings *s =
		settings((struct relay_route){ .name = "r", .smarthost = "mx.example", .user = "" });
	struct relay_kind kind = { .name = "invoice", .route = "r", .caps = { .minute = 2 } };
	const struct relay_profile profile = {
		.name = "office", .route = "", .caps = { .hour = 6 }, .kinds = &kind, .nkinds = 1
	};
	const struct plan_as as = { &profile, &kind };
	const struct str to[] = { STR_LIT("c@d.example"), STR_LIT("e@f.example") };
	struct plan *p = plan_new(s, &as, NULL, NOON);
	struct plan_time t[2];
	const int64_t want[] = { 0, 0, 60000, 3600000 };
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		plan_mail(p, STR_LIT("a@b.example"), to, 2, t);
		assert_int_equal(t[0].at_ms - NOON, want[i]);
		assert_int_equal(t[1].at_ms, t[0].at_ms);
	}
	assert_string_equal(t[0].limit, "6 recipients an hour");
	assert_non_null(strstr(t[0].stop, "profile office"));
	assert_int_equal(plan_way(p, 0)->mails, ARRAY_LEN(want));
	plan_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_sum),
					    cmocka_unit_test(test_profile) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

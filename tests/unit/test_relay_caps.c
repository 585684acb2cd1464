/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "relay/lane/route_caps.h"

static const int64_t t0 = 1795262400000;

struct sent {
	int64_t after_ms; /* since t0 */
	unsigned recipients;
};

static const struct ask_case {
	const char *name;
	struct caps_told told;
	unsigned rate;
	int64_t rate_ms;
	struct sent sent[5];
	unsigned ask;
	int64_t now, at; /* since t0 */
	unsigned room;
	const char *limit; /* "" none */
} ask_cases[] = {
	{ "nothing holds", { 0 }, 0, 0, { { 1, 1 } }, 3, 100, 100, 3, "" },
	{ "a minute has room", { .minute = 2 }, 0, 0, { { 1, 1 } }, 1, 100, 100, 1, "" },
	{ "a minute is full",
	  { .minute = 2 },
	  0,
	  0,
	  { { 1, 9 }, { 2000, 1 } },
	  1,
	  3000,
	  60001,
	  1,
	  "2 messages a minute" },
	{ "recipients are no messages", { .minute = 2 }, 0, 0, { { 1, 9 } }, 7, 3000, 3000, 7, "" },
	{ "a day has room for some", { .day = 10 }, 0, 0, { { 1, 6 } }, 7, 3000, 3000, 4, "" },
	{ "a day is full",
	  { .day = 10 },
	  0,
	  0,
	  { { 1, 6 }, { 900, 4 } },
	  7,
	  3000,
	  86400001,
	  1,
	  "10 recipients a day" },
	{ "the longest wait counts",
	  { .minute = 1, .hour = 1 },
	  0,
	  0,
	  { { 1, 1 } },
	  1,
	  3000,
	  3600001,
	  1,
	  "1 recipient an hour" },
	{ "so many in one message", { .recipients = 5 }, 0, 0, { { 0 } }, 7, 3000, 3000, 5, "" },
	{ "evenly spread", { 0 }, 30, 60000, { { 100, 1 } }, 1, 300, 2100, 1, "" },
	{ "a window that ends now", { .minute = 1 }, 0, 0, { { 1, 1 } }, 1, 60001, 60001, 1, "" },
};

static void test_ask(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ask_cases); i++) {
		const struct ask_case *k = &ask_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(caps_log_clear) struct caps_log l = { 0 };
		struct caps c = { 0 };
		caps_add_told(&c, &k->told, CAPS_CONFIGURED);
		caps_add_rate(&c, k->rate, k->rate_ms, CAPS_PROVIDER);
		for (size_t s = 0; s < ARRAY_LEN(k->sent) && k->sent[s].recipients; s++)
			caps_note(&l, 1, k->sent[s].recipients, t0 + k->sent[s].after_ms);
		const struct caps_answer x = caps_ask(&c, &l, k->ask, t0 + k->now);
		const char *limit = x.limit ? caps_limit_text(x.limit, a) : "";
		if (x.at_ms != t0 + k->at || x.room != k->room || strcmp(limit, k->limit) != 0)
			fail_msg("%s: at %lld, room %u, %s", k->name, (long long)(x.at_ms - t0), x.room,
				 limit);
	}
}

static void test_under_way(void **state)
{
	(void)state;
	CLEANUP(caps_log_clear) struct caps_log l = { 0 };
	struct caps c = { 0 };
	caps_add(&c, 2, CAPS_MESSAGES, 1000, CAPS_CONFIGURED);
	caps_begin(&l, 1, t0);
	caps_begin(&l, 1, t0);
	assert_true(caps_ask(&c, &l, 1, t0 + 5000).at_ms > t0 + 5000); /* however long they take */
	caps_end(&l, 1, 1, t0 + 6000);
	caps_end(&l, 1, 0, t0 + 6000); /* the server heard nothing of it */
	assert_int_equal(caps_ask(&c, &l, 1, t0 + 6000).at_ms, t0 + 6000);
	caps_begin(&l, 1, t0 + 6000);
	caps_end(&l, 1, 1, t0 + 6100);
	assert_int_equal(caps_ask(&c, &l, 1, t0 + 6100).at_ms, t0 + 7000);
	caps_log_mend(&l, t0);
	assert_int_equal(caps_ask(&c, &l, 1, t0).at_ms, t0 + 1000);
}

/* Whatever is asked: no window of any length ever holds more than it may, however old its beginning is. */
static void test_no_window_too_full(void **state)
{
	(void)state;
	static const int64_t spans[] = { 1000, CAPS_MINUTE_MS, CAPS_HOUR_MS, CAPS_DAY_MS };
	static const unsigned most[] = { 5, 30, 400, 3000 };
	enum { SENT = 9000 };
	CLEANUP(caps_log_clear) struct caps_log l = { 0 };
	int64_t *at = mem_alloc(SENT * sizeof(*at)), now = t0;
	struct caps c = { 0 };
	unsigned dice = 7;
	for (size_t i = 0; i < ARRAY_LEN(spans); i++)
		caps_add(&c, most[i], CAPS_RECIPIENTS, spans[i], CAPS_CONFIGURED);
	for (size_t n = 0; n < SENT; n++) {
		dice = dice * 1103515245 + 12345;
		now += dice >> 16 & 127;
		now = caps_ask(&c, &l, 1, now).at_ms;
		caps_begin(&l, 1, now);
		caps_end(&l, 1, 1, now);
		at[n] = now;
		for (size_t i = 0; i < ARRAY_LEN(spans); i++)
			if (n >= most[i] && at[n] - at[n - most[i]] < spans[i])
				fail_msg("%u in %lld ms", most[i] + 1, (long long)(at[n] - at[n - most[i]]));
	}
	/* and hardly less than it may: three days of three thousand, at four hundred an hour */
	assert_in_range(now - t0, 2 * CAPS_DAY_MS, 2 * CAPS_DAY_MS + CAPS_DAY_MS / 3);
	assert_in_range(l.n, 1, 6000);
	free(at);
}

static const struct route_case {
	const char *name, *host, *user;
	struct caps_told told;
	unsigned rate, rate_s, connections;
	bool proven, said_proven;
	const char *limits; /* all of them, in order */
	unsigned at_once, recipients;
} route_cases[] = {
	{ "nothing is known", "mx.example.com", "", { 0 }, 0, 0, 0, false, false, "", 0, 0 },
	{ "the provider's, and a new account",
	  "smtp.office365.com",
	  "a@example.com",
	  { 0 },
	  0,
	  0,
	  0,
	  false,
	  false,
	  "30 messages a minute, 10000 recipients a day, 100 recipients a day",
	  3,
	  500 },
	{ "it has proved itself",
	  "smtp.office365.com",
	  "a@example.com",
	  { 0 },
	  0,
	  0,
	  0,
	  true,
	  false,
	  "30 messages a minute, 10000 recipients a day",
	  3,
	  500 },
	{ "it is said to be proven",
	  "smtp.office365.com",
	  "a@example.com",
	  { 0 },
	  0,
	  0,
	  0,
	  false,
	  true,
	  "30 messages a minute, 10000 recipients a day",
	  3,
	  500 },
	{ "own settings win",
	  "smtp.office365.com",
	  "a@example.com",
	  { .day = 50, .recipients = 9 },
	  5,
	  1,
	  7,
	  false,
	  false,
	  "5 messages a second, 50 recipients a day",
	  7,
	  9 },
	{ "a person's mailbox",
	  "smtp.gmail.com",
	  "anna@gmail.com",
	  { 0 },
	  0,
	  0,
	  0,
	  true,
	  false,
	  "500 recipients a day",
	  0,
	  100 },
	{ "a company's",
	  "smtp.gmail.com",
	  "anna@example.com",
	  { 0 },
	  0,
	  0,
	  0,
	  true,
	  false,
	  "2000 recipients a day",
	  0,
	  100 },
	{ "by its mail API",
	  "graph.microsoft.com",
	  "a@example.com",
	  { .minute = 10 },
	  0,
	  0,
	  0,
	  true,
	  false,
	  "10 messages a minute, 10000 recipients a day",
	  3,
	  500 },
};

static void test_routes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(route_cases); i++) {
		const struct route_case *k = &route_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct relay_route r = { .name = "box",
					       .smarthost = k->host,
					       .provider = provider_by_host(k->host),
					       .user = k->user,
					       .caps = k->told,
					       .rate = k->rate,
					       .rate_s = k->rate_s,
					       .connections = k->connections,
					       .proven = k->said_proven };
		struct strlist all = { 0 };
		struct caps c;
		route_caps(&r, k->proven, &c);
		for (size_t n = 0; n < c.n; n++)
			strlist_add(&all, a, caps_limit_text(&c.v[n], a));
		const char *limits = strlist_join(&all, a, ", ");
		if (strcmp(limits, k->limits) != 0 || c.connections != k->at_once ||
		    c.recipients != k->recipients)
			fail_msg("%s: %s; %u, %u", k->name, limits, c.connections, c.recipients);
	}
}

static void test_whole(void **state)
{
	(void)state;
	CLEANUP(caps_log_clear) struct caps_log l = { 0 };
	struct caps c = { 0 };
	caps_add(&c, 10, CAPS_RECIPIENTS, 1000, CAPS_CONFIGURED);
	caps_note(&l, 1, 6, t0);
	assert_int_equal(caps_ask(&c, &l, 5, t0 + 1).at_ms, t0 + 1); /* four of them now */
	assert_int_equal(caps_ask_whole(&c, &l, 4, t0 + 1).at_ms, t0 + 1);
	assert_int_equal(caps_ask_whole(&c, &l, 5, t0 + 1).at_ms, t0 + 1000);
	assert_int_equal(caps_ask_whole(&c, &l, 50, t0 + 1).at_ms, t0 + 1000); /* as if it filled it */
}

/* What is held for it is told by the rate, and known again by its words. */
static void test_words(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct provider p = { .title = "Example Mail" };
	p.limits.source = "mail.example";
	p.limits.as_of = "2026-05";
	const struct relay_route r = { .provider = &p };
	static const enum caps_source sources[] = { CAPS_CONFIGURED, CAPS_PROVIDER, CAPS_UNPROVEN };
	struct caps c = { 0 };
	caps_add(&c, 2, CAPS_MESSAGES, CAPS_MINUTE_MS, CAPS_CONFIGURED);
	assert_null(caps_spacing_limit(&c));
	caps_add_rate(&c, 2, CAPS_HOUR_MS, CAPS_CONFIGURED);
	assert_ptr_equal(caps_spacing_limit(&c), &c.v[1]);
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		c.v[1].source = sources[i];
		assert_true(caps_wrote(str_of(caps_reason(&c.v[1], &r, "route out", a))));
	}
	assert_false(caps_wrote(STR_LIT("held by anna: he takes it himself")));
	assert_false(caps_wrote(STR_LIT("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_under_way),
		cmocka_unit_test(test_no_window_too_full),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

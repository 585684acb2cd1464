/* SPDX-License-Identifier: Apache-2.0 */
/* What an alert says. */
#include "tests/unit/unit.h"

#include <jansson.h>
#include <string.h>

#include "watch/alert.h"

static struct alert_part part(const char *name, enum news n, enum condition now)
{
	return (struct alert_part){
		.news = n,
		.name = name,
		.target = "mail.example.com:587",
		.now = now,
		.since_ms = 1790000000000,
		.title = now == CONDITION_WELL ? "" : "The password is\r\nBcc: x@example.net",
		.summary = "All works.",
		.report = now == CONDITION_WELL ? "" : "FAILING  The password is wrong.\n",
		.finding = now == CONDITION_WELL ? "" : "{\"id\":\"auth-bad-credentials\"}"
	};
}

static const struct alert_expiry soon = { "certificate", "mail.example.com:465", "issued by X", 1790500000000,
					  5 };

struct made {
	const char *name;
	enum news network;
	struct {
		const char *name;
		enum news news;
		enum condition now;
	} parts[3];
	size_t nparts, nexpiries;
	const char *kind, *subject, *text;
};

static const struct made cases[] = {
	{ "bad",
	  NEWS_NONE,
	  { { "office", NEWS_BAD, CONDITION_BAD } },
	  1,
	  0,
	  "bad",
	  "[postrider] office is bad: The password is  Bcc: x@example.net",
	  "FAILING  The password is wrong." },
	{ "worse",
	  NEWS_NONE,
	  { { "office", NEWS_WORSE, CONDITION_BAD } },
	  1,
	  0,
	  "worse",
	  "[postrider] office got worse: The password is  Bcc: x@example.net",
	  "since:" },
	{ "a warning",
	  NEWS_NONE,
	  { { "office", NEWS_WORSE, CONDITION_WARNING } },
	  1,
	  0,
	  "worse",
	  "[postrider] office has a new warning: The password is  Bcc: x@example.net",
	  "mail.example.com:587" },
	{ "well",
	  NEWS_NONE,
	  { { "office", NEWS_WELL, CONDITION_WELL } },
	  1,
	  0,
	  "well",
	  "[postrider] office is well again",
	  "All works." },
	{ "together",
	  NEWS_NONE,
	  { { "office", NEWS_BAD, CONDITION_BAD },
	    { "shop", NEWS_BAD, CONDITION_BAD },
	    { "home", NEWS_WELL, CONDITION_WELL } },
	  3,
	  1,
	  "bad",
	  "[postrider] monitors: 2 bad, 1 well again, 1 running out",
	  "home is well again" },
	{ "running out",
	  NEWS_NONE,
	  { { 0 } },
	  0,
	  1,
	  "expiring",
	  "[postrider] the certificate of mail.example.com:465 runs out in 5 days (2026-09-27)",
	  "issued by X" },
	{ "away",
	  NEWS_AWAY,
	  { { "office", NEWS_AWAY, CONDITION_BAD }, { "shop", NEWS_AWAY, CONDITION_BAD } },
	  2,
	  0,
	  "away",
	  "[postrider] no server can be reached from relay.test: all 2 monitors fail",
	  "shop (mail.example.com:587)" },
	{ "back",
	  NEWS_BACK,
	  { { "office", NEWS_BACK, CONDITION_WELL } },
	  1,
	  0,
	  "back",
	  "[postrider] relay.test reaches servers again",
	  "reaches servers again" },
};

static void check_json(const struct alert *x, const struct made *m)
{
	CLEANUP(mem_free) char *text = alert_json(x);
	json_t *o = json_loads(text, 0, NULL);
	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, "kind")), m->kind);
	assert_int_equal(json_array_size(json_object_get(o, "monitors")), m->nparts);
	assert_int_equal(json_array_size(json_object_get(o, "expiring")), m->nexpiries);
	json_decref(o);
}

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct made *m = &cases[i];
		struct alert x = { .at_ms = 1790000000000, .host = "relay.test", .network = m->network };
		for (size_t k = 0; k < m->nparts; k++)
			x.parts[x.nparts++] = part(m->parts[k].name, m->parts[k].news, m->parts[k].now);
		for (size_t k = 0; k < m->nexpiries; k++)
			x.expiries[x.nexpiries++] = soon;
		const char *subject = alert_subject(&x, a), *text = alert_text(&x, a);
		if (strcmp(subject, m->subject) != 0)
			fail_msg("%s: %s", m->name, subject);
		if (!strstr(text, m->text))
			fail_msg("%s: %s", m->name, text);
		check_json(&x, m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_words) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

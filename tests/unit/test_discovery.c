/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "check/discovery.h"
#include "check/render_discovery.h"
#include "tests/unit/evidence_build.h"

struct row {
	const char *host, *source, *outcome, *user, *auth;
};

static void add(struct evidence *ev, const struct row *r)
{
	struct fact *c = evidence_add(ev, FACT_CANDIDATE, 0, 1);
	c->candidate.host = r->host;
	c->candidate.port = 465;
	c->candidate.security = "tls";
	c->candidate.source = r->source;
	c->candidate.why = "somebody names it";
	struct fact *t = evidence_add(ev, FACT_ATTEMPT, 0, 2);
	t->attempt.of = (long)c->n;
	t->attempt.outcome = r->outcome;
	t->attempt.says = "it was so";
	t->attempt.user = r->user ? r->user : "";
	t->attempt.auth = r->auth ? r->auth : "";
}

/* best: its host; says: in the summary; config: in the block, NULL: there is none. */
static const struct {
	const char *name;
	struct row rows[3];
	bool found;
	const char *best, *says, *config;
} cases[] = {
	{ "nobody", { { 0 } }, false, NULL, "Nobody names a server", NULL },
	{ "one works",
	  { { "a.example", "srv", "closed", 0, 0 }, { "b.example", "name", "works", "me", "password" } },
	  true,
	  "b.example",
	  "the login was accepted",
	  "user          = \"me\"" },
	{ "the better source first among equals",
	  { { "b.example", "name", "ready", "me", 0 }, { "a.example", "srv", "ready", "me", 0 } },
	  true,
	  "a.example",
	  "no password was given",
	  "smarthost     = \"a.example:465\"" },
	{ "refused is the server all the same",
	  { { "a.example", "srv", "login-refused", "me", 0 }, { "b.example", "name", "no-answer", 0, 0 } },
	  false,
	  "a.example",
	  "refused the login",
	  "host          = \"a.example\"" },
	{ "nothing near",
	  { { "a.example", "srv", "not-proven", 0, 0 }, { "b.example", "name", "no-address", 0, 0 } },
	  false,
	  "a.example",
	  "it was so",
	  NULL },
	{ "OAuth",
	  { { "a.example", "provider", "ready", "me", "oauth" } },
	  true,
	  "a.example",
	  "certificate is good",
	  "oauth { client-id" },
	{ "a login that cannot stand in the file",
	  { { "a.example", "autoconfig", "ready", "me\" evil", "password" } },
	  true,
	  "a.example",
	  "certificate is good",
	  "user          = \"THE-USER-NAME\"" },
	{ "without login",
	  { { "a.isp.example", "isp", "relays", 0, "none" } },
	  true,
	  "a.isp.example",
	  "access provider",
	  "smarthost     = \"a.isp.example:465\"" },
	{ "words of another release",
	  { { "a.example", "rumour", "sings", 0, 0 } },
	  false,
	  "a.example",
	  "it was so",
	  NULL },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("address", "acme.example");
		built_target(ev)->input = "me@acme.example";
		for (size_t k = 0; k < ARRAY_LEN(cases[i].rows) && cases[i].rows[k].host; k++)
			add(ev, &cases[i].rows[k]);
		CLEANUP(discovery_free) struct discovery *d = discovery_of(ev);
		assert_int_equal(d->found, cases[i].found);
		assert_string_equal(d->best ? d->best->candidate->host : "none",
				    cases[i].best ? cases[i].best : "none");
		if (!strstr(d->summary, cases[i].says))
			print_error("%s: %s\n", cases[i].name, d->summary);
		assert_non_null(strstr(d->summary, cases[i].says));
		if (cases[i].config)
			assert_non_null(strstr(d->config, cases[i].config));
		else
			assert_string_equal(d->config, "");
	}
}

/* Nothing was named: the domain's MX tells why. */
static const struct {
	const char *status, *says;
} nothing_cases[] = { { "ok", "Nobody names a server" },
		      { "nxdomain", "is it spelt right?" },
		      { "timeout", "the DNS gave no answer for acme.example (timeout)" } };

static void test_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nothing_cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = built_for("address", "acme.example");
		built_dns(ev, "mx", "acme.example", "MX", nothing_cases[i].status, NULL);
		CLEANUP(discovery_free) struct discovery *d = discovery_of(ev);
		assert_non_null(strstr(d->summary, nothing_cases[i].says));
	}
}

/* Candidates without their attempt: a search that was cut short. */
static void test_cut_short(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = built_for("address", "acme.example");
	struct fact *c = evidence_add(ev, FACT_CANDIDATE, 0, 1);
	c->candidate.host = "a.example";
	CLEANUP(discovery_free) struct discovery *d = discovery_of(ev);
	assert_int_equal(d->n, 1);
	assert_int_equal(d->v[0].outcome, OUTCOME_NOT_TRIED);
	assert_string_equal(d->v[0].attempt->says, "the search ended before");
}

static const char *text_of(const struct discovery *d, struct arena *a)
{
	char page[8000] = "";
	struct err e = { 0 };
	FILE *f = fmemopen(page, sizeof(page) - 1, "w");
	struct render_options o = { .ascii = true, .width = 80 };
	assert_true(render_discovery_text(d, &o, f, &e));
	fclose(f);
	return arena_strdup(a, page);
}

/* Whatever a server said cannot steer the terminal. */
static void test_text(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = built_for("address", "acme.example");
	built_target(ev)->input = "me@acme.example";
	const struct row rows[] = { { "a.example", "srv", "works", "me", "password" },
				    { "\033[2Jb.example", "name", "not-tried", 0, 0 },
				    { "c.example", "name", "not-tried", 0, 0 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		add(ev, &rows[i]);
	CLEANUP(discovery_free) struct discovery *d = discovery_of(ev);
	const char *text = text_of(d, a);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "FOUND"));
	assert_non_null(strstr(text, "c.example:465: it was so"));
	assert_non_null(strstr(text, "profile \"acme.example\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_cut_short),
					    cmocka_unit_test(test_text), cmocka_unit_test(test_nothing) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

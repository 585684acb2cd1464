/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "check/candidate.h"

static struct candidates *list_for(struct arena *a, const char *domain)
{
	struct candidates *l = arena_alloc(a, sizeof(*l));
	l->arena = a;
	l->domain = domain;
	return l;
}

static struct candidate named(const char *host, unsigned port, enum request_security s)
{
	return (struct candidate){ .host = host,
				   .port = port,
				   .security = s,
				   .source = SOURCE_SRV,
				   .why = "it is named",
				   .login = "",
				   .user = "",
				   .vouched = "" };
}

/* Who vouches for a name, and who does not. */
static const struct {
	const char *domain, *host, *vouched;
} vouched_cases[] = {
	{ "acme.example", "mail.acme.example", "own-domain" },
	{ "shop.acme.example", "mail.acme.example", "own-domain" },
	{ "acme.example", "MAIL.ACME.EXAMPLE.", "own-domain" },
	{ "acme.example", "mail.evilacme.example", "" },
	{ "acme.co.uk", "mail.other.co.uk", "" },
	{ "acme.example", "smtp.gmail.com", "catalogue" },
	{ "acme.example", "dedi1234.your-server.de", "" }, /* a customer's machine at a hoster */
	{ "acme.example", "mail.your-server.de", "catalogue" },
	{ "acme.example", "mail.hoster.example", "" },
};

static void test_vouched(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vouched_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct candidates *l = list_for(a, vouched_cases[i].domain);
		candidates_add(l, named(vouched_cases[i].host, 465, SECURITY_TLS));
		assert_int_equal(l->n, 1);
		assert_string_equal(l->v[0].vouched, vouched_cases[i].vouched);
	}
}

static void test_same_twice(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct candidates *l = list_for(a, "acme.example");
	struct candidate proven = named("S12.hoster.example", 465, SECURITY_TLS);
	candidates_add(l, named("s12.hoster.example", 465, SECURITY_TLS));
	assert_string_equal(l->v[0].vouched, "");
	proven.vouched = "https";
	proven.login = "local-part";
	candidates_add(l, proven);
	assert_int_equal(l->n, 1);
	assert_string_equal(l->v[0].vouched, "https");
	assert_string_equal(l->v[0].login, "local-part");
	candidates_add(l, named("s12.hoster.example", 587, SECURITY_STARTTLS));
	candidates_add(l, named("s12.hoster.example", 0, SECURITY_TLS));
	candidates_add(l, named("", 465, SECURITY_TLS));
	candidates_add(l, named("localhost", 465, SECURITY_TLS));
	candidates_add(l, named("10.0.0.5", 465, SECURITY_TLS));
	assert_int_equal(l->n, 2);
	for (unsigned i = 0; i < 2 * CANDIDATES_MAX; i++)
		candidates_add(l, named(arena_printf(a, "h%u.hoster.example", i), 465, SECURITY_TLS));
	assert_int_equal(l->n, CANDIDATES_MAX);
}

/* The servers of a provider for a name; the first, and how many. */
static const struct {
	const char *provider, *name, *first;
	size_t n;
} provider_cases[] = {
	{ "zoho", "mx.zoho.eu", "smtp.zoho.eu", 4 },
	{ "zoho", "zoho.com", "smtp.zoho.com", 4 },
	{ "google", "aspmx.l.google.com", "smtp.gmail.com", CANDIDATES_OF_PROVIDER },
	{ "microsoft365", "acme-example.mail.protection.outlook.com", "smtp.office365.com", 2 },
	{ "ses", "inbound-smtp.eu-west-1.amazonaws.com", "email-smtp.eu-west-1.amazonaws.com", 5 },
	{ "netease", "126.com", "smtp.126.com", 1 },
	{ "mimecast", "eu-smtp-inbound-1.mimecast.com", NULL, 0 },
};

static void test_provider(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(provider_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct candidates *l = list_for(a, "acme.example");
		candidates_add_provider(l, provider_by_name(provider_cases[i].provider),
					provider_cases[i].name, SOURCE_MX_PROVIDER, "");
		assert_int_equal(l->n, provider_cases[i].n);
		if (l->n)
			assert_string_equal(l->v[0].host, provider_cases[i].first);
	}
}

static void test_names(void **state)
{
	enum candidate_source s;
	(void)state;
	for (enum candidate_source i = 0; i < SOURCES; i++) {
		assert_true(candidate_source_of(candidate_source_name(i), &s));
		assert_int_equal(s, i);
	}
	assert_false(candidate_source_of("rumour", &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_vouched), cmocka_unit_test(test_same_twice),
					    cmocka_unit_test(test_provider), cmocka_unit_test(test_names) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

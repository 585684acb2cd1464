/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/ride: which connection may carry another domain's mail, and which may not. */
#include "tests/unit/unit.h"

#include "relay/delivery/ride.h"
#include "relay/settings.h"

static const struct relay_route direct = { .name = "direct", .mx = true },
				strict = { .name = "strict", .mx = true, .tls_required = true },
				out = { .name = "out", .security = RELAY_SECURITY_STARTTLS, .user = "me" },
				strict_out = { .name = "out",
					       .security = RELAY_SECURITY_STARTTLS,
					       .tls_required = true },
				plain = { .name = "plain", .security = RELAY_SECURITY_NONE, .user = "me" },
				api = { .name = "api", .api = RELAY_API_GRAPH };

#define A1                                                                                                   \
	{                                                                                                    \
		.host = "mx1.example", .address = "192.0.2.1", .preference = 10, .base = "mx1.example"       \
	}
#define A2                                                                                                   \
	{                                                                                                    \
		.host = "MX1.example", .address = "192.0.2.2", .preference = 10, .base = "mx1.example"       \
	}
#define B1                                                                                                   \
	{                                                                                                    \
		.host = "mx2.example", .address = "192.0.2.3", .preference = 10, .base = "mx2.example"       \
	}
#define BACKUP                                                                                               \
	{                                                                                                    \
		.host = "mx9.example", .address = "192.0.2.9", .preference = 20, .base = "mx9.example"       \
	}

static const struct mx_plan plan = { .result = MX_READY, .v = { A1, A2, B1, BACKUP }, .n = 4 };

static const struct ride_case {
	const char *name;
	struct ride_line line;
	const struct relay_route *next; /* NULL: the line's */
	enum tls_need need;             /* of all hosts */
	enum ride ride;
	size_t target;
} cases[] = {
	{ "in clear to who takes it so",
	  { &direct, "mx1.example", "192.0.2.1", "mx1.example", 0, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE,
	  0 },
	{ "the second address",
	  { &direct, "mx1.example", "192.0.2.2", "mx1.example", 1, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE,
	  1 },
	{ "another of the best",
	  { &direct, "MX2.example", "192.0.2.3", "mx2.example", 1, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE,
	  2 },
	{ "a better one first",
	  { &direct, "mx9.example", "192.0.2.9", "mx9.example", 1, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE_BACKUP,
	  0 },
	{ "an address that is gone",
	  { &direct, "mx1.example", "192.0.2.4", "mx1.example", 1, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE_OTHER_HOST,
	  0 },
	{ "an address of another name",
	  { &direct, "mx3.example", "192.0.2.1", "mx1.example", 1, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE_OTHER_HOST,
	  0 },
	{ "another route",
	  { &direct, "mx1.example", "192.0.2.1", "mx1.example", 1, 0 },
	  &strict,
	  TLS_WELCOME,
	  RIDE_OTHER_ROUTE,
	  0 },
	{ "a route with another login",
	  { &strict_out, "mx1.example", "192.0.2.1", "mx1.example", 1, 0 },
	  &out,
	  TLS_WELCOME,
	  RIDE_OTHER_ROUTE,
	  0 },
	{ "no SMTP",
	  { &api, "mx1.example", "192.0.2.1", "mx1.example", 1, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE_OTHER_ROUTE,
	  0 },
	{ "TLS failed for the last one",
	  { &direct, "mx1.example", "192.0.2.1", "mx1.example", 0, 1 },
	  NULL,
	  TLS_WELCOME,
	  RIDE_IN_CLEAR,
	  0 },
	{ "asked for another certificate",
	  { &direct, "mx1.example", "192.0.2.1", "alias.example", 1, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE_OTHER_NAME,
	  0 },
	{ "a route that wants TLS, in clear",
	  { &strict, "mx1.example", "192.0.2.1", "mx1.example", 0, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE_IN_CLEAR,
	  0 },
	{ "a route that wants TLS",
	  { &strict, "mx1.example", "192.0.2.1", "mx1.example", 1, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE,
	  0 },
	{ "MTA-STS, in clear",
	  { &direct, "mx1.example", "192.0.2.1", "mx1.example", 0, 0 },
	  NULL,
	  TLS_PROVEN,
	  RIDE_IN_CLEAR,
	  0 },
	{ "MTA-STS, encrypted",
	  { &direct, "mx1.example", "192.0.2.1", "mx1.example", 1, 0 },
	  NULL,
	  TLS_PROVEN,
	  RIDE_PROVE,
	  0 },
	{ "DANE, in clear",
	  { &direct, "mx1.example", "192.0.2.1", "mx1.example", 0, 0 },
	  NULL,
	  TLS_DANE,
	  RIDE_IN_CLEAR,
	  0 },
	{ "DANE, encrypted",
	  { &strict, "mx1.example", "192.0.2.1", "mx1.example", 1, 0 },
	  NULL,
	  TLS_DANE,
	  RIDE_PROVE,
	  0 },
	{ "DANE of an alias",
	  { &direct, "mx1.example", "192.0.2.1", "alias.example", 1, 0 },
	  NULL,
	  TLS_DANE,
	  RIDE_OTHER_NAME,
	  0 },
	{ "a login's smarthost",
	  { &out, "mx1.example", "192.0.2.1", "mx1.example", 1, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE_PROVE,
	  0 },
	{ "a smarthost that must encrypt",
	  { &strict_out, "mx1.example", "192.0.2.1", "mx1.example", 1, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE,
	  0 },
	{ "the same, in clear",
	  { &strict_out, "mx1.example", "192.0.2.1", "mx1.example", 0, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE_IN_CLEAR,
	  0 },
	{ "a smarthost in clear",
	  { &plain, "mx1.example", "192.0.2.1", "mx1.example", 0, 0 },
	  NULL,
	  TLS_WELCOME,
	  RIDE,
	  0 },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct ride_case *c = &cases[i];
		struct mx_plan p = plan;
		size_t target = 0;
		for (size_t k = 0; k < p.n; k++)
			p.v[k].need = c->need;
		enum ride got = ride_ask(&c->line, c->next ? c->next : c->line.route, &p, &target);
		if (got != c->ride || target != c->target)
			fail_msg("%s: %d, target %zu", c->name, (int)got, target);
	}
}

/* One host of the domain may have a policy of its own (DANE): that of the host at hand counts. */
static void test_each_host_has_its_need(void **state)
{
	(void)state;
	const struct ride_line line = { &direct, "mx1.example", "192.0.2.1", "mx1.example", false, false };
	struct mx_plan p = plan;
	size_t target;
	p.v[2].need = TLS_DANE;
	assert_int_equal(ride_ask(&line, &direct, &p, &target), RIDE);
	p.v[0].need = TLS_DANE;
	assert_int_equal(ride_ask(&line, &direct, &p, &target), RIDE_IN_CLEAR);
}

static void test_no_plan(void **state)
{
	(void)state;
	static const enum mx_result results[] = { MX_NO_DOMAIN, MX_NO_MAIL, MX_NO_ADDRESS, MX_LOOP,
						  MX_TROUBLE };
	const struct ride_line line = { &direct, "mx1.example", "192.0.2.1", "mx1.example", true, false };
	size_t target;
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		const struct mx_plan p = { .result = results[i] };
		assert_int_equal(ride_ask(&line, &direct, &p, &target), RIDE_NO_PLAN);
	}
	assert_int_equal(ride_ask(&line, NULL, &plan, &target), RIDE_OTHER_ROUTE);
}

/* What would come next, had it been the first: its other addresses, then all others as they were. */
static void test_it_leads(void **state)
{
	(void)state;
	static const struct {
		size_t target;
		const char *order[4];
	} orders[] = {
		{ 0, { "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.9" } },
		{ 1, { "192.0.2.2", "192.0.2.1", "192.0.2.3", "192.0.2.9" } },
		{ 2, { "192.0.2.3", "192.0.2.1", "192.0.2.2", "192.0.2.9" } },
	};
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		struct mx_plan p = plan;
		ride_lead(&p, orders[i].target);
		assert_int_equal(p.n, 4);
		for (size_t k = 0; k < p.n; k++)
			assert_string_equal(p.v[k].address, orders[i].order[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_each_host_has_its_need),
		cmocka_unit_test(test_no_plan),
		cmocka_unit_test(test_it_leads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

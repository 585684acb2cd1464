/* SPDX-License-Identifier: Apache-2.0 */
/* In which order hosts are tried, which lane carries what, and what a server calls what it took. */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/lane/lanes_inner.h"
#include "relay/delivery/mx.h"
#include "relay/delivery/remote_id.h"

static double highest(void *ctx) /* leaves equals in their order */
{
	(void)ctx;
	return 0.999999;
}

static double lowest(void *ctx)
{
	(void)ctx;
	return 0;
}

static const struct {
	const char *name;
	const char *records[6];
	enum mx_kind kind;
	const char *order; /* dice high */
	const char *other; /* dice low */
	const char *self;  /* our name */
	const char *cut;   /* what is left of order */
} cases[] = {
	{ "one", { "10 a.example" }, MX_FOUND, "a.example", "a.example", "us.example", "a.example" },
	{ "by preference",
	  { "20 b.example", "10 a.example", "30 c.example" },
	  MX_FOUND,
	  "a.example b.example c.example",
	  "a.example b.example c.example",
	  "b.example",
	  "a.example" },
	{ "equals are shuffled, within themselves",
	  { "10 a.example", "10 b.example", "5 z.example", "20 c.example" },
	  MX_FOUND,
	  "z.example a.example b.example c.example",
	  "z.example b.example a.example c.example",
	  "us.example",
	  "z.example a.example b.example c.example" },
	{ "no better than we are is cut off too",
	  { "10 a.example", "10 us.example", "5 z.example" },
	  MX_FOUND,
	  "z.example a.example us.example",
	  "z.example us.example a.example",
	  "US.example.",
	  "z.example" },
	{ "we are the best",
	  { "10 us.example", "20 a.example" },
	  MX_FOUND,
	  "us.example a.example",
	  "us.example a.example",
	  "us.example",
	  "" },
	{ "named twice",
	  { "20 A.example", "10 a.example" },
	  MX_FOUND,
	  "A.example",
	  "A.example",
	  "us.example",
	  "A.example" },
	{ "null MX", { "0 ." }, MX_NULL, "", "", "us.example", "" },
	{ "null MX beside others",
	  { "0 .", "10 a.example" },
	  MX_FOUND,
	  "a.example",
	  "a.example",
	  "us.example",
	  "a.example" },
	{ "no MX at all", { "nonsense", "70000 a.example" }, MX_BAD, "", "", "us.example", "" },
};

static const char *names_of(const struct mx_list *l, struct arena *a)
{
	struct strlist names = { 0 };
	for (size_t i = 0; i < l->n; i++)
		strlist_add(&names, a, l->v[i].name);
	return strlist_join(&names, a, " ");
}

struct self {
	const struct mx_list *list;
	const char *name;
};

static bool is_self(void *ctx, size_t i)
{
	const struct self *s = ctx;
	return str_istarts(str_of(s->name), s->list->v[i].name);
}

static void test_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct strlist records = { 0 };
		struct mx_list list, other;
		for (size_t k = 0; k < ARRAY_LEN(cases[i].records) && cases[i].records[k]; k++)
			strlist_add(&records, a, cases[i].records[k]);
		mx_read(&records, highest, NULL, a, &list);
		mx_read(&records, lowest, NULL, a, &other);
		if (list.kind != cases[i].kind || strcmp(names_of(&list, a), cases[i].order) != 0 ||
		    strcmp(names_of(&other, a), cases[i].other) != 0)
			fail_msg("%s: %d, %s | %s", cases[i].name, list.kind, names_of(&list, a),
				 names_of(&other, a));
		struct self self = { &list, cases[i].self };
		(void)mx_cut_self(&list, is_self, &self);
		if (strcmp(names_of(&list, a), cases[i].cut) != 0)
			fail_msg("%s: cut to %s", cases[i].name, names_of(&list, a));
	}
}

static void test_many_hosts(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist records = { 0 };
	struct mx_list list;
	for (unsigned i = 0; i < 3 * MX_HOSTS_MAX; i++)
		strlist_add(&records, a, arena_printf(a, "%u mx%u.example", i, i));
	mx_read(&records, lowest, NULL, a, &list);
	assert_int_equal(list.n, MX_HOSTS_MAX);
}

static void test_addresses_take_turns(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist v6 = { 0 }, v4 = { 0 }, out = { 0 };
	strlist_add(&v6, a, "::1");
	strlist_add(&v4, a, "192.0.2.1");
	strlist_add(&v4, a, "192.0.2.2");
	mx_mix(&v6, &v4, a, &out);
	assert_string_equal(strlist_join(&out, a, " "), "::1 192.0.2.1 192.0.2.2");
}

/* Replies of real servers to the final dot. */
static const struct {
	const char *reply, *id;
} replies[] = {
	{ "2.0.0 Ok: queued as 4XwYz12abcz9sT1", "4XwYz12abcz9sT1" },
	{ "2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5F1D02A3B4", "5F1D02A3B4" },
	{ "OK id=1tEabc-00000001XyZ-2abc", "1tEabc-00000001XyZ-2abc" },
	{ "2.6.0 <a@b.example> [InternalId=12345678901, Hostname=X.prod.outlook.com] 9876 bytes in 0.2, "
	  "Queued "
	  "mail for delivery",
	  "12345678901" },
	{ "2.0.0 OK  1732179000 d2e1a72fcca58-7247db123si1234567b3a.42 - gsmtp",
	  "d2e1a72fcca58-7247db123si1234567b3a.42" },
	{ "2.0.0 82a0b7a6 Message accepted for delivery", "82a0b7a6" },
	{ "2.0.0 4ALAb1cd012345 Message accepted for delivery", "4ALAb1cd012345" },
	{ "ok 1732179000 qp 12345", "1732179000 qp 12345" },
	{ "Ok 0100018f2c8d5a3e-1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901-000000",
	  "0100018f2c8d5a3e-1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901-000000" },
	{ "Message Queued (0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0.1)",
	  "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0.1" },
	{ "2.0.0 queued as 1af3tsp20078fyh8a6 (durable)", "1af3tsp20078fyh8a6" },
	{ "2.0.0 Ok", "" },
	{ "ok dirdel", "" },
	{ "2.6.0 Message received", "" },
	{ "Ok: queued as", "" },
	{ "", "" },
};

static void test_remote_ids(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
		struct str id = remote_id_of(str_of(replies[i].reply));
		if (!str_eq(id, replies[i].id))
			fail_msg("%s: " STR_FMT, replies[i].reply, STR_ARG(id));
	}
}

/* Each tenant of Microsoft's has an MX name of its own, Google's are mixed, IONOS has two. */
static const struct {
	const char *hosts[3];
	const char *group;
} groups[] = {
	{ { "a-example.mail.protection.outlook.com" }, "direct hosts of microsoft365" },
	{ { "b-example.mail.protection.outlook.com" }, "direct hosts of microsoft365" },
	{ { "b-example.mail.protection.outlook.com", "x.b-v1.mx.microsoft" },
	  "direct hosts of microsoft365" },
	{ { "alt1.aspmx.l.google.com", "aspmx.l.google.com", "aspmx2.googlemail.com" },
	  "direct hosts of google" },
	{ { "smtp.google.com" }, "direct hosts of google" },
	{ { "mx00.ionos.de", "mx01.kundenserver.de" }, "direct hosts of ionos" },
	{ { "aspmx.l.google.com", "mx.example.com" }, "direct aspmx.l.google.com mx.example.com" },
	{ { "aspmx.l.google.com", "b-example.mail.protection.outlook.com" },
	  "direct aspmx.l.google.com b-example.mail.protection.outlook.com" },
	{ { "mx1.example.com", "mx2.example.com" }, "direct mx1.example.com mx2.example.com" },
};

static void test_groups(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct relay_route direct = { .name = "direct", .mx = true }, out = { .name = "out" };
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		size_t n = 0;
		while (n < ARRAY_LEN(groups[i].hosts) && groups[i].hosts[n])
			n++;
		assert_string_equal(lane_group_name(&direct, groups[i].hosts, n, a), groups[i].group);
	}
	const char *smarthost = "smtp.google.com";
	assert_string_equal(lane_group_name(&out, &smarthost, 1, a), "out smtp.google.com");
}

static void test_lane_names(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct relay_route routes[] = { { .name = "m365" }, { .name = "direct", .mx = true } };
	strlist_add(&routes[0].senders, a, "*@example.com");
	const struct relay_settings s = { .routes = routes, .nroutes = 2 };
	const struct relay_settings none = { 0 };
	assert_string_equal(lane_of(&s, STR_LIT("me@example.com"), STR_LIT("b@Example.NET"), a), "m365");
	assert_string_equal(lane_of(&s, STR_LIT(""), STR_LIT("\"a@b\"@Example.NET."), a),
			    "direct example.net");
	assert_string_equal(lane_of(&none, STR_LIT(""), STR_LIT("b@example.net"), a), LANE_NONE);
	assert_ptr_equal(lane_route(&s, "m365"), &routes[0]);
	assert_ptr_equal(lane_route(&s, "direct example.net"), &routes[1]);
	assert_null(lane_route(&s, "direct"));
	assert_null(lane_route(&s, "gone example.net"));
	assert_true(str_eq(lane_domain(&routes[1], "direct example.net as office"), "example.net"));
	assert_ptr_equal(lane_route(&s, "m365 as office/invoice untested"), &routes[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_many_hosts),
		cmocka_unit_test(test_addresses_take_turns),
		cmocka_unit_test(test_remote_ids),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_lane_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

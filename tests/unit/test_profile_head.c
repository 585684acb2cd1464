/* SPDX-License-Identifier: Apache-2.0 */
/* Which profile a message goes by, what becomes of its header, and the lane it gets. */
#include "tests/unit/unit.h"

#include "relay/doubt.h"
#include "relay/lane/lane_name.h"
#include "relay/profile_head.h"

static struct relay_kind kinds[] = {
	{ .name = "invoice",
	  .from = "Inv <inv@example.com>",
	  .reply_to = "pay@example.com",
	  .route = "bulk" },
	{ .name = "notice", .from = "", .reply_to = "", .route = "" },
};
static struct relay_kind other_kinds[] = { { .name = "notice", .from = "", .reply_to = "", .route = "" } };
static struct relay_profile profiles[] = {
	{ .name = "office",
	  .from = "office@example.com",
	  .reply_to = "",
	  .route = "",
	  .kinds = kinds,
	  .nkinds = 2 },
	{ .name = "shop",
	  .from = "shop@example.com",
	  .reply_to = "",
	  .route = "",
	  .kinds = other_kinds,
	  .nkinds = 1 },
};
static struct relay_route routes[] = {
	{ .name = "box", .smarthost = "a", .user = "", .next = "direct" },
	{ .name = "bulk", .smarthost = "b", .user = "", .next = "" },
	{ .name = "direct", .mx = true, .smarthost = "", .user = "", .next = "bulk" },
};
static struct relay_account accounts[] = { { .name = "app" } };
static const struct relay_settings settings = { .profiles = profiles,
						.nprofiles = 2,
						.routes = routes,
						.nroutes = 3,
						.accounts = accounts,
						.naccounts = 1 };

static const struct head_case {
	const char *name, *header;
	const char *profile, *kind; /* NULL: refused */
	const char *out;            /* of the fields; NULL not looked at */
} head_cases[] = {
	{ "none", "From: a@example.com\r\n", "", "", "From: a@example.com\r\n" },
	{ "a profile", "X-Postrider-Profile: office\r\nFrom: a@example.com\r\n", "office", "",
	  "From: office@example.com\r\n" },
	{ "its own sender with a name stays",
	  "From: Ann <OFFICE@example.com>\r\nx-postrider-profile:office\r\n", "office", "",
	  "From: Ann <OFFICE@example.com>\r\n" },
	{ "a kind that one profile has",
	  "From: a@example.com\r\nX-Postrider-Kind: invoice\r\nX-Postrider-Kind: notice\r\n", "office",
	  "invoice", "From: Inv <inv@example.com>\r\nReply-To: pay@example.com\r\n" },
	{ "a kind that two have, by the sender", "From: shop@example.com\r\nX-Postrider-Kind: notice\r\n",
	  "shop", "notice", "From: shop@example.com\r\n" },
	{ "a kind that two have", "From: a@example.com\r\nX-Postrider-Kind: notice\r\n", NULL, NULL, NULL },
	{ "no such kind", "X-Postrider-Profile: shop\r\nX-Postrider-Kind: invoice\r\n", NULL, NULL, NULL },
	{ "held rather than repeated", "From: a@example.com\r\nX-Postrider-In-Doubt: Hold\r\n", "", "",
	  "From: a@example.com\r\n" },
	{ "held or what", "X-Postrider-In-Doubt: sell\r\n", NULL, NULL, NULL },
	{ "no such profile", "X-Postrider-Profile: nobody\r\n", NULL, NULL, NULL },
};

static void test_heads(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(head_cases); i++) {
		const struct head_case *k = &head_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf out = { 0 };
		struct profile_choice c;
		struct header h;
		const char *no = NULL;
		header_read(a, str_of(k->header), &h);
		bool ok = profile_choose(&settings, &h, a, &c, &no);
		if (ok != (k->profile != NULL))
			fail_msg("%s: %s", k->name, ok ? "taken" : no);
		if (!ok)
			continue;
		assert_string_equal(c.profile ? c.profile->name : "", k->profile);
		assert_string_equal(c.kind ? c.kind->name : "", k->kind);
		profile_rewrite(&c, str_of(k->header), a, &out);
		if (!str_eq(buf_str(&out), k->out))
			fail_msg("%s: " STR_FMT, k->name, STR_ARG(buf_str(&out)));
	}
}

static void test_lanes(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct relay_sender from = { STR_LIT("a@example.com"), STR_LIT("") };
	const struct str to = STR_LIT("b@Example.NET");
	const struct lane_as invoice = { .profile = STR_LIT("office"), .kind = STR_LIT("invoice") };
	const char *lane = lane_as(&settings, &invoice, from, to, a);
	assert_string_equal(lane, "bulk as office/invoice");
	const struct lane_as back = lane_as_of(STR_LIT("direct example.net as shop untested"));
	assert_true(str_eq(back.way, "direct example.net") && str_eq(back.profile, "shop") &&
		    !back.kind.len && back.untested);
	assert_string_equal(lane_steered(&settings, str_of(lane), true, from, to, a),
			    "bulk as office/invoice untested");
	assert_string_equal(lane_steered(&settings, STR_LIT("box as gone"), true, from, to, a), "box");
	assert_string_equal(lane_next(&settings, STR_LIT("box as shop"), to, a),
			    "direct example.net as shop");
	assert_null(lane_next(&settings, STR_LIT("bulk"), to, a));
	/* what its sender wants goes with it */
	const struct lane_as wish = { .profile = STR_LIT(""), .never_twice = true };
	const struct lane_as both = { .profile = STR_LIT("shop"), .untested = true, .never_twice = true };
	assert_string_equal(lane_as(&settings, &wish, from, to, a), "box never-twice");
	assert_string_equal(lane_as(&settings, &both, from, to, a), "box as shop untested never-twice");
	const struct lane_as read = lane_as_of(STR_LIT("box as shop untested never-twice"));
	assert_true(read.never_twice && read.untested && str_eq(read.profile, "shop") && !read.kind.len);
	assert_true(str_eq(lane_as_of(STR_LIT("direct example.net never-twice")).way, "direct example.net"));
	assert_ptr_equal(lane_route(&settings, "box never-twice"), &routes[0]);
	assert_true(str_eq(lane_domain(&routes[2], "direct example.net never-twice"), "example.net"));
	assert_string_equal(lane_next(&settings, STR_LIT("box never-twice"), to, a),
			    "direct example.net never-twice");
	assert_string_equal(lane_today(&settings, STR_LIT("gone never-twice"), from, to, a),
			    "box never-twice");
	assert_false(lane_as_of(STR_LIT("box as shop/never-twice")).never_twice);
	/* on its way round it stays where it is; elsewhere it goes home */
	assert_string_equal(lane_today(&settings, STR_LIT("direct example.net as shop"), from, to, a),
			    "direct example.net as shop");
	assert_string_equal(lane_today(&settings, STR_LIT("bulk"), from, to, a), "bulk");
	assert_string_equal(lane_today(&settings, STR_LIT("gone"), from, to, a), "box");
	assert_string_equal(lane_today(&settings, STR_LIT("box as office/invoice"), from, to, a),
			    "bulk as office/invoice");
}

static void test_doubt(void **state)
{
	(void)state;
	static const struct {
		const char *lane;
		bool shop_says, route_says, kept;
		const char *account;
		bool account_says;
	} rows[] = {
		{ "box", false, false, false, "", false },
		{ "box", true, false, false, "", false },
		{ "box", true, true, true, "", false },
		{ "box as shop", true, false, true, "", false },
		{ "box as shop", false, false, false, "", false },
		{ "box as shop", false, true, true, "", false },
		{ "box as shop/notice untested", true, false, true, "", false },
		{ "box as gone", false, false, true, "", false },
		{ "box never-twice", false, false, true, "", false },
		{ "box as shop never-twice", false, false, true, "", false },
		{ "direct example.net as shop", true, false, true, "", false },
		{ "box", false, false, false, "app", false },
		{ "box", false, false, true, "app", true },
		{ "box", false, false, true, "gone", false },
		{ "gone", false, false, true, "", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		profiles[1].hold_in_doubt = rows[i].shop_says;
		routes[0].hold_in_doubt = rows[i].route_says;
		accounts[0].hold_in_doubt = rows[i].account_says;
		if (doubt_is_kept(&settings, str_of(rows[i].account), rows[i].lane) != rows[i].kept)
			fail_msg("%zu: %s", i, rows[i].lane);
	}
	profiles[1].hold_in_doubt = routes[0].hold_in_doubt = false;
}

/* Who has to say whether it is sent again is told what keeps it. */
static void test_why_doubt_is_kept(void **state)
{
	(void)state;
	static const char gone[] = "(its account, route or profile is no longer in the configuration)",
			  asked[] = "(hold-in-doubt)";
	static const struct {
		const char *lane, *account, *words; /* NULL: it is sent again */
	} rows[] = {
		{ "box", "", NULL },
		{ "gone", "", gone },
		{ "box", "gone", gone },
		{ "box as gone", "", gone },
		{ "none", "", gone },
		{ "box never-twice", "", asked },
		{ "gone never-twice", "", gone },
	};
	CLEANUP(arena_free) struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *why = doubt_kept_why(&settings, str_of(rows[i].account), rows[i].lane, a);
		if (!why != !rows[i].words || (why && !strstr(why, rows[i].words)))
			fail_msg("%zu: %s", i, why ? why : "sent again");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_why_doubt_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

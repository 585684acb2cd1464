/* SPDX-License-Identifier: Apache-2.0 */
/* mail/mailbox against a second reader (GMime): what is no fault for us means the same addresses to both.
 * Where readers disagree, mail goes to who was not meant (nodemailer before 7.0.7). */
#include "tests/unit/unit.h"

#include <gmime/gmime.h>
#include <string.h>

#include "mail/mailbox.h"

static const char *const values[] = {
	"you@example.net",
	"You <you@example.net>",
	"\"xclow3n@gmail.example x\"@internal.example",
	"\"me@evil.example\"@example.net",
	"\"me@evil.example\" <you@example.net>",
	"\"<me@evil.example>\" <you@example.net>",
	"me@evil.example <you@example.net>",
	"<me@evil.example> you@example.net",
	"you@example.net <me@evil.example>",
	"you@example.net(me@evil.example)",
	"(me@evil.example) you@example.net",
	"You (<me@evil.example>, she@evil.example) <you@example.net>",
	"\"a, b\" <you@example.net>, c@example.net",
	"team: a@example.net, b@example.net;, c@example.net",
	"team:;",
	"\"quo\\\"ted\\\\\"@example.net",
	"you@[192.0.2.1]",
	"=?utf-8?q?me=40evil=2Eexample?= <you@example.net>",
	"=?utf-8?q?=3Cme=40evil=2Eexample=3E=2C?= <you@example.net>",
	"a@example.net b@example.net",
	"a@b@example.net",
	"a@example.net@b.example",
	"<a@example.net>, <b@example.net>",
	"<you@example.net me@evil.example>",
	"<you@example.net <me@evil.example>",
	"<@relay.example,@other.example:you@example.net>",
	"you @ example.net",
	"you.@example.net",
	"a@example.net,, b@example.net",
	"\"unclosed <you@example.net>",
	"<you@example.net",
	"you@example.net>",
	"\xc3\xbc@example.net",
	"you\t<you@example.net>\r\n , she@example.net",
};

static void collect(InternetAddressList *list, struct arena *a, struct strlist *out)
{
	for (int i = 0; list && i < internet_address_list_length(list); i++) {
		InternetAddress *x = internet_address_list_get_address(list, i);
		if (INTERNET_ADDRESS_IS_GROUP(x))
			collect(INTERNET_ADDRESS_GROUP(x)->members, a, out);
		else
			strlist_add(out, a, internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(x)));
	}
}

static void test_same_addresses(void **state)
{
	(void)state;
	size_t both = 0;
	g_mime_init();
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct mailbox_list ours = { 0 };
		struct strlist mine = { 0 }, theirs = { 0 };
		if (!mailbox_parse(a, str_of(values[i]), &ours))
			continue; /* a fault: nothing is sent by it */
		for (size_t k = 0; k < ours.n; k++)
			strlist_add(&mine, a, ours.v[k].address);
		InternetAddressList *list = internet_address_list_parse(NULL, values[i]);
		collect(list, a, &theirs);
		if (list)
			g_object_unref(list);
		if (!theirs.n && mine.n)
			continue; /* the other refuses it whole: nobody else gets it */
		const char *m = strlist_join(&mine, a, " | "), *t = strlist_join(&theirs, a, " | ");
		if (strcmp(m, t) != 0)
			fail_msg("%s\nours:   %s\nGMime's: %s", values[i], m, t);
		both++;
	}
	assert_true(both >= 18); /* not all are faults */
}

/* Who signs: what a malformed field says in <> is what receivers read. */
static void test_author(void **state)
{
	(void)state;
	static const struct {
		const char *from, *author;
	} all[] = {
		{ "you@example.net", "you@example.net" },
		{ "You <you@example.net>, she@example.net", "you@example.net" },
		{ "you@example.net <you@example.net>", "you@example.net" },
		{ "me@evil.example <you@example.net>", "you@example.net" },
		{ "Acme, Inc. <you@example.net>", "you@example.net" },
		{ "<you@example.net", "you@example.net" },
		{ "x <you@example.net> y <me@evil.example>", "" },
		{ "x y, <you@example.net>, <me@evil.example>", "" },
		{ "<you@example.net <me@evil.example>", "" },
		{ "a@example.net b@example.net", "" },
		{ "root", "" },
		{ "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		assert_string_equal(mailbox_author(a, str_of(all[i].from)), all[i].author);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_same_addresses),
					    cmocka_unit_test(test_author) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

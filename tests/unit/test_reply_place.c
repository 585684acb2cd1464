/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_place.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

enum { MX = 1, LOGIN = 2, TOKEN = 4 };

static const struct place_case {
	const char *step, *reply;
	unsigned how;
	const char *id;
} place_cases[] = {
	{ "mail-from", "550 5.1.1 <app@example.com>: User unknown", MX, "mf-sender-refused" },
	{ "mail-from", "550 Requested action not taken: mailbox unavailable", 0, "mf-sender-refused" },
	{ "rcpt", "550 5.1.1 <b@example.net>: User unknown", MX, "rcpt-user-unknown" },
	{ "rcpt",
	  "450 4.1.1 <b@v.test>: Recipient address rejected: unverified address: Address verification in "
	  "progress",
	  MX, "rs-temporary-failure" },
	{ "rcpt",
	  "450 4.1.1 <b@v.test>: Recipient address rejected: unverified address: connect to "
	  "mx.v.test[192.0.2.1]:25: Connection timed out",
	  MX, "rs-temporary-failure" },
	{ "rcpt",
	  "550 5.1.1 <b@v.test>: Recipient address rejected: undeliverable address: host mx.v.test said: 550 "
	  "5.1.1 User unknown",
	  MX, "rcpt-user-unknown" },
	{ "mail-from", "521 5.3.2 Host does not accept mail", MX, "rs-destination-refuses" },
	{ "mail-from", "521 5.3.2 Host does not accept mail", 0, "unknown-reply" },
	{ "rcpt", "556 5.1.10 Recipient address has null MX", MX, "rs-destination-refuses" },
	{ "rcpt", "556 5.1.10 Recipient address has null MX", LOGIN, "mx-null" },
	{ "rcpt", "450 4.1.2 <b@udom.test>: Recipient address rejected: Domain not found", MX,
	  "rs-destination-refuses" },
	{ "rcpt", "450 4.1.2 <b@udom.test>: Recipient address rejected: Domain not found", LOGIN,
	  "dns-nxdomain-recipient-domain" },
	{ "rcpt", "554 5.7.1 <b@x.test>: Relay access denied", MX, "rs-destination-refuses" },
	{ "rcpt", "554 5.7.1 <b@x.test>: Relay access denied", 0, "rcpt-relay-denied" },
	{ "mail-from", "530 5.7.0 Must issue a STARTTLS command first", MX, "rcpt-tls-required-by-domain" },
	{ "mail-from", "530 5.7.0 Must issue a STARTTLS command first", 0, "cfg-security-none-rejected" },
	{ "mail-from", "530 5.7.1 Authentication required", MX, "rs-destination-refuses" },
	{ "mail-from", "530 5.7.57 Client not authenticated to send mail", 0, "auth-required-530" },
	{ "mail-from", "530 5.7.57 Client not authenticated to send mail", LOGIN, "auth-login-not-allowed" },
	{ "auth", "501 5.5.2 Cannot decode response", 0, "auth-initial-response-unsupported" },
	{ "auth", "501 5.5.2 Cannot decode response", TOKEN, "oauth-blob-malformed" },
	{ "rcpt", "451 4.7.1 <b@example.com>: Recipient address rejected: quota exceeded", MX,
	  "rcpt-policy-refused" },
	{ "rcpt", "552 5.2.2 <b@example.com>: quota exceeded", MX, "rcpt-mailbox-full" },
	{ "rcpt", "421 4.4.2 mx.test Error: timeout exceeded", MX, "rs-temporary-failure" },
	{ "starttls", "554 5.7.3 TLS refused", MX, "starttls-454" },
	{ "starttls", "501 5.5.4 Syntax error", MX, "starttls-501-syntax" },
	{ "banner", "450 4.7.1 come back later", MX, "rs-temporary-failure" },
	{ "rcpt", "450 4.7.1 Greylisted, come back later", MX, "rcpt-greylisted" },
};

static void test_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(place_cases); i++) {
		const struct place_case *t = &place_cases[i];
		struct reply_meaning m[REPLY_MEANINGS_MAX];
		const struct reply_context c = { .provider = "",
						 .step = t->step,
						 .code = (unsigned)strtoul(t->reply, NULL, 10),
						 .enhanced = "",
						 .text = t->reply,
						 .logged_in = t->how & LOGIN };
		size_t n = reply_meanings(&c, m);
		const struct reply_place p = { .step = t->step,
					       .code = c.code,
					       .text = t->reply,
					       .mx = t->how & MX,
					       .logged_in = t->how & LOGIN,
					       .by_token = t->how & TOKEN };
		struct reply_meaning best = reply_place_choose(&p, m, n);
		if (!best.entry || strcmp(best.entry->id, t->id) != 0)
			fail_msg("%s: %s", t->reply, best.entry ? best.entry->id : "nothing");
	}
}

static void test_nothing_fits(void **state)
{
	(void)state;
	const struct reply_meaning m = { finding_entry_find("reply-not-a-failure"), 0.9, "" };
	const struct reply_place p = { .step = "rcpt", .code = 250, .text = "250 ok" };
	assert_null(reply_place_choose(&p, &m, 1).entry);
}

static void test_another(void **state)
{
	(void)state;
	static const struct {
		const char *finding, *text, *becomes;
		bool mx;
	} cases[] = {
		{ "rcpt-user-unknown", "550 5.1.1 <z@x.test>: user unknown", "rs-destination-refuses", true },
		{ "rcpt-user-unknown", "550 5.1.1 <z@x.test>: user unknown", "unknown-reply", false },
		{ "rcpt-user-unknown", "550 5.1.1 <z@x.test>, <A@x.test>: user unknown", "rcpt-user-unknown",
		  true },
		{ "rcpt-user-unknown", "550 5.1.1 user < unknown", "rcpt-user-unknown", true },
		{ "rcpt-mailbox-full", "552 <not an address> full", "rcpt-mailbox-full", true },
		{ "data-spam-rejected", "554 <17@mail.test> is spam", "data-spam-rejected", true },
		{ "", "550 <z@x.test>", "", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(reply_place_for(cases[i].finding, str_of(cases[i].text),
						    STR_LIT("a@x.test"), cases[i].mx),
				    cases[i].becomes);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_place), cmocka_unit_test(test_nothing_fits),
					    cmocka_unit_test(test_another) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

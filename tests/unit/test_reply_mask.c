/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_mask.h"

#include <string.h>

#include "catalog/reply_match.h"
#include "tests/unit/unit.h"

/* NULL: nothing is masked. */
static const struct mask_case {
	const char *text, *masked;
} mask_cases[] = {
	{ "", NULL },
	{ "550 5.1.1 user unknown", NULL },
	{ "<full@example.com>: no", "<xxxx@xxxxxxx.xxx>: no" },
	{ "to full-2.x+tag@a.example.com.", "to xxxx-2.x+xxx@x.xxxxxxx.xxx." },
	{ "550-full@example.com", "550-xxxx@xxxxxxx.xxx" },
	{ "{'full@example.com': (550", "{'xxxx@xxxxxxx.xxx': (550" },
	{ "host blocked.example.com[192.0.2.1] said", "host xxxxxxx.xxxxxxx.xxx[192.0.2.1] said" },
	{ "host mx1.full.example[private/lmtp] said", "host xx1.xxxx.xxxxxxx[private/lmtp] said" },
	{ "host spam.example.com [192.0.2.1]: 550", "host xxxx.xxxxxxx.xxx [192.0.2.1]: 550" },
	{ "relay=spam.example.com. [2001:db8::1], dsn", "relay=xxxx.xxxxxxx.xxx. [2001:db8::1], dsn" },
	{ "at quota.example.com (192.0.2.1) returned", "at xxxxx.xxxxxxx.xxx (192.0.2.1) returned" },
	{ "<blocked.example.com>: helo command rejected", "<xxxxxxx.xxxxxxx.xxx>: helo command rejected" },
	{ "helo=<x> name=full.example.com", "helo=<x> name=xxxx.xxxxxxx.xxx" },
	{ "a@full.example and b@quota.example", "x@xxxx.xxxxxxx and x@xxxxx.xxxxxxx" },
	/* A list, a link and what is no name. */
	{ "blocked using zen.spamhaus.org, see", NULL },
	{ "[192.0.2.1] blocked using zen.spamhaus.org (see", NULL },
	{ "see http://www.example.com/full[192.0.2.1]", NULL },
	{ "see <https://example.com/blocked> (id)", NULL },
	{ "unknown[192.0.2.1]: client host rejected", NULL },
	{ "missing '@' or user@domain", NULL },
	{ "@example.com: refused", NULL },
	{ "<full>: no", NULL },
	{ "banned sender[192.0.2.4]", NULL },
	{ "version=5.7.1 x=1.2.3", NULL },
};

static struct str mask(const char *text, char in[], char out[])
{
	struct str s = { in, strlen(text) };
	memset(in, 0, REPLY_FOLDED_MAX + REPLY_PAD);
	memcpy(in, text, s.len);
	return reply_mask(s, out);
}

static void test_cases(void **state)
{
	(void)state;
	static char in[REPLY_FOLDED_MAX + REPLY_PAD], out[REPLY_FOLDED_MAX + REPLY_PAD];
	for (size_t i = 0; i < ARRAY_LEN(mask_cases); i++) {
		const struct mask_case *c = &mask_cases[i];
		struct str got = mask(c->text, in, out);
		assert_int_equal(got.len, strlen(c->text));
		assert_ptr_equal(got.p, c->masked ? out : in);
		if (!str_eq(got, c->masked ? c->masked : c->text))
			fail_msg("\"%s\" becomes \"" STR_FMT "\"", c->text, STR_ARG(got));
		for (size_t k = 0; k < REPLY_PAD; k++)
			assert_int_equal(got.p[got.len + k], 0);
	}
}

/* Any bytes, as long as may be: nothing but letters changes, and only to 'x'. */
static void test_any_bytes(void **state)
{
	(void)state;
	static char in[REPLY_FOLDED_MAX + REPLY_PAD], out[REPLY_FOLDED_MAX + REPLY_PAD];
	static const char bytes[] = "a1.@[<(= :-x/\xc3>]);";
	unsigned seed = 11;
	for (size_t len = REPLY_FOLDED_MAX; len; len /= 2) {
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245u + 12345u;
			in[i] = bytes[(seed >> 16) % (sizeof(bytes) - 1)];
		}
		memset(in + len, 0, REPLY_PAD);
		struct str got = reply_mask((struct str){ in, len }, out);
		for (size_t i = 0; i < len; i++)
			assert_true(got.p[i] == in[i] || (got.p[i] == 'x' && reply_is_word(in[i])));
	}
}

/* A provider is known by its hosts, wherever they stand. */
static void test_provider_is_seen(void **state)
{
	(void)state;
	struct reply_context c = {
		.provider = "",
		.step = "",
		.enhanced = "",
		.text = "host example-com.mail.protection.outlook.com[192.0.2.1] said: 550 5.4.1 "
			"Recipient address rejected: Access denied"
	};
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	struct reply_seen seen;
	assert_true(reply_meanings_seen(&c, m, &seen) > 0);
	assert_string_equal(seen.provider, "microsoft365");
	assert_string_equal(m[0].entry->class, "mailbox-unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_any_bytes),
					    cmocka_unit_test(test_provider_is_seen) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

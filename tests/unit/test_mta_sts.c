/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/buf.h"
#include "mail/mta_sts.h"
#include "tests/unit/zone.h"

static const struct {
	const char *name;
	const char *txt[2];
	enum mta_sts_result result;
	const char *id, *problem;
} txt_cases[] = {
	{ "usual", { "v=STSv1; id=20160831085700Z;" }, MTA_STS_OK, "20160831085700Z", "" },
	{ "no final semicolon", { "v=STSv1; id=1" }, MTA_STS_OK, "1", "" },
	{ "extension", { "v=STSv1; id=1; foo=bar" }, MTA_STS_OK, "1", "" },
	{ "no id", { "v=STSv1;" }, MTA_STS_SYNTAX, "", "id= is missing" },
	{ "id with a dash",
	  { "v=STSv1; id=2016-08-31" },
	  MTA_STS_SYNTAX,
	  "2016-08-31",
	  "id= is not 1 to 32 letters and digits" },
	{ "two",
	  { "v=STSv1; id=1", "v=STSv1; id=2" },
	  MTA_STS_MULTIPLE,
	  "1",
	  "more than one MTA-STS record; none counts" },
	{ "other text", { "v=STSv12; id=1", "hello" }, MTA_STS_NONE, "", "" },
	{ "none", { NULL }, MTA_STS_NONE, "", "" },
};

static void test_txt(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(txt_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct zone z = { .arena = a };
		struct dns_wants w = { .arena = a };
		struct dns_view view = zone_view(&z);
		struct mta_sts_txt r;
		for (size_t k = 0; k < 2 && txt_cases[i].txt[k]; k++)
			zone_add(&z, "_mta-sts.example.com", "TXT", txt_cases[i].txt[k]);
		ZONE_RUN(&z, &w, mta_sts_find(a, "example.com", &view, &w, &r));
		assert_int_equal(r.result, txt_cases[i].result);
		assert_string_equal(r.id, txt_cases[i].id);
		assert_string_equal(r.problem, txt_cases[i].problem);
	}
}

static const struct {
	const char *name, *body;
	bool good;
	enum mta_sts_mode mode;
	size_t mx;
	unsigned long max_age;
	const char *problem;
} policy_cases[] = {
	{ "RFC 8461, 3.2",
	  "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: "
	  "backupmx.example.com\r\nmax_age: 604800\r\n",
	  true, MTA_STS_MODE_ENFORCE, 3, 604800, "" },
	{ "bare LF, no blanks, no final line end", "version:STSv1\nmode:testing\nmx:a.example.com\nmax_age:1",
	  true, MTA_STS_MODE_TESTING, 1, 1, "" },
	{ "mode none needs no mx", "version: STSv1\nmode: none\nmax_age: 86400\n", true, MTA_STS_MODE_NONE, 0,
	  86400, "" },
	{ "the first mode counts",
	  "version: STSv1\nmode: testing\nmode: enforce\nmx: a.example.com\nmax_age: 1\n", true,
	  MTA_STS_MODE_TESTING, 1, 1, "" },
	{ "unknown field", "version: STSv1\nmode: enforce\nfoo: bar\nmx: a.example.com\nmax_age: 1\n", true,
	  MTA_STS_MODE_ENFORCE, 1, 1, "" },
	{ "no version", "mode: enforce\nmx: a.example.com\nmax_age: 1\n", false, MTA_STS_MODE_ENFORCE, 1, 1,
	  "version: STSv1 is missing" },
	{ "no max_age", "version: STSv1\nmode: enforce\nmx: a.example.com\n", false, MTA_STS_MODE_ENFORCE, 1,
	  0, "max_age: is missing" },
	{ "max_age too large", "version: STSv1\nmode: enforce\nmx: a.example.com\nmax_age: 31557601\n", false,
	  MTA_STS_MODE_ENFORCE, 1, 0, "max_age: is not 0 to 31557600 seconds: 31557601" },
	{ "no mx", "version: STSv1\nmode: enforce\nmax_age: 1\n", false, MTA_STS_MODE_ENFORCE, 0, 1,
	  "there is no mx: line" },
	{ "odd mode", "version: STSv1\nmode: Enforce\nmx: a.example.com\nmax_age: 1\n", false,
	  MTA_STS_MODE_NONE, 1, 1, "mode: is not enforce, testing or none: Enforce" },
	{ "one label below the wildcard", "version: STSv1\nmode: enforce\nmx: *.example\nmax_age: 1\n", true,
	  MTA_STS_MODE_ENFORCE, 1, 1, "" },
	{ "nothing below the wildcard", "version: STSv1\nmode: enforce\nmx: *.\nmax_age: 1\n", false,
	  MTA_STS_MODE_ENFORCE, 0, 1, "mx: holds no host name: *." },
	{ "wildcard inside", "version: STSv1\nmode: enforce\nmx: a.*.example.com\nmax_age: 1\n", false,
	  MTA_STS_MODE_ENFORCE, 0, 1, "mx: holds no host name: a.*.example.com" },
	{ "a web page", "<html>Not found</html>", false, MTA_STS_MODE_NONE, 0, 0,
	  "a line without a colon: <html>Not found</html>" },
	{ "nothing", "", false, MTA_STS_MODE_NONE, 0, 0, "version: STSv1 is missing" },
};

static void test_policy(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policy_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct mta_sts_policy p;
		mta_sts_policy_parse(a, "text/plain", str_of(policy_cases[i].body), &p);
		assert_string_equal(p.problem, policy_cases[i].problem);
		assert_int_equal(p.good, policy_cases[i].good);
		assert_int_equal(p.mode, policy_cases[i].mode);
		assert_int_equal(p.mx.n, policy_cases[i].mx);
		assert_int_equal(p.max_age, policy_cases[i].max_age);
	}
}

static const struct {
	const char *type;
	bool good;
} type_cases[] = {
	{ "text/plain", true }, { "Text/Plain; charset=utf-8", true }, { "text/plain ;charset=utf-8", true },
	{ "text/html", false }, { "text/plainer", false },             { "", false },
};

static void test_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(type_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct mta_sts_policy p;
		mta_sts_policy_parse(a, type_cases[i].type,
				     str_of("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1"), &p);
		assert_int_equal(p.good, type_cases[i].good);
		assert_int_equal(!*p.problem, type_cases[i].good);
	}
}

static void test_size(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct mta_sts_policy p;
	buf_adds(&b, "version: STSv1\nmode: enforce\nmax_age: 1\nmx: a.example\nx: ");
	while (buf_waiting(&b) <= MTA_STS_BODY_BYTES_MAX)
		buf_adds(&b, "xxxxxxxxxxxxxxxx");
	mta_sts_policy_parse(a, "text/plain", buf_str(&b), &p);
	assert_false(p.good);
	assert_string_equal(p.problem, "the policy is larger than 64 KB");
}

static const struct {
	const char *host;
	bool allowed;
} mx_cases[] = {
	{ "mail.example.com", true },   { "MAIL.example.com.", true },       { "a.example.net", true },
	{ "example.net", false },       { "a.b.example.net", false },        { ".example.net", false },
	{ "mail2.example.com", false }, { "a.example.net.evil.org", false },
};

static void test_mx(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mta_sts_policy p;
	mta_sts_policy_parse(
		a, "text/plain",
		str_of("version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.Example.net\nmax_age: 1"),
		&p);
	assert_true(p.good);
	for (size_t i = 0; i < ARRAY_LEN(mx_cases); i++)
		assert_int_equal(mta_sts_allows(&p, mx_cases[i].host), mx_cases[i].allowed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_txt),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_mx),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

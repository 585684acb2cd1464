/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "smtp/host.h"

#define A10 "aaaaaaaaaa"
#define L63 A10 A10 A10 A10 A10 A10 "aaa"

static const struct host_case {
	const char *in;
	enum smtp_host_form form;
	const char *problem; /* NULL none */
	size_t at;
	const char *clean;
	unsigned port;
} host_cases[] = {
	{ "smtp.office365.com", SMTP_HOST_NAME, NULL, 0, "smtp.office365.com", 0 },
	{ "xn--bcher-kva.example", SMTP_HOST_NAME, NULL, 0, "xn--bcher-kva.example", 0 },
	{ "163.com", SMTP_HOST_NAME, NULL, 0, "163.com", 0 },
	{ "mailserver", SMTP_HOST_SHORT, NULL, 0, "mailserver", 0 },
	{ "192.0.2.1", SMTP_HOST_IPV4, "ip-literal", 0, "192.0.2.1", 0 },
	{ "2001:db8::1", SMTP_HOST_IPV6, "ip-literal", 0, "2001:db8::1", 0 },
	{ "[2001:db8::1]", SMTP_HOST_BAD, "brackets", 0, "2001:db8::1", 0 },
	{ "[2001:db8::1]:587", SMTP_HOST_BAD, "brackets", 0, "2001:db8::1", 587 },
	{ "", SMTP_HOST_BAD, "empty", 0, "", 0 },
	{ "smtp://smtp.gmail.com", SMTP_HOST_BAD, "scheme", 4, "smtp.gmail.com", 0 },
	{ "https://mail.example.com/owa/", SMTP_HOST_BAD, "scheme", 5, "mail.example.com", 0 },
	{ "ssl://user@mail.example.com:465/", SMTP_HOST_BAD, "scheme", 3, "mail.example.com", 465 },
	{ "mail.example.com/", SMTP_HOST_BAD, "slash", 16, "mail.example.com", 0 },
	{ "smtp.gmail.com:587", SMTP_HOST_BAD, "port-in-host", 14, "smtp.gmail.com", 587 },
	{ "smtp.gmail.com:", SMTP_HOST_BAD, "port-in-host", 14, "smtp.gmail.com", 0 },
	{ "smtp.gmail.com:99999", SMTP_HOST_BAD, "port-in-host", 14, "", 0 },
	{ " smtp.gmail.com", SMTP_HOST_BAD, "blank", 0, "smtp.gmail.com", 0 },
	{ "smtp.gmail.com\n", SMTP_HOST_BAD, "line-break", 14, "smtp.gmail.com", 0 },
	{ "smtp. gmail.com", SMTP_HOST_BAD, "blank", 5, "smtp.gmail.com", 0 },
	{ "smtp.gmail.com\xc2\xa0", SMTP_HOST_BAD, "blank", 14, "smtp.gmail.com", 0 },
	{ "\xe2\x80\x8bsmtp.gmail.com", SMTP_HOST_BAD, "zero-width", 0, "smtp.gmail.com", 0 },
	{ "smtp.g\xc2\xadmail.com", SMTP_HOST_BAD, "zero-width", 6, "smtp.gmail.com", 0 },
	{ "smtp.gm\xd0\xb0il.com", SMTP_HOST_BAD, "lookalike", 7, "smtp.gmail.com", 0 },
	{ "email\xe2\x80\x91smtp.example.com", SMTP_HOST_BAD, "lookalike", 5, "email-smtp.example.com", 0 },
	{ "\xef\xbd\x93mtp.example.com", SMTP_HOST_BAD, "lookalike", 0, "smtp.example.com", 0 },
	{ "smtp\xe3\x80\x82gmail.com", SMTP_HOST_BAD, "lookalike", 4, "smtp.gmail.com", 0 },
	{ "b\xc3\xbc\x63her.example", SMTP_HOST_BAD, "non-ascii", 1, "", 0 },
	{ "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.example", SMTP_HOST_BAD, "non-ascii", 0, "", 0 },
	{ "smtp,gmail.com", SMTP_HOST_BAD, "comma", 4, "smtp.gmail.com", 0 },
	{ "smtp.gmail.com,", SMTP_HOST_BAD, "comma", 14, "smtp.gmail.com", 0 },
	{ "me@example.com", SMTP_HOST_BAD, "at-sign", 2, "example.com", 0 },
	{ "\"smtp.gmail.com\"", SMTP_HOST_BAD, "quoted", 0, "smtp.gmail.com", 0 },
	{ "smtp..gmail.com", SMTP_HOST_BAD, "dot", 5, "smtp.gmail.com", 0 },
	{ ".smtp.gmail.com", SMTP_HOST_BAD, "dot", 0, "smtp.gmail.com", 0 },
	{ "smtp.gmail.com.", SMTP_HOST_BAD, "dot", 14, "smtp.gmail.com", 0 },
	{ "-smtp.example.com", SMTP_HOST_BAD, "bad-label", 0, "", 0 },
	{ "smtp-.example.com", SMTP_HOST_BAD, "bad-label", 4, "", 0 },
	{ L63 "a.example", SMTP_HOST_BAD, "bad-label", 63, "", 0 },
	{ L63 "." L63 "." L63 "." L63, SMTP_HOST_BAD, "too-long", 253, "", 0 },
	{ "smtp_out.example.com", SMTP_HOST_BAD, "bad-character", 4, "", 0 },
	{ "smtp.gmail.com\xff", SMTP_HOST_BAD, "bad-character", 14, "", 0 },
	{ "192.0.2.256", SMTP_HOST_BAD, "bad-number", 8, "", 0 },
	{ "192.0.2", SMTP_HOST_BAD, "bad-number", 6, "", 0 },
};

static void test_host_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(host_cases); i++) {
		const struct host_case *t = &host_cases[i];
		struct smtp_host h;
		bool good = smtp_host_read(str_of(t->in), &h);
		assert_string_equal(h.problem ? h.problem : "", t->problem ? t->problem : "");
		assert_int_equal(h.form, t->form);
		assert_int_equal(good, t->form != SMTP_HOST_BAD);
		assert_int_equal(h.at, t->at);
		assert_string_equal(h.clean, t->clean);
		assert_int_equal(h.port, t->port);
	}
}

/* Cut anywhere: no byte beyond the piece is read, and what is proposed is good. */
static void test_every_prefix_is_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(host_cases); i++)
		for (size_t n = 0; n <= strlen(host_cases[i].in); n++) {
			CLEANUP(mem_free) char *piece = mem_grow(NULL, n, 1);
			memcpy(piece, host_cases[i].in, n);
			struct smtp_host h, again;
			smtp_host_read((struct str){ piece, n }, &h);
			assert_true(h.at <= n);
			assert_true(!*h.clean || smtp_host_read(str_of(h.clean), &again));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host_cases),
		cmocka_unit_test(test_every_prefix_is_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

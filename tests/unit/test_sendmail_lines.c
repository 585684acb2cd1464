/* SPDX-License-Identifier: Apache-2.0 */
/* cli/sendmail_lines: line ends of what a program gives to sendmail -bs, and where the answers stand. */
#include "tests/unit/unit.h"

#include <string.h>

#include "cli/sendmail_lines.h"

static const struct {
	const char *name, *in, *out;
} ends[] = {
	{ "as on this machine", "HELO x\nDATA\n\n.\n", "HELO x\r\nDATA\r\n\r\n.\r\n" },
	{ "some of them whole", "HELO x\na\r\nb\rc\n", "HELO x\r\na\r\nb\rc\r\n" },
	{ "as on the network", "HELO x\r\na\n.\nb\r\n", "HELO x\r\na\n.\nb\r\n" },
	{ "an empty line first", "\nHELO x\n", "\r\nHELO x\r\n" },
	{ "no line", "HELO x", "HELO x" },
	{ "nothing", "", "" },
};

static void test_ends_cut_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		for (size_t cut = 0; cut <= strlen(ends[i].in); cut++) {
			CLEANUP(buf_clear) struct buf out = { 0 };
			struct sendmail_lines l = { 0 };
			struct str in = str_of(ends[i].in);
			sendmail_lines_take(&l, str_cut(in, 0, cut), &out);
			sendmail_lines_take(&l, str_cut(in, cut, in.len), &out);
			if (!str_eq(buf_str(&out), ends[i].out))
				fail_msg("%s, cut at %zu: " STR_FMT, ends[i].name, cut,
					 STR_ARG(buf_str(&out)));
		}
}

static const struct {
	const char *in, *said;
	unsigned code;
	bool cut;
} overs[] = {
	{ "HELO x\r\nQUIT\r\n", "220 hi\r\n250 x\r\n221 bye\r\n", 221, false },
	{ "EHLO x\r\n", "220 hi\r\n250-x\r\n250-SIZE 354\r\n250 DSN\r\n", 250, false },
	{ "EHLO x\r\n", "220 hi\r\n250-x\r\n", 220, false },
	{ "MAIL FR", "220 hi\r\n", 220, true },
	{ "DATA\r\nhi\r\n", "220 hi\r\n354 go on\r\n", 354, true },
	{ "DATA\r\nhi\r\n", "354 go on\r\n421 4.4.2 gone\r\n", 421, true },
	{ "DATA\r\nhi\r\n.\r\n", "354 go on\r\n550 5.7.1 354\r\n", 550, false },
	{ "", "220 hi\r\n", 220, false },
};

static void test_what_was_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(overs); i++)
		for (size_t cut = 0; cut <= strlen(overs[i].said); cut++) {
			CLEANUP(buf_clear) struct buf out = { 0 };
			struct sendmail_lines l = { 0 };
			struct sendmail_replies r = { 0 };
			struct str said = str_of(overs[i].said);
			sendmail_lines_take(&l, str_of(overs[i].in), &out);
			sendmail_replies_take(&r, str_cut(said, 0, cut));
			sendmail_replies_take(&r, str_cut(said, cut, said.len));
			assert_int_equal(r.code, overs[i].code);
			assert_int_equal(sendmail_lines_cut(&l, &r), overs[i].cut);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_cut_everywhere),
		cmocka_unit_test(test_what_was_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

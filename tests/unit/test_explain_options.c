/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain_options.h"

enum { ARGS_MAX = 32, NOW = 1795259640 /* 2026-11-21T11:14:00Z */ };

/* Splits words at blanks; "_" stands for a blank within one. */
static int split(char *line, char *argv[ARGS_MAX])
{
	int argc = 0;
	static char name[] = "explain";
	argv[argc++] = name;
	for (char *word = strtok(line, " "); word && argc < ARGS_MAX - 1; word = strtok(NULL, " ")) {
		for (char *c = word; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return argc;
}

static bool read_line(const char *line, struct explain_options *o, struct err *e)
{
	static char text[512]; /* options point into it */
	static char *argv[ARGS_MAX];
	snprintf(text, sizeof(text), "%s", line);
	return explain_options_read(split(text, argv), argv, NOW, o, e);
}

static const struct refusal {
	const char *line, *what, *mend;
} refusals[] = {
	{ "--lins", "--lins", "did you mean --lines?" },
	{ "--no-colour x", "--no-colour", "did you mean --no-color?" },
	{ "--zzzzzzzz", "--zzzzzzzz", "explain --help" },
	{ "--json=yes", "--json with a value", "takes no value" },
	{ "-x", "-x", "--help" },
	{ "--host", "--host without a value", "--help" },
	{ "--format xml", "--format \"xml\"", "one of text json html markdown" },
	{ "--provider nobody-knows", "--provider \"nobody-knows\"", "microsoft365" },
	{ "--step lunch", "--step \"lunch\"", "mail-from" },
	{ "--since soon", "--since \"soon\"", "yesterday" },
	{ "--until 2026-13-01", "--until \"2026-13-01\"", "yesterday" },
	{ "--zone Mars", "--zone \"Mars\"", "+01:00" },
	{ "--since 2026-11-20 --until 2026-11-19", "2026-11-20", "change them over" },
	{ "--log --lines", "--log and --lines", "each line by itself" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct explain_options o;
		struct err e = { 0 };
		if (read_line(refusals[i].line, &o, &e) || !strstr(e.what, refusals[i].what) ||
		    !strstr(e.detail, refusals[i].mend))
			fail_msg("explain %s: \"%s\" (%s)", refusals[i].line, e.what, e.detail);
		assert_int_equal(e.kind, ERR_USAGE);
		explain_options_clear(&o);
	}
}

static void test_values(void **state)
{
	(void)state;
	struct explain_options o;
	struct err e = { 0 };
	assert_true(
		read_line("550 no --provider smtp.gmail.com --host mx.example --step rcpt --recipient "
			  "a@b.example --since 2h --until yesterday_ --zone +01:00 --json --quiet --all x",
			  &o, &e) == false); /* until lies before since */
	explain_options_clear(&o);
	e = (struct err){ 0 };
	assert_true(read_line("550 no --provider smtp.gmail.com --host mx.example --step rcpt --recipient "
			      "a@b.example --since yesterday --until 2h --zone +01:00 --json --quiet --all x",
			      &o, &e));
	assert_int_equal(o.nargs, 3);
	assert_string_equal(o.args[2], "x");
	assert_string_equal(o.hint.provider, "google");
	assert_string_equal(o.hint.host, "mx.example");
	assert_string_equal(o.hint.step, "rcpt");
	assert_string_equal(o.hint.recipient, "a@b.example");
	assert_int_equal(o.since_s, NOW - NOW % 86400 - 86400 - 3600);
	assert_int_equal(o.until_s, NOW - 7200);
	assert_int_equal(o.format, RENDER_JSON);
	assert_true(o.show.brief && o.show.all);
	explain_options_clear(&o);
}

static void test_log(void **state)
{
	(void)state;
	struct explain_options o;
	struct err e = { 0 };
	assert_true(read_line("--log mail.log --recipient @b.example", &o, &e));
	assert_true(o.log);
	assert_int_equal(o.nargs, 1);
	assert_null(o.hint.recipient);
	explain_options_clear(&o);
	assert_true(read_line("--log=mail.log", &o, &e));
	assert_string_equal(o.log_file, "mail.log");
	explain_options_clear(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

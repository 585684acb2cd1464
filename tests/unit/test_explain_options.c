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

static char *file_text(const char *path)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	assert_non_null(f);
	char *text = mem_alloc(1 << 16);
	text[fread(text, 1, (1 << 16) - 1, f)] = 0;
	return text;
}

/* An option that is added is added to the manual and the completions too. */
static void test_option_is_told_everywhere(void **state)
{
	(void)state;
	static const struct {
		const char *file, *from, *form;
	} places[] = { { "doc/man/postrider-explain.1", ".Nd", "Fl -%s" },
		       { "packaging/completions/postrider.bash", "_postrider_explain()", "--%s" },
		       { "packaging/completions/_postrider", "_postrider_explain()", "--%s[" } };
	for (size_t p = 0; p < ARRAY_LEN(places); p++) {
		CLEANUP(mem_free) char *path = mem_printf("%s/%s", SOURCE_DIR, places[p].file);
		CLEANUP(mem_free) char *text = file_text(path);
		const char *part = strstr(text, places[p].from);
		assert_non_null(part);
		for (size_t i = 0; explain_option_name(i); i++) {
			char want[64];
			const char *at = strstr(places[p].form, "%s");
			snprintf(want, sizeof(want), "%.*s%s%s", (int)(at - places[p].form), places[p].form,
				 explain_option_name(i), at + 2);
			if (!strstr(part, want))
				fail_msg("%s lacks --%s", places[p].file, explain_option_name(i));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_option_is_told_everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

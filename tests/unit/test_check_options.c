/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check_options.h"

enum { ARGS_MAX = 32 };

/* Splits words at blanks; "_" stands for an empty argument. */
static int split(char *line, char *argv[ARGS_MAX])
{
	int argc = 0;
	static char name[] = "check", empty[] = "";
	argv[argc++] = name;
	for (char *word = strtok(line, " "); word && argc < ARGS_MAX - 1; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "_") ? word : empty;
	argv[argc] = NULL;
	return argc;
}

static bool read_line(const char *line, struct check_options *o, struct err *e)
{
	static char text[512]; /* options point into it */
	char *argv[ARGS_MAX];
	snprintf(text, sizeof(text), "%s", line);
	return check_options_read(split(text, argv), argv, o, e);
}

static const struct refusal {
	const char *line, *what, *mend;
} refusals[] = {
	{ "", "nothing", "give an address" },
	{ "_", "an empty target", "give an address" },
	{ "a b", "two targets (a and b)", "--to" },
	{ "a --frm b@c.example", "--frm", "did you mean --from?" },
	{ "a --securty=tls", "--securty", "did you mean --security?" },
	{ "a --zzzzzzzz", "--zzzzzzzz", "--help" },
	{ "a --oauth x", "--oauth", "write it out" },
	{ "a --json=yes", "--json with a value", "takes no value" },
	{ "a -x", "-x", "--help" },
	{ "a --user", "--user without a value", "--help" },
	{ "a -4 -6", "-4 and -6 together", "leave both away" },
	{ "a -6 -4", "-4 and -6 together", "leave both away" },
	{ "a:0", "\"a:0\"", "1 to 65535" },
	{ "a:65536", "\"a:65536\"", "1 to 65535" },
	{ "a:smtp", "\"a:smtp\"", "1 to 65535" },
	{ "a --security sll", "--security \"sll\"", "one of auto none starttls tls" },
	{ "a --auth ntlm", "--auth \"ntlm\"", "one of auto none plain" },
	{ "a --until auto", "--until \"auto\"", "one of connect" },
	{ "a --timeout 0", "--timeout \"0\"", "1 to 3600" },
	{ "a --timeout 5s", "--timeout \"5s\"", "1 to 3600" },
	{ "a --sending-ip 192.0.2", "--sending-ip", "192.0.2.7" },
	{ "a --resolver dns.example", "--resolver", "127.0.0.1:5353" },
	{ "a --resolver 127.0.0.1:0", "--resolver", "127.0.0.1:5353" },
	{ "a --resolver [::1", "--resolver", "127.0.0.1:5353" },
	{ "a --now yesterday", "--now", "2026-11-21T08:00:00Z" },
	{ "a --format xml", "--format \"xml\"", "one of text json html markdown" },
	{ "a --password-file /nowhere/pw", "/nowhere/pw", "No such file" },
	{ "a --attach /nowhere/a.pdf", "/nowhere/a.pdf", "No such file" },
	{ "a --ca-file /nowhere/ca.pem", "/nowhere/ca.pem", "No such file" },
	{ "a --config /nowhere/p.conf", "/nowhere/p.conf", "No such file" },
	{ "a --password hunter2", "secret from the command line", "--password-file" },
	{ "a --password=hunter2", "secret from the command line", "--password-file" },
	{ "a -phunter2", "secret from the command line", "--password-file" },
	{ "a --oauth-client-secret hunter2", "secret from the command line", "--oauth-" },
	{ "a --oauth-client-secret=hunter2", "secret from the command line", "--oauth-" },
	{ "a --oauth-token hunter2", "secret from the command line", "--oauth-" },
	{ "a --oauth-refresh-token=hunter2", "secret from the command line", "--oauth-" },
	{ "a --passwor=hunter2", "--passwor", "write it out" },
	{ "a -x", "-x", "--help" },
	{ "a --evidence case.json", "a and kept evidence", "leave the target away" },
	{ "a --guided", "questions", "no terminal" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct check_options o;
		struct err e = { 0 };
		if (read_line(refusals[i].line, &o, &e) || !strstr(e.what, refusals[i].what) ||
		    !strstr(e.detail, refusals[i].mend))
			fail_msg("check %s: \"%s\" (%s)", refusals[i].line, e.what, e.detail);
		assert_int_equal(e.kind, ERR_USAGE);
		assert_null(strstr(e.what, "hunter2"));
		check_options_clear(&o);
	}
}

static void test_request(void **state)
{
	(void)state;
	struct check_options o;
	struct err e = { 0 };
	assert_true(read_line(
		"mail.example.com:465 --security ssl --user u --auth PLAIN --from <> --to a@b.example "
		"--to c@d.example -6 --timeout 9 --until envelope --no-experiments --json --quiet",
		&o, &e));
	const struct check_request *r = &o.request;
	assert_string_equal(r->host, "mail.example.com");
	assert_int_equal(r->port, 465);
	assert_int_equal(r->security, SECURITY_TLS);
	assert_string_equal(r->user, "u");
	assert_string_equal(r->auth, "plain");
	assert_true(r->null_from);
	assert_int_equal(r->to.n, 2);
	assert_int_equal(r->family, 6);
	assert_int_equal(r->timeout_s, 9);
	assert_int_equal(r->until, UNTIL_ENVELOPE);
	assert_false(r->experiments);
	assert_int_equal(o.format, RENDER_JSON);
	assert_true(o.quiet && o.render.brief);
	check_options_clear(&o);
}

static void test_password_from_environment(void **state)
{
	(void)state;
	struct check_options o;
	struct err e = { 0 };
	setenv("POSTRIDER_PASSWORD", "secret", 1);
	assert_true(read_line("a.example --user u", &o, &e));
	assert_string_equal(o.request.password, "secret");
	check_options_clear(&o);
	unsetenv("POSTRIDER_PASSWORD");
	assert_true(read_line("a.example --user u", &o, &e));
	assert_null(o.request.password);
	check_options_clear(&o);
}

/* One line end is the editor's; all else is the secret's. */
static void test_password_file(void **state)
{
	(void)state;
	char path[] = "/tmp/postrider-test-XXXXXX", line[128];
	struct check_options o;
	struct err e = { 0 };
	int fd = mkstemp(path);
	assert_int_equal(write(fd, " pass word \r\n", 13), 13);
	close(fd);
	snprintf(line, sizeof(line), "a.example --user u --password-file %s", path);
	assert_true(read_line(line, &o, &e));
	assert_string_equal(o.request.password, " pass word ");
	check_options_clear(&o);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_password_from_environment),
		cmocka_unit_test(test_password_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

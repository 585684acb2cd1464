/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/config.h"

/* The configuration of the contract, whole. */
static const char whole[] =
	"hostname  = \"relay.example.com\"   data = \"/var/lib/postrider\" # comment\n"
	"resolver  = \"127.0.0.1:53\"        ca-file = \"/etc/ssl/certs/ca-certificates.crt\"  # both "
	"optional\n"
	"certificate { file = \"/etc/postrider/cert.pem\"  key = \"/etc/postrider/key.pem\" }\n"
	"listen \"0.0.0.0:25\"   { security = \"starttls\" }   # none | starttls (offered) | tls\n"
	"listen \"[::]:587\"  { security = \"starttls\"  login = \"required\" }\n"
	"allow-from = { \"127.0.0.0/8\", \"198.51.100.17\", \"2001:db8:5::/48\" }\n"
	"local-domains = { \"bounces.example.com\" }\n"
	"account \"app@example.com\" { password-hash = \"$y$...\"  senders = { \"*@example.com\" }  "
	"daily-cap = 100  "
	"max-size = \"25M\" }\n"
	"route \"m365\" { senders = { \"*@example.com\" }  smarthost = \"smtp.office365.com:587\"  security "
	"= "
	"\"starttls\"\n"
	"  user = \"app@example.com\"  password-file = \"...\"  # or oauth { client-id }\n"
	"  connections = 3  rate = \"30/1m\" }\n"
	"route \"direct\" { recipients = { \"*\" }  via = \"mx\"  tls = \"opportunistic\" }\n"
	"retry { first = \"5m\"  factor = 2  most = \"4h\"  expire = \"5d\" }\n"
	"filter \"rspamd\" { milter = \"127.0.0.1:11332\"  on-failure = \"delay\" }\n"
	"http { listen = \"127.0.0.1:8025\"  token-file = \"/etc/postrider/http-token\" }\n"
	"profile \"office\" { host = \"smtp.office365.com\"  port = 587  security = \"starttls\"  user = "
	"\"u\"  from = "
	"\"f\" password-file = \"pw#1\" }\n"
	"profile \"app\" { host = \"smtp.office365.com\" oauth { client-id = \"id\" client-secret-file = "
	"\"/s\" } }\n";

/* mkstemp'd file with the text; caller unlinks. */
static void write_file(char path[32], const char *text)
{
	strcpy(path, "/tmp/postrider-test-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static bool load(const char *text, struct config **c, struct err *e)
{
	char path[32];
	write_file(path, text);
	bool ok = config_load(path, c, e);
	unlink(path);
	return ok;
}

static void test_whole(void **state)
{
	(void)state;
	struct err e = { 0 };
	const struct config_profile *p;
	CLEANUP(config_free) struct config *c = NULL;
	if (!load(whole, &c, &e))
		fail_msg("%s (%s)", e.what, e.detail);
	assert_string_equal(config_text(c, "resolver"), "127.0.0.1:53");
	assert_int_equal(config_count(c, "listen"), 2);
	assert_int_equal(config_count(c, "route"), 2);
	assert_true(config_profile_find(c, "office", &p, &e));
	assert_string_equal(p->host, "smtp.office365.com");
	assert_int_equal(p->port, 587);
	assert_string_equal(p->password_file, "/tmp/pw#1"); /* beside the file; no comment in quotes */
	assert_false(p->oauth.given);
	assert_true(config_profile_find(c, "app", &p, &e));
	assert_true(p->oauth.given);
	assert_string_equal(p->oauth.client_secret_file, "/s");
}

static const struct mistake {
	const char *text;
	unsigned line;
	const char *mend;
} mistakes[] = {
	{ "hostnam = \"x\"\n", 1, "did you mean \"hostname\"?" },
	{ "# one\n# two # more\ndata = \"d\" # three\nzzz = 1\n", 4, "there is no option \"zzz\"" },
	{ "profile \"a\" {\n # c\n port = 0 }\n", 3, "1 to 65535" },
	{ "profile \"a\" {\n port = 70000 }\n", 2, "1 to 65535" },
	{ "profile \"a\" {\n port = many }\n", 2, "integer" },
	{ "profile \"a\" { security = \"sll\" }\n", 1, "one of auto, none, starttls, tls" },
	{ "profile \"a\" { hots = \"x\" }\n", 1, "did you mean \"host\"?" },
	{ "profile \"a\" { oauth { client-idd = \"x\" } }\n", 1, "did you mean \"client-id\"?" },
	{ "profile \"a\" { }\nprofile \"a\" { }\n", 2, "another block has the name \"a\" already" },
	{ "\xef\xbb\xbfhostnam = \"x\"\n", 1, "did you mean \"hostname\"?" },
	{ "profile { }\n", 1, "title" },
	{ "listen \"25\" { }\n", 1, "an address and a port" },
	{ "listen \"0.0.0.0:25\" { security = \"ssl\" }\n", 1, "one of none, starttls, tls" },
	{ "listen \"0.0.0.0:25\" { login = \"maybe\" }\n", 1, "one of never, offered, required" },
	{ "allow-from = { \"127.0.0.0/8\",\n \"10.0.0.0/33\" }\n", 2, "networks" },
	{ "resolver = \"dns.example\"\n", 1, "an IP address" },
	{ "route \"r\" { rate = \"30\" }\n", 1, "30/1m" },
	{ "route \"r\" { connections = 0 }\n", 1, "from 1" },
	{ "account \"a\" { max-size = \"25X\" }\n", 1, "25M" },
	{ "retry { first = \"soon\" }\n", 1, "5m" },
	{ "filter \"f\" { on-failure = \"cry\" }\n", 1, "one of delay" },
	{ "http { listen = \"8025\" }\n", 1, "127.0.0.1:8025" },
	{ "http {\n", 1, "never closed" },
	{ "data = \"x\"\nprofile \"a\" { # }\n host = \"}\"\n", 2, "never closed" },
	{ "}\n", 1, "a } too many" },
	{ "profile { }\n", 1, "in quotes between the word and the {" },
	{ "retry { factor = \"a\" }\n", 1, "such as 2 or 1.5" },
	{ "route \"r\" {\nproven = maybe }\n", 2, "yes or no" },
	{ "hostname \"a\"\n", 1, "NAME = VALUE" },
	{ "hostname = { \"a\" }\n", 1, "only a list" },
	{ "data = \"x\";\n", 1, "remove it" },
	{ "\nhostname = \"relay.example\n\ndata = \"d\"\n", 2, "its closing quote is missing" },
	{ "data = \"d\"\nhostname = 'relay.example\n", 2, "its closing quote is missing" },
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct err e = { 0 };
		CLEANUP(config_free) struct config *c = NULL;
		char where[16];
		snprintf(where, sizeof(where), ":%u", mistakes[i].line);
		bool ok = load(mistakes[i].text, &c, &e);
		bool right = *e.what && !strcmp(strrchr(e.what, ':'), where);
		if (ok || !right || !strstr(e.detail, mistakes[i].mend))
			fail_msg("%s -> \"%s\" (%s)", mistakes[i].text, e.what, e.detail);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

static void test_profile_names(void **state)
{
	(void)state;
	static const char *const cases[][3] = {
		{ "profile \"office\" { }\n", "ofice", "did you mean profile:office?" },
		{ "profile \"office\" { }\nprofile \"shop\" { }\n", "zzzzzz", "it holds office, shop" },
		{ "", "office", "profile \"office\" { host" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		const struct config_profile *p;
		CLEANUP(config_free) struct config *c = NULL;
		assert_true(load(cases[i][0], &c, &e));
		assert_false(config_profile_find(c, cases[i][1], &p, &e));
		assert_non_null(strstr(e.detail, cases[i][2]));
	}
}

static void test_no_text(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct config *c = NULL;
	assert_false(config_load("/nowhere/postrider.conf", &c, &e));
	assert_non_null(strstr(e.detail, "No such file"));
	e = (struct err){ 0 };
	assert_false(config_load("/dev/zero", &c, &e));
	assert_non_null(strstr(e.detail, "is this the right file?"));
	e = (struct err){ 0 };
	assert_false(config_load("/", &c, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_profile_names),
		cmocka_unit_test(test_no_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

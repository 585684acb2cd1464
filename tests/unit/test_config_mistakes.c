/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/settings_text.h"

static const struct mistake {
	const char *text;
	unsigned line;
	const char *mend;
} mistakes[] = {
	{ "data = \"x\"\nlisten \"0.0.0.0:25\" {\n security = \"tls\" }\n", 3, "add certificate" },
	{ "listen \"127.0.0.1:25\" {}\n\nlisten \"127.0.0.1:587\" { login = \"required\" }\n", 3,
	  "nobody who" },
	{ "account \"a\" { password-hash = \"" SETTINGS_HASH
	  "\" }\nlisten \"0.0.0.0:587\" { login = \"offered\" }\n",
	  2, "before TLS" },
	{ "listen \"127.0.0.1:25\" { wait = \"10m\" }\n", 1, "at most 300s" },
	{ "bounces {\nreturn-path = \"b.example.com\" }\n", 2, "nobody reads" },
	{ "local-domains = { \"b.example\" }\nroute \"r\" { via = \"mx\"\nreturn-path = "
	  "\"a-very-long-beginning-of-it+*@b.example\" }\n",
	  3, "too long" },
	{ "mailbox \"m\" { user = \"u\"  password-file = \"p\" }\n", 1, "add host" },
	{ "mailbox \"m\" { host = \"h.example\"  user = \"u\" }\n", 1, "add password-file" },
	{ "mailbox \"m\" { host = \"h.example\"  user = \"u\"  password-file = \"p\"\nsecurity = \"none\" "
	  "}\n",
	  2, "never goes out in clear" },
	{ "mailbox \"m\" { host = \"h.example\"  user = \"u\"  password-file = \"p\"  protocol = \"pop3\"\n"
	  "after = \"move:Done\" }\n",
	  2, "knows no folders" },
	{ "mailbox \"m\" { host = \"h.example\"  user = \"u\"  password-file = \"p\"\npoll = \"1s\" }\n", 2,
	  "at least 10s" },
	{ "pickup \"/drop\" {\naccount = \"nobody\" }\n", 2, "no such account" },
	{ "pickup \"/drop\" { archive = \"/drop\" }\n", 1, "another folder" },
	{ "account \"a\" { daily-cap = 3 }\n", 1, "mkpasswd" },
	{ "account \"b\" { password-hash = \"" SETTINGS_HASH "\" }\naccount \"a\" {\n daily-cap = 3\n"
	  "password-hash = \"secret\" }\n",
	  4, "no hash" },
	{ "hostname = \"relay\"\nallow-from = { \"0.0.0.0/0\" }\n", 2, "lets strangers send" },
	{ "allow-from = { \"::/0\" }\n", 1, "lets strangers send" },
	{ "allow-from = { \"127.0.0.1\",\n\"8.0.0.0/8\" }\n", 1, "lets strangers send" },
	{ "route \"a\" { via = \"mx\" }\nroute \"r\" {\n\n via = \"smarthost\" }\n", 4, "add smarthost" },
	{ "route \"r\" { user = \"u\" password-file = \"p\" }\n", 1, "add smarthost" },
	{ "route \"r\" { via = \"mx\"\n accounts = { \"shop\" } }\n", 2, "no account \"shop\": add it" },
	{ "route \"r\" { smarthost = \"h.example\"\n via = \"mx\" }\n", 2, "remove one" },
	{ "route \"r\" { smarthost = \"h.example\"\n user = \"u\" }\n", 2, "password-file" },
	{ "route \"r\" { smarthost = \"h.example\"\n password-file = \"u\" }\n", 2, "as nobody" },
	{ "route \"r\" { smarthost = \"h.example\" security = \"none\" user = \"u\" password-file = \"p\" "
	  "}\n",
	  1, "in clear" },
	{ "route \"r\" { smarthost = \"h.example:port\" }\n", 1, "cannot be" },
	{ "route \"r\" { smarthost = \"[::1\" }\n", 1, "cannot be" },
	{ "profile \"p\" {\n host = \"h.example:587\" }\n", 2, "write host = \"h.example\" and port = 587" },
	{ "profile \"p\" {\n host = \"https://h.example/\" }\n", 2, "write host = \"h.example\"" },
	{ "profile \"p\" {\n host = \"me@h.example\" }\n", 2, "cannot be" },
	{ "retry { first = \"1h\"\n most = \"5m\" }\n", 2, "shorter than first (1h)" },
	{ "retry { factor = 0.5 }\n", 1, "from 1 to 100" },
	{ "retry { delay-warning = \"soon\" }\n", 1, "a time such as 4h (s, m, h or d), or never" },
	{ "retry { expire = \"2h\"\n delay-warning = \"2h\" }\n", 2, "not shorter than expire (2h)" },
	{ "keep { conversation = \"1000K\" }\n", 1, "from 1M to 1024G" },
	{ "hostname = \"relay example\"\n", 1, "full name" },
	{ "local-domains = { \"a.example\", \"*\" }\n", 1, "such as bounces.example.com" },
	{ "local-domains = { \"@a.example\" }\n", 1, "such as bounces.example.com" },
	{ "local-domains = { \".\" }\n", 1, "such as bounces.example.com" },
	{ "local-domains = { \"a.example.\" }\n", 1, "such as bounces.example.com" },
	{ "local-domains = { \".a.example\" }\n", 1, "such as bounces.example.com" },
	{ "local-domains = { \"\" }\n", 1, "such as bounces.example.com" },
	{ "account \"a\" { password-hash = \"" SETTINGS_HASH "\"\n senders = { \"*.example.com\" } }\n", 2,
	  "*@example.com" },
	{ "route \"r\" { via = \"mx\"\n recipients = { \"a@*\" } }\n", 2, "a whole address" },
	{ "route \"r\" { via = \"mx\"\n senders = { \"a@b.c, d@e.f\" } }\n", 2, "a whole address" },
	{ "account \"a\" {\n password-hash = \"$foo$bar\" }\n", 2, "no method known here" },
	{ "account \"a\" {\n password-hash = \"$6$abc$short\" }\n", 2, "cut off" },
	{ "account \"a\" {\n password-hash = \"secret\" }\n", 2, "(it begins with $)" },
	{ "account \"\" { password-hash = \"" SETTINGS_HASH "\" }\n", 1, "without a name" },
	{ "certificate { key = \"k\" }\n", 1, "CERTIFICATE" },
	{ "filter \"f\" { on-failure = \"delay\" }\n", 1, "add milter" },
	{ "filter \"f\" {\n milter = \"inet:a b:8891\" }\n", 2, "\"inet:a b:8891\" cannot be" },
	{ "filter \"f\" {\n milter = \"inet:8891@a b\" }\n", 2, "cannot be" },
	{ "filter \"f\" {\n milter = \"inet:0@127.0.0.1\" }\n", 2, "127.0.0.1:11332" },
	{ "filter \"f\" {\n milter = \"inet:127.0.0.1\" }\n", 2, "an address and a port" },
	{ "filter \"f\" {\n milter = \"local:x\" }\n", 2, "a socket" },
	{ "filter \"f\" {\n milter = \"local:x:25\" }\n", 2, "a socket" },
	{ "filter \"f\" {\n milter = \"unix:25\" }\n", 2, "a socket" },
	{ "filter \"f\" {\n milter = \"::1:8891\" }\n", 2, "an address and a port" },
	{ "sign \"example.com\" { key = \"k\" }\n", 1, "selector" },
	{ "listen \"127.0.0.1:25\" { auth = {\"plain\", \"ntlm\"} }\n", 1, "some of plain" },
	{ "listen \"127.0.0.1:25\" { wait = \"8\" }\n", 1, "8s" },
	{ "keep { budget = \"big\" }\n", 1, "20G" },
	{ "http { listen = \"127.0.0.1\" }\n", 1, "127.0.0.1:8025" },
	{ "http { listen = \"127.0.0.1:0\" }\n", 1, "nobody could use it" },
	{ "http {\n listen = \"0.0.0.0:80\"\n open = \"read\" }\n", 2, "behind-proxy = true" },
	{ "http {\n listen = \"[::1]:80\"\n open = \"all\" }\n", 3, "read, operate, admin" },
	{ "http {\n listen = \"127.0.0.1:80\"\n behind-proxy = true\n open = \"read\" }\n", 4,
	  "through the proxy" },
	{ "http {\n listen = \"127.0.0.1:80\"\n security = \"tls\" }\n", 3, "certificate {" },
	{ "http { listen = \"127.0.0.1:80\"\n login \"a\" { role = \"read\" } }\n", 2, "mkpasswd" },
	{ "identity-provider { introspection = \"http://example.com/i\" }\n", 1, "https://" },
	{ "\nidentity-provider { client-id = \"c\" }\n", 2, "introspection = " },
	{ "identity-provider {\n keep = \"60s\" }\n", 1, "say where tokens are tested" },
	{ "identity-provider { introspection = \"https://i\"\n client-id = \"c\" }\n", 1,
	  "client-secret-file = \"FILE\"" },
	{ "identity-provider { introspection = \"https://i\" client-id = \"c\" client-secret-file = \"s\"\n"
	  "keep = \"1h\" }\n",
	  2, "at most 15m" },
	{ "identity-provider {\n user-claim = \"name\" }\n", 2, "one of username" },
	{ "listen \"127.0.0.1:25\" {\n auth = {\"oauthbearer\"} }\n", 2, "identity-provider {" },
	{ "account \"a\" { password-hash = \"" SETTINGS_HASH "\"\n token-user = \"t\" }\n", 2,
	  "nobody vouches" },
	{ "identity-provider { introspection = \"https://i\" client-id = \"c\" client-secret-file = \"s\" }\n"
	  "account \"a\" { token-user = \"t\" }\naccount \"b\" { token-user = \"t\" }\n",
	  3, "a has the same" },
	{ "identity-provider { introspection = \"https://i\" client-id = \"c\" client-secret-file = \"s\" }\n"
	  "account \"bob\" { }\naccount \"b\" {\n token-user = \"bob\" }\n",
	  4, "bob has the same" },
	{ "identity-provider { introspection = \"https://i\" client-id = \"c\" client-secret-file = \"s\" }\n"
	  "account \"b\" { token-user = \"bob\" }\naccount \"bob\" {\n }\n",
	  3, "b has the same" },
	{ "allow-from = { \"::ffff:0:0/96\" }\n", 1, "lets strangers send" },
	{ "route \"r\" { via = \"mx\"\nport = 70000 }\n", 2, "from 1 to 65535" },
	{ "route \"r\" {\nconnections = 5000 }\n", 2, "from 1 to 1000" },
	{ "listen \"127.0.0.1:25\" {}\nroute \"r\" {\nsmarthost = \"127.0.0.1\" }\n", 3, "round in circles" },
	{ "listen \"0.0.0.0:25\" {}\nroute \"r\" { smarthost = \"127.0.0.9\" }\n", 2, "round in circles" },
	{ "listen \"[::]:25\" {}\nroute \"r\" { smarthost = \"localhost\" }\n", 2, "round in circles" },
	{ "listen \"0.0.0.0:25\" {}\nlisten \"127.0.0.1:25\" {}\n", 2, "has that port already" },
	{ "listen \"[::1]:25\" {}\nlisten \"[0:0::1]:25\" {}\n", 2, "has that port already" },
	{ "listen \"127.0.0.1:80\" {}\nhttp {\nlisten = \"127.0.0.1:80\" open = \"read\" }\n", 3,
	  "has that port already" },
	{ "listen \"*:25\" {}\nlisten \"0.0.0.0:25\" {}\n", 2, "\"*:25\" has that port already" },
	{ "listen \"[::]:25\" {}\nlisten \"*:25\" {}\n", 2, "has that port already" },
	{ "listen \"127.0.0.1:25\" {}\nlisten \"*:25\" {}\n", 2, "has that port already" },
	{ "listen \"*:25\" {}\nlisten \"[::1]:25\" {}\n", 2, "has that port already" },
	{ "listen \"*:80\" {}\nhttp {\nlisten = \"127.0.0.1:80\" open = \"read\" }\n", 3,
	  "has that port already" },
	{ "listen \"*:25\" {}\nroute \"r\" { smarthost = \"127.0.0.9\" }\n", 2, "round in circles" },
	{ "listen \"*:25\" {}\nroute \"r\" { smarthost = \"[::1]\" }\n", 2, "round in circles" },
	{ "listen \"*:25\" {}\nroute \"r\" { smarthost = \"localhost\" }\n", 2, "round in circles" },
	{ "http { listen = \"127.0.0.1:80\"\nlogin \"a\" { password-hash = \"" SETTINGS_HASH
	  "\" role = \"read\" }\n"
	  "login \"b\" {\npassword-hash = \"" SETTINGS_HASH "\" } }\n",
	  3, "say what b may do" },
	{ "http { listen = \"127.0.0.1:80\"\nlogin \"a\" { password-hash = \"" SETTINGS_HASH
	  "\" role = \"read\" }\n"
	  "login \"b\" {\npassword-hash = \"no\"\nrole = \"read\" } }\n",
	  4, "b needs password-hash" },
	{ "account \"a\" { password-hash = \"" SETTINGS_HASH
	  "\" }\nhttp { listen = \"127.0.0.1:80\"\nlogin \"a\" {\n"
	  "password-hash = \"" SETTINGS_HASH "\"\nrole = \"read\"\naccount = \"x\" } }\n",
	  6, "no account \"x\"" },
	{ "profile \"p\" { from = \"a@b.example\"\nkind \"x\" { }\nkind \"y\" {\nfrom = \"nobody\" } }\n", 4,
	  "an address such as" },
	{ "profile \"p\" { from = \"a@b.example\"\nkind \"y\" {\nroute = \"none\" } }\n", 3, "no route" },
	{ "certificate { file = \"a\" key = \"b\" }\n\ncertificate { file = \"c\" }\n", 3,
	  "a block \"certificate\" stands on line 1 already" },
	{ "retry { first = \"1m\" }\nretry { }\n", 2, "line 1 already: make one block" },
	{ "\nroute \"r\" { smarthost = \"h.example\"\nuser = \"u\" oauth { client-id = \"i\" }\noauth { } "
	  "}\n",
	  4, "a block \"oauth\" stands on line 3 already" },
	{ "allow-from = { \"127.0.0.1\",\n\"10.0.0.1\" }\nallow-from = \"10.0.0.2\"\n", 3,
	  "\"allow-from\" stands on line 1 already: leave one of them out" },
	{ "listen \"127.0.0.1:25\" {\nlogin = \"never\"\nlogin = \"never\" }\n", 3, "stands on line 2" },
	{ "http { check-allow = { \"10.0.0.0/8\", \"inner\" } }\n", 1, "a network" },
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct err e = { 0 };
		const struct relay_settings *s = NULL;
		char where[16];
		snprintf(where, sizeof(where), ":%u", mistakes[i].line);
		bool ok = read_settings(mistakes[i].text, &s, &e);
		bool right = *e.what && !strcmp(strrchr(e.what, ':'), where);
		if (ok || !right || !strstr(e.detail, mistakes[i].mend))
			fail_msg("%s -> \"%s\" (%s)", mistakes[i].text, e.what, e.detail);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

/* What looks like a mistake and is none. */
static void test_no_mistakes(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"listen \"[::]:25\" {}\nlisten \"0.0.0.0:25\" {}\n",
		"listen \"127.0.0.1:0\" {}\nlisten \"0.0.0.0:0\" {}\n",
		"listen \"*:0\" {}\nlisten \"0.0.0.0:0\" {}\n",
		"listen \"*:25\" {}\nlisten \"*:587\" {}\nroute \"r\" { smarthost = \"192.0.2.1\" }\n",
		"listen \"127.0.0.1:25\" {}\nlisten \"127.0.0.2:25\" {}\nroute \"r\" { smarthost = "
		"\"127.0.0.3\" }\n",
		"listen \"0.0.0.0:25\" {}\nroute \"r\" { smarthost = \"192.0.2.1\" }\n",
		"listen \"0.0.0.0:25\" {}\nroute \"r\" { smarthost = \"127.0.0.1:26\" }\n",
		"hostname = \"r.example\"\nlisten \"127.0.0.1:25\" {}\nroute \"r\" { smarthost = "
		"\"r.example\" }\n",
		"hostname = \"r.example\"\nlisten \"0.0.0.0:25\" {}\nroute \"r\" { smarthost = "
		"\"r.example\" }\n", /* an inside relay may announce its way out's name */
		"listen \"127.0.0.2:25\" {}\nroute \"r\" { smarthost = \"localhost\" }\n",
		"retry { first = \"1h\" expire = \"2m\" }\n", /* one more try, when the time is over */
		"route \"a\" { via = \"mx\" senders = { \"*\" } }\nroute \"b\" { via = \"mx\" }\n"
		"retry { first = \"5m\" }\n",
		"retry { expire = \"2h\" }\n", /* nobody is warned by the default, then */
		"retry { delay-warning = \"never\" }\n",
		"keep { conversation = \"1M\" }\n",
		"local-domains = { \"a.example\" }\nlocal-domains += { \"b.example\" }\n"
		"local-domains += \"c.example\"\n",
		"allow-from = { \"::ffff:10.0.0.0/104\" }\n",
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct relay_settings *s = settings(texts[i]);
		relay_settings_drop(&s);
	}
	const struct relay_settings *s = settings(texts[ARRAY_LEN(texts) - 1]);
	struct ipaddr inside = { 0 }, outside = { 0 };
	assert_true(ipaddr_read(STR_LIT("10.9.8.7"), &inside) && ipaddr_read(STR_LIT("11.0.0.1"), &outside));
	assert_true(relay_allows(s, &inside) && !relay_allows(s, &outside));
	relay_settings_drop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_no_mistakes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "cli/config_relay.h"
#include "tests/unit/settings_text.h"

static const char whole[] =
	"hostname = \"relay.example.com\"  data = \"d\"  user = \"postrider\"  max-size = \"30M\"\n"
	"certificate { file = \"/c.pem\"  key = \"k.pem\" }\n"
	"listen \"0.0.0.0:25\" { security = \"starttls\" }\n"
	"listen \"[::]:587\" { security = \"starttls\"  login = \"required\"  wait = \"8s\"  auth = "
	"{\"plain\"} }\n"
	"listen \"127.0.0.1:0\" { security = \"none\" }\n"
	"allow-from = { \"127.0.0.0/8\", \"198.51.100.17\", \"2001:db8:5::/48\" }\n"
	"local-domains = { \"bounces.example.com\" }\n"
	"account \"app@example.com\" { password-hash = \"" SETTINGS_HASH
	"\"  senders = { \"*@example.com\" }\n"
	"  daily-cap = 100  max-size = \"25M\"  rate = \"10/1m\"  hold-in-doubt = true }\n"
	"route \"m365\" { senders = { \"*@example.com\" }  smarthost = \"smtp.office365.com:587\"\n"
	"  security = \"starttls\"  user = \"u\"  password-file = \"pw\"  connections = 3  rate = \"30/1m\" "
	"}\n"
	"route \"box\" { smarthost = \"[2001:db8::1]\" senders = { \"*@box.example\" } }\n"
	"route \"direct\" { recipients = { \"*\" }  via = \"mx\"  tls = \"required\" }\n"
	"retry { first = \"1m\"  factor = 3  most = \"2h\"  expire = \"1d\" }\n"
	"keep { trails = \"90d\"  keys = \"1d\"  bodies = \"1h\"  budget = \"2G\" }\n"
	"filter \"rspamd\" { milter = \"127.0.0.1:11332\"  on-failure = \"accept\" }\n"
	"filter \"sock\" { milter = \"unix:/run/x\"  timeout = \"5s\" }\n"
	"sign \"example.com\" { selector = \"s1\"  key = \"dkim.pem\" }\n"
	"sign \"second\" { domain = \"example.com\"  selector = \"s2\"  key = \"/dkim2.pem\" }\n";

static void check_doors(const struct relay_settings *s)
{
	assert_int_equal(s->nlistens, 3);
	assert_int_equal(s->listens[0].security, RELAY_SECURITY_STARTTLS);
	assert_int_equal(s->listens[0].login, RELAY_LOGIN_NEVER);
	assert_int_equal(s->listens[1].login, RELAY_LOGIN_REQUIRED);
	assert_int_equal(s->listens[1].wait_s, 8);
	assert_true(strlist_has(&s->listens[1].auth, "plain"));
	assert_int_equal(s->listens[2].security, RELAY_SECURITY_NONE);
	assert_int_equal(s->listens[2].login, RELAY_LOGIN_OFFERED);
	assert_int_equal(s->nallow, 3);
	assert_int_equal(s->allow[1].bits, 32);
	assert_int_equal(s->allow[2].bits, 48);
	assert_int_equal(s->accounts[0].max_size, 25 << 20);
	assert_int_equal(s->accounts[0].rate, 10);
	assert_int_equal(s->accounts[0].rate_s, 60);
	assert_true(s->accounts[0].hold_in_doubt);
}

static void check_ways(const struct relay_settings *s)
{
	assert_int_equal(s->nroutes, 3);
	assert_string_equal(s->routes[0].smarthost, "smtp.office365.com");
	assert_int_equal(s->routes[0].port, 587);
	assert_true(s->routes[0].tls_required);
	assert_string_equal(s->routes[0].password_file, "/tmp/pw");
	assert_int_equal(s->routes[0].rate_s, 60);
	assert_string_equal(s->routes[1].smarthost, "2001:db8::1");
	assert_int_equal(s->routes[1].port, 25);
	assert_false(s->routes[1].tls_required); /* nothing said: encrypted when offered */
	assert_true(s->routes[2].mx && s->routes[2].tls_required);
	assert_int_equal(s->retry.first_s, 60);
	assert_int_equal(s->retry.expire_s, 86400);
}

/* When a delay is told, and how long a dialogue is kept. */
static void test_warning_and_conversation(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		long warning_s;
		long long conversation;
	} cases[] = {
		{ "", RELAY_DELAY_WARNING_S, 0 },
		{ "retry { delay-warning = \"90m\" }\nkeep { conversation = \"2G\" }\n", 5400, 2LL << 30 },
		{ "retry { delay-warning = \"never\" }\n", 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct relay_settings *s = settings(cases[i].text);
		assert_int_equal(s->retry.delay_warning_s, cases[i].warning_s);
		assert_int_equal(s->keep.conversation, cases[i].conversation);
		relay_settings_drop(&s);
	}
}

/* What is the default may be written down. */
static void test_bodies_not_kept(void **state)
{
	(void)state;
	static const char *const none[] = { "0", "0s" };
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		char text[2000];
		snprintf(text, sizeof(text), "%s", whole);
		char *at = strstr(text, "bodies = \"1h\"");
		assert_non_null(at);
		memcpy(at, i ? "bodies = \"0s\"" : "bodies = \"0\" ", strlen("bodies = \"1h\""));
		const struct relay_settings *s = settings(text);
		assert_int_equal(s->keep.bodies_s, 0);
		relay_settings_drop(&s);
	}
}

static void test_whole(void **state)
{
	(void)state;
	const struct relay_settings *s = settings(whole);
	check_doors(s);
	check_ways(s);
	assert_string_equal(s->data, "/tmp/d");
	assert_string_equal(s->key_file, "/tmp/k.pem");
	assert_string_equal(s->user, "postrider");
	assert_int_equal(s->max_size, 30 << 20);
	assert_int_equal(s->keep.trails_s, 90 * 86400);
	assert_int_equal(s->keep.budget, 2LL << 30);
	assert_string_equal(s->filters[0].host, "127.0.0.1");
	assert_int_equal(s->filters[0].port, 11332);
	assert_int_equal(s->filters[0].on_failure, RELAY_FAILURE_ACCEPT);
	assert_string_equal(s->filters[1].host, "/run/x");
	assert_int_equal(s->filters[1].on_failure, RELAY_FAILURE_DELAY);
	assert_string_equal(s->signs[0].domain, "example.com");
	assert_string_equal(s->signs[1].domain, "example.com");
	assert_string_equal(s->signs[1].selector, "s2");
	assert_int_equal(strlen(s->hash), 16);
	relay_settings_drop(&s);
	assert_null(s);
}

static void test_defaults(void **state)
{
	(void)state;
	const struct relay_settings *s = settings("");
	struct ipaddr own = { 0 }, other = { 0 };
	assert_true(ipaddr_read(STR_LIT("127.9.9.9"), &own) && ipaddr_read(STR_LIT("192.0.2.1"), &other));
	assert_true(relay_allows(s, &own));
	assert_false(relay_allows(s, &other));
	assert_string_equal(s->data, "/var/lib/postrider");
	assert_true(*s->hostname);
	const struct relay_sender from = { STR_LIT("a@b.example"), STR_LIT("") };
	const struct relay_route *w = relay_route_find(s, from, STR_LIT("c@d.example"));
	assert_non_null(w);
	assert_true(w->mx);
	assert_int_equal(s->retry.first_s, RELAY_RETRY_FIRST_S);
	assert_int_equal(s->max_size, RELAY_SIZE_MAX);
	assert_int_equal(s->nlistens, 0);
	relay_settings_drop(&s);
}

/* The account counts as the addresses do; mail without one fits no route that asks for it. */
static void test_routes_by_account(void **state)
{
	(void)state;
	const struct relay_settings *s =
		settings("account \"shop\" { password-hash = \"" SETTINGS_HASH "\" }\n"
			 "account \"erp\" { password-hash = \"" SETTINGS_HASH "\" }\n"
			 "route \"shops\" { accounts = { \"Shop\" }  smarthost = \"a.example\" }\n"
			 "route \"some\" { accounts = { \"erp\", \"shop\" }  senders = { \"@b.example\" }\n"
			 "  smarthost = \"b.example\" }\n"
			 "route \"rest\" { via = \"mx\" }\n");
	static const struct {
		const char *sender, *account, *route;
	} rows[] = {
		{ "a@b.example", "shop", "shops" },
		{ "a@b.example", "erp", "some" },
		{ "a@c.example", "erp", "rest" },
		{ "a@b.example", "", "rest" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct relay_sender from = { str_of(rows[i].sender), str_of(rows[i].account) };
		const struct relay_route *w = relay_route_find(s, from, STR_LIT("c@d.example"));
		assert_non_null(w);
		assert_string_equal(w->name, rows[i].route);
	}
	relay_settings_drop(&s);
}

/* Where it goes and how, when only some is said. */
static void test_security(void **state)
{
	(void)state;
	static const struct {
		const char *route;
		enum relay_security security;
		bool required;
		unsigned port;
	} cases[] = {
		{ "smarthost = \"h.example\"", RELAY_SECURITY_STARTTLS, false, 25 },
		{ "smarthost = \"h.example\" user = \"u\" password-file = \"p\"", RELAY_SECURITY_STARTTLS,
		  true, 587 },
		{ "smarthost = \"h.example:465\"", RELAY_SECURITY_TLS, true, 465 },
		{ "smarthost = \"h.example\" security = \"ssl\"", RELAY_SECURITY_TLS, true, 465 },
		{ "smarthost = \"h.example:2525\" security = \"none\"", RELAY_SECURITY_NONE, true, 2525 },
		{ "smarthost = \"h.example\" tls = \"required\"", RELAY_SECURITY_STARTTLS, true, 25 },
		{ "smarthost = \"[192.0.2.1]:26\"", RELAY_SECURITY_STARTTLS, false, 26 },
		{ "via = \"mx\"", RELAY_SECURITY_STARTTLS, false, 25 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[300];
		snprintf(text, sizeof(text), "route \"r\" { %s }\n", cases[i].route);
		const struct relay_settings *s = settings(text);
		const struct relay_route *w = &s->routes[0];
		if (w->port != cases[i].port || w->security != cases[i].security)
			fail_msg("%s: port %u, security %d", cases[i].route, w->port, (int)w->security);
		if (w->security == RELAY_SECURITY_STARTTLS)
			assert_int_equal(w->tls_required, cases[i].required);
		relay_settings_drop(&s);
	}
}

/* As they stand in the configurations of other servers. */
static void test_milters(void **state)
{
	(void)state;
	static const struct {
		const char *milter, *host;
		unsigned port; /* 0: a socket */
	} rows[] = {
		{ "127.0.0.1:8891", "127.0.0.1", 8891 },
		{ "inet:127.0.0.1:8891", "127.0.0.1", 8891 },
		{ "inet:8891@127.0.0.1", "127.0.0.1", 8891 },
		{ "INET:rspamd.example:11332", "rspamd.example", 11332 },
		{ "8891@localhost", "localhost", 8891 },
		{ "inet6:[::1]:8891", "::1", 8891 },
		{ "inet6:8891@::1", "::1", 8891 },
		{ "inet6:8891@[::1]", "::1", 8891 },
		{ "unix:/run/m", "/run/m", 0 },
		{ "local:/run/m", "/run/m", 0 },
		{ "/run/m", "/run/m", 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[200];
		snprintf(text, sizeof(text), "filter \"f\" { milter = \"%s\" }\n", rows[i].milter);
		const struct relay_settings *s = settings(text);
		assert_string_equal(s->filters[0].host, rows[i].host);
		assert_int_equal(s->filters[0].port, rows[i].port);
		relay_settings_drop(&s);
	}
}

static void test_words(void **state)
{
	(void)state;
	const struct relay_settings *s = settings(whole);
	assert_string_equal(
		config_relay_who(s, s->arena),
		"This is no open relay: mail for others is taken from 127.0.0.0/8, 198.51.100.17, "
		"2001:db8:5::/48, and after login app@example.com.");
	assert_non_null(
		strstr(config_relay_ways(s, s->arena), "m365 (smtp.office365.com port 587 as u), box"));
	assert_null(strstr(config_relay_ways(s, s->arena), "refused"));
	relay_settings_drop(&s);
	s = settings("route \"r\" { senders = { \"@a.example\" } }\n");
	assert_non_null(strstr(config_relay_who(s, s->arena), "127.0.0.0/8, ::1; nobody can log in"));
	assert_non_null(strstr(config_relay_ways(s, s->arena), "what fits none is refused"));
	assert_null(strstr(config_relay_who(s, s->arena), "HTTP"));
	relay_settings_drop(&s);
	s = settings(
		"local-domains = { \"b.example\" }\nmailbox \"m\" { host = \"imap.example\"  user = \"u@x\"  "
		"password-file = \"p\" }\npickup \"/drop/\" { }\nroute \"r\" { via = \"mx\"  return-path = "
		"\"none\" }\n"
		"route \"s\" { via = \"mx\" }\nbounces { return-path = \"b+*@b.example\"  suppress = "
		"\"never\" }\n");
	assert_string_equal(config_relay_back(s, s->arena),
			    "Reports come back to @b.example, the mailbox of u@x at "
			    "imap.example.\nFiles are picked up from /drop.\n");
	assert_string_equal(s->routes[0].return_path, "");
	assert_string_equal(s->routes[1].return_path, "b+*@b.example");
	assert_int_equal(s->bounces.suppress_s, 0);
	relay_settings_drop(&s);
}

/* Whoever hands mail in another way than by SMTP sends it, too. */
static void test_words_of_other_ways_in(void **state)
{
	(void)state;
	static const struct {
		const char *config, *words; /* NULL: nothing of it */
	} rows[] = {
		{ "http { listen = \"127.0.0.1:8025\" open = \"admin\" }",
		  "\nBy HTTP at 127.0.0.1:8025 it is taken from everybody on this machine without a token "
		  "(open = \"admin\")." },
		{ "http { listen = \"127.0.0.1:8025\" open = \"operate\" token-file = \"t\" }",
		  "(open = \"operate\"), and from who has a token of role operate or admin in /tmp/t." },
		{ "http { listen = \"127.0.0.1:8025\" open = \"read\" }", NULL },
		{ "http { listen = \"0.0.0.0:8025\" behind-proxy = true token-file = \"t\" }",
		  "HTTP at 0.0.0.0:8025 it is taken from who has a token" },
		{ "http { listen = \"127.0.0.1:8025\" login \"ann\" { password-hash = \"" SETTINGS_HASH
		  "\" role = \"operate\" } login \"bob\" { password-hash = \"" SETTINGS_HASH
		  "\" role = \"read\" } }",
		  "from ann (operate) at the page." },
		{ "http { open = \"admin\" }", NULL },
		{ "account \"app\" { password-file = \"p\" }\n"
		  "pickup \"/nonexistent/drop\" { account = \"app\" }",
		  "\nFrom the folder /nonexistent/drop it is taken from who may write there, as app." },
		{ "pickup \"/tmp\" { }",
		  "\nFrom the folder /tmp it is taken from everybody on this machine." },
		{ "pickup \"/\" { }", "\nFrom the folder / it is taken from root." },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct relay_settings *s =
			settings(arena_printf(a, "route \"r\" { via = \"mx\" }\n%s\n", rows[i].config));
		const char *said = config_relay_who(s, s->arena);
		if (rows[i].words ? !strstr(said, rows[i].words) : !!strchr(said, '\n'))
			fail_msg("%s: %s", rows[i].config, said);
		relay_settings_drop(&s);
	}
}

static void test_identity_provider(void **state)
{
	(void)state;
	const struct relay_settings *s =
		settings("identity-provider { introspection = \"https://login.example.com:8443/i?x\"  "
			 "client-id = \"c\"  client-secret-file = \"s\"  user-claim = \"sub\"  scope = "
			 "\"smtp\"  audience = { \"u\", \"v\" }  issuer = \"me\"  keep = \"5m\" }\n"
			 "account \"a\" { }\naccount \"b\" { token-user = \"t\" }\n"
			 "listen \"127.0.0.1:587\" { }\n");
	const struct relay_identity_provider *p = &s->identity_provider;
	assert_string_equal(p->client_secret_file, "/tmp/s");
	assert_int_equal(p->claim, RELAY_CLAIM_SUB);
	assert_int_equal(p->audience.n, 2);
	assert_int_equal(p->keep_s, 300);
	assert_string_equal(s->accounts[1].token_user, "t");
	assert_non_null(strstr(config_relay_who(s, s->arena),
			       "login a, b (by an access token that login.example.com:8443 vouches for)."));
	relay_settings_drop(&s);
	s = settings("identity-provider { introspection = \"https://login.example.com/\"  client-id = \"c\"  "
		     "client-secret-file = \"s\" }\n"
		     "account \"a\" { }\naccount \"b\" { password-file = \"p\" }\n"
		     "listen \"127.0.0.1:587\" { }\n");
	assert_non_null(strstr(config_relay_who(s, s->arena),
			       "login a, b (by password, or by an access token that login.example.com "
			       "vouches for)."));
	relay_settings_drop(&s);
}

static void test_uses(void **state)
{
	(void)state;
	const struct relay_settings *s = settings(""), *held = relay_settings_hold(s);
	relay_settings_drop(&s);
	assert_string_equal(held->data, "/var/lib/postrider");
	relay_settings_drop(&held);
	relay_settings_drop(&held); /* NULL is fine */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_warning_and_conversation),
		cmocka_unit_test(test_bodies_not_kept),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_routes_by_account),
		cmocka_unit_test(test_security),
		cmocka_unit_test(test_identity_provider),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_of_other_ways_in),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_milters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

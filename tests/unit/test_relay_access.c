/* SPDX-License-Identifier: Apache-2.0 */
/* Who may hand over what: a table of clients, senders and recipients. */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/access.h"

enum { V4 = 4, MAX = 1000 };

static const char *const senders_list[] = { "*@example.com", "boss@example.org" };
static const char *const local_list[] = { "bounces.example.com" };
static const char *const m365_list[] = { "*@example.com" };

static struct relay_account accounts[] = {
	{ .name = "app@example.com",
	  .senders = { (const char **)senders_list, 2, 2 },
	  .daily_cap = 3,
	  .max_size = MAX },
	{ .name = "free" },
};
static struct relay_network allow[] = {
	{ { V4, { 127 } }, 8 },
	{ { V4, { 198, 51, 100, 17 } }, 32 },
};
static struct relay_route routes[] = {
	{ .name = "m365", .senders = { (const char **)m365_list, 1, 1 } },
	{ .name = "partner", .recipients = { (const char **)local_list, 1, 1 } },
};
static struct relay_settings settings = {
	.hostname = "relay.example",
	.allow = allow,
	.nallow = ARRAY_LEN(allow),
	.accounts = accounts,
	.naccounts = ARRAY_LEN(accounts),
	.routes = routes,
	.nroutes = ARRAY_LEN(routes),
	.local_domains = { (const char **)local_list, 1, 1 },
};

static const struct relay_listen mx = { .where = "0.0.0.0:25", .security = RELAY_SECURITY_STARTTLS };
static const struct relay_listen submission = { .where = "0.0.0.0:587",
						.security = RELAY_SECURITY_STARTTLS,
						.login = RELAY_LOGIN_REQUIRED };

static const struct {
	const char *name;
	const struct relay_listen *listen;
	const char *address;
	bool tls;
	const char *account;
	long sent;
	const char *from, *to;
	long size;
	unsigned mail, rcpt; /* codes; 0 yes */
	const char *word;    /* in the refusal */
} cases[] = {
	{ "a stranger", &mx, "203.0.113.5", 0, NULL, 0, "x@example.com", "a@b.example", 0, 0, 550,
	  "allow-from" },
	{ "a stranger with our local domain", &mx, "203.0.113.5", 0, NULL, 0, "", "v1@bounces.example.com", 0,
	  0, 0, "" },
	{ "from the machine itself", &mx, "127.0.0.1", 0, NULL, 0, "x@example.com", "a@b.example", 0, 0, 0,
	  "" },
	{ "from an allowed address, mapped", &mx, "::ffff:198.51.100.17", 0, NULL, 0, "x@example.com",
	  "a@b.example", 0, 0, 0, "" },
	{ "its neighbour", &mx, "198.51.100.18", 0, NULL, 0, "x@example.com", "a@b.example", 0, 0, 550,
	  "relay.example" },
	{ "no route", &mx, "127.0.0.1", 0, NULL, 0, "x@elsewhere.example", "a@b.example", 0, 0, 550,
	  "No route" },
	{ "before TLS", &submission, "203.0.113.5", 0, NULL, 0, "x@example.com", "a@b.example", 0, 530, 0,
	  "STARTTLS" },
	{ "before login", &submission, "203.0.113.5", 1, NULL, 0, "x@example.com", "a@b.example", 0, 530, 0,
	  "Log in" },
	{ "logged in", &submission, "203.0.113.5", 1, "app@example.com", 0, "x@example.com", "a@b.example", 0,
	  0, 0, "" },
	{ "in another's name", &submission, "203.0.113.5", 1, "app@example.com", 0, "x@example.net",
	  "a@b.example", 0, 550, 0, "may not send as" },
	{ "a report", &submission, "203.0.113.5", 1, "app@example.com", 0, "", "a@bounces.example.com", 0, 0,
	  0, "" },
	{ "the cap reached", &submission, "203.0.113.5", 1, "app@example.com", 3, "x@example.com",
	  "a@b.example", 0, 0, 452, "tomorrow" },
	{ "the cap not reached", &submission, "203.0.113.5", 1, "app@example.com", 2, "x@example.com",
	  "a@b.example", 0, 0, 0, "" },
	{ "too big for the account", &submission, "203.0.113.5", 1, "app@example.com", 0, "x@example.com",
	  "a@b.example", MAX + 1, 552, 0, "Too big" },
	{ "any sender", &submission, "203.0.113.5", 1, "free", 0, "x@example.com", "a@b.example", 0, 0, 0,
	  "" },
};

static void expect(size_t i, const struct smtp_answer *got, unsigned want)
{
	if ((got ? got->code : 0) != want)
		fail_msg("%s: %u %s", cases[i].name, got ? got->code : 0, got ? got->text : "");
	if (got && !strstr(got->text, cases[i].word))
		fail_msg("%s: \"%s\" says nothing of \"%s\"", cases[i].name, got->text, cases[i].word);
}

static void test_cases(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct access_client c = { .listen = cases[i].listen,
					   .tls = cases[i].tls,
					   .sent_today = cases[i].sent };
		struct smtp_request r = { .size = cases[i].size };
		assert_true(ipaddr_read(str_of(cases[i].address), &c.address));
		if (cases[i].account)
			c.account = relay_account_find(&settings, cases[i].account);
		r.path.address = str_of(cases[i].from);
		const struct smtp_answer *no = access_mail(&settings, &c, &r, a);
		expect(i, no, cases[i].mail);
		if (no)
			continue;
		r.path.address = str_of(cases[i].to);
		expect(i, access_rcpt(&settings, &c, str_of(cases[i].from), &r, 0, a), cases[i].rcpt);
	}
	arena_free(&a);
}

/* senders of the account: *@example.com, boss@example.org */
static const struct {
	const char *head;
	const char *word; /* in the refusal; NULL: taken */
} heads[] = {
	{ "From: a@example.com\r\n", NULL },
	{ "From: \"ceo@evil.example\" <A@EXAMPLE.com>\r\n", NULL },
	{ "From: Acme, Inc. <a@example.com>\r\n", NULL },
	{ "From: a@example.com, boss@example.org\r\n", NULL },
	{ "Subject: none\r\n", NULL },
	{ "From: ceo@example.org\r\n", "may not send as ceo@example.org" },
	{ "From : ceo@example.org\r\n", "may not send as ceo@example.org" },
	{ "From: ceo@example.org\r\n", "senders of account \"app@example.com\"" },
	{ "From: a@example.com,\r\n ceo@evil.example\r\n", "ceo@evil.example" },
	{ "From: ours: a@example.com, ceo@evil.example;\r\n", "ceo@evil.example" },
	{ "From: a@example.com <A@example.com>\r\n", NULL },
	{ "From: a@example.com <ceo@evil.example>\r\n", "may not send as ceo@evil.example" },
	{ "From: <a@example.com> <ceo@evil.example>\r\n", "may not send as ceo@evil.example" },
	{ "From: a@example.com ceo@evil.example\r\n", "not clear" },
	{ "From: <a@example.com ceo@evil.example>\r\n", "not clear" },
	{ "From: <a@example.com <ceo@evil.example>\r\n", "not clear" },
	{ "From: <@x,\"ceo@evil.example\":a@example.com>\r\n", "not clear (a route" },
	{ "From: ceo@evil.example <a@example.com>\r\n", "ceo@evil.example" },
	{ "From: \"ceo@evil.example\" a@example.com\r\n", "more than one @" },
	{ "From: a@example.com\r\nResent-From: boss@example.org\r\n", NULL },
	{ "From: a@example.com\r\nResent-From: ceo@evil.example\r\n", "Resent-From" },
	{ "Resent-From: a@example.com\r\nFrom: ceo@evil.example\r\n", "ceo@evil.example (its From" },
	{ "From: a@example.com\r\nResent-From: a@example.com\r\nResent-From: x@else.example\r\n", NULL },
	{ "From: a@example.com\r\nSender: boss@example.org\r\n", NULL },
	{ "From: a@example.com\r\nSender: root\r\n", NULL },
	{ "From: a@example.com\r\nSender:\r\n", NULL },
	{ "From: a@example.com\r\nSender: CEO <ceo@evil.example>\r\n",
	  "may not send as ceo@evil.example (its Sender field)" },
	{ "From: a@example.com\r\nSender: a@example.com ceo@evil.example\r\n",
	  "Whose name the Sender field says is not clear" },
	{ "From: a@example.com\r\nResent-From: a@example.com\r\nResent-Sender: ceo@evil.example\r\n",
	  "its Resent-Sender" },
};

static void test_names_in_the_header(void **state)
{
	(void)state;
	struct access_author by[] = { { &accounts[0], STR_LIT("a@example.com"), settings.hostname },
				      { &accounts[1], STR_LIT("a@example.com"), settings.hostname },
				      { NULL, STR_LIT("a@example.com"), settings.hostname } };
	struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct header h;
		header_read(a, str_of(heads[i].head), &h);
		const struct smtp_answer *no = access_header(&by[0], &h, a);
		if (!no != !heads[i].word || (no && (no->code != 550 || !strstr(no->text, heads[i].word))))
			fail_msg("%s: %s", heads[i].head, no ? no->text : "taken");
		assert_null(access_header(&by[1], &h, a)); /* any sender */
		assert_null(access_header(&by[2], &h, a));
	}
	arena_free(&a);
}

/* A server that logs in sends its own reports (<>), and in no other name. */
static void test_names_of_a_report(void **state)
{
	(void)state;
	static const struct {
		const char *head, *sender;
		bool taken;
	} reports[] = {
		{ "From: MAILER-DAEMON@example.org\r\n", "", true }, /* boss@ is all it has there */
		{ "From: Mail <Postmaster@Relay.example> (it)\r\n", "", true },
		{ "From: MAILER-DAEMON@example.org\r\n", "a@example.com", false },
		{ "From: MAILER-DAEMON@inner.example\r\n", "", false },
		{ "From: postmaster@mail.example.org\r\n", "", false },
		{ "From: ceo@evil.example\r\n", "", false },
		{ "From: postmaster.x@evil.example\r\n", "", false },
		{ "From: postmaster@evil.example, ceo@evil.example\r\n", "", false },
		{ "From: <postmaster@evil.example ceo@evil.example>\r\n", "", false },
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
		struct header h;
		header_read(a, str_of(reports[i].head), &h);
		const struct access_author by = { &accounts[0], str_of(reports[i].sender),
						  settings.hostname };
		if (!access_header(&by, &h, a) != reports[i].taken)
			fail_msg("<%s> %s", reports[i].sender, reports[i].head);
	}
	arena_free(&a);
}

static void test_auth_before_tls(void **state)
{
	(void)state;
	struct access_client c = { .listen = &submission };
	assert_true(ipaddr_read(STR_LIT("203.0.113.5"), &c.address));
	assert_false(access_offers_auth(&c));
	assert_int_equal(access_auth(&c)->code, 538);
	c.tls = true;
	assert_true(access_offers_auth(&c));
	assert_null(access_auth(&c));
	c.listen = &mx;
	assert_int_equal(access_auth(&c)->code, 503);
	c.listen = &submission;
	c.tls = false;
	assert_true(ipaddr_read(STR_LIT("::1"), &c.address));
	assert_true(access_offers_auth(&c));
}

/* ---- every listener x security x network x TLS x login x recipient ---- */

struct square {
	enum relay_login login;
	enum relay_security security;
	const char *address;
	bool tls, logged_in, local;
};

/* What may happen, said another way than access.c says it: 0 all of it is taken. */
static unsigned wanted(const struct square *q)
{
	bool friend =
		q->logged_in || !strcmp(q->address, "127.0.0.1") || !strcmp(q->address, "198.51.100.17");
	if (q->login == RELAY_LOGIN_REQUIRED && !q->logged_in)
		return 530;
	return friend || q->local ? 0 : 550;
}

static unsigned happens(const struct square *q, struct arena *a)
{
	const struct relay_listen l = { "0.0.0.0:2525", .security = q->security, .login = q->login };
	struct access_client c = { .listen = &l,
				   .tls = q->tls,
				   .account = q->logged_in ? relay_account_find(&settings, "free") : NULL };
	struct smtp_request r = { .size = -1 };
	assert_true(ipaddr_read(str_of(q->address), &c.address));
	r.path.address = STR_LIT("x@example.com");
	const struct smtp_answer *no = access_mail(&settings, &c, &r, a);
	r.path.address = q->local ? STR_LIT("v@bounces.example.com") : STR_LIT("b@else.example");
	if (!no)
		no = access_rcpt(&settings, &c, STR_LIT("x@example.com"), &r, 0, a);
	return no ? no->code : 0;
}

static bool may_log_in(const struct square *q)
{
	const struct relay_listen l = { "0.0.0.0:2525", .security = q->security, .login = q->login };
	struct access_client c = { .listen = &l, .tls = q->tls };
	assert_true(ipaddr_read(str_of(q->address), &c.address));
	return !access_auth(&c);
}

static void test_never_an_open_relay(void **state)
{
	(void)state;
	static const char *const addresses[] = { "127.0.0.1",   "198.51.100.17", "198.51.100.18",
						 "203.0.113.5", "2001:db8::1",   "::ffff:203.0.113.5" };
	struct arena *a = arena_new();
	unsigned squares = 0;
	assert_null(access_open_relay(&settings, a));
	for (unsigned i = 0; i < 3 * 3 * 8 * ARRAY_LEN(addresses); i++) {
		const struct square q = { .login = (enum relay_login)(i % 3),
					  .security = (enum relay_security)(i / 3 % 3),
					  .tls = i / 9 % 2,
					  .logged_in = i / 18 % 2,
					  .local = i / 36 % 2,
					  .address = addresses[i / 72] };
		if (q.logged_in && !may_log_in(&q))
			continue; /* nobody gets there */
		squares++;
		unsigned got = happens(&q, a);
		if (got != wanted(&q))
			fail_msg("login %d security %d %s tls %d logged in %d local %d: %u, not %u", q.login,
				 q.security, q.address, q.tls, q.logged_in, q.local, got, wanted(&q));
	}
	assert_int_equal(squares, 3 * 3 * 4 * 6 + 2 * 3 * 2 * (2 + 5));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_names_in_the_header),
		cmocka_unit_test(test_names_of_a_report),
		cmocka_unit_test(test_auth_before_tls),
		cmocka_unit_test(test_never_an_open_relay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

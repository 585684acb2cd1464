/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "report/conversation.h"
#include "report/redact.h"
#include "report/report.h"
#include "tests/unit/evidence_build.h"

static const struct {
	const char *text, *plain, *masked; /* NULL: as the text */
} redact_cases[] = {
	{ "to anna.b@x.example: ok", NULL, "to person-1@x.example: ok" },
	{ "<anna@x.example> <ben@x.example> <ANNA@x.example>", NULL,
	  "<person-1@x.example> <person-2@x.example> <person-1@x.example>" },
	{ "MAIL FROM:<anna@x.example> SIZE=5", NULL, "MAIL FROM:<person-1@x.example> SIZE=5" },
	{ "bounce+anna=x.example@y.example", NULL, "person-1@y.example" },
	{ "no address: a @ b, @x.example, 5@", NULL, NULL },
	{ "AUTH PLAIN AGFubmEAc2VjcmV0", "AUTH PLAIN [hidden]", "AUTH PLAIN [hidden]" },
	{ "from 10.1.2.3 to 192.0.2.7", NULL, "from [internal address] to 192.0.2.7" },
	{ "at [fe80::1] and 2001:db8::7", NULL, "at [[internal address]] and 2001:db8::7" },
	{ "clerk logged in, clerks did not", NULL, "person-1 logged in, clerks did not" },
	{ "version 5.7.139 at 10:15", NULL, NULL },
	{ "", NULL, NULL },
};

static void test_redact(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(redact_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct redactor plain = { .arena = a }, mask = { .arena = a, .mask = true };
		const char *text = redact_cases[i].text;
		const char *wanted = redact_cases[i].masked ? redact_cases[i].masked : text;
		if (strstr(text, "clerk"))
			redact_know(&mask, "clerk");
		assert_string_equal(redact(&plain, text),
				    redact_cases[i].plain ? redact_cases[i].plain : text);
		const char *once = redact(&mask, text);
		assert_string_equal(once, wanted);
		assert_string_equal(redact(&mask, once), wanted); /* again changes nothing */
	}
}

/* A login refused by Microsoft 365, with everything before it in order. */
static struct evidence *refused_login(void)
{
	struct evidence *ev = built_for("host", "smtp.office365.com");
	struct fact_target *t = built_target(ev);
	t->user = t->from = "clerk@acme.example";
	t->port = 587;
	t->security = "starttls";
	struct fact *p = evidence_add(ev, FACT_PROVIDER, 0, 1);
	p->provider.name = "microsoft365";
	p->provider.title = "Microsoft 365";
	p->provider.subject = "target";
	built_dns(ev, "host", "smtp.office365.com", "A", "ok", "192.0.2.10");
	unsigned s = built_session(ev, "main", "smtp.office365.com", "192.0.2.10", 587, "ok");
	built_reply(ev, s, "banner", 220, "ready");
	built_ehlo(ev, s, true);
	built_tls(ev, s, true);
	struct fact *auth = evidence_add(ev, FACT_AUTH, s, 5);
	auth->auth.mechanism = "LOGIN";
	auth->auth.result = "refused";
	auth->auth.user = "clerk@acme.example";
	built_reply(
		ev, s, "auth", 535,
		"5.7.139 Authentication unsuccessful, basic authentication is disabled. [AB1PR01 08DD05]");
	evidence_transcript(ev, s, 6, '>', "AUTH LOGIN");
	return ev;
}

static const struct report_point *point(const struct report *r, const char *question)
{
	for (size_t i = 0; i < r->npoints; i++)
		if (!strcmp(r->points[i].question, question))
			return &r->points[i];
	fail_msg("no point \"%s\"", question);
	return NULL;
}

static bool says(const struct strlist *l, const char *words)
{
	for (size_t i = 0; i < l->n; i++)
		if (strstr(l->v[i], words))
			return true;
	return false;
}

static void test_check(void **state)
{
	(void)state;
	CLEANUP(evidence_free) struct evidence *ev = refused_login();
	const struct report_options o = { .now_s = 1700000000 };
	CLEANUP(report_free) struct report *r = report_evidence(ev, &o);
	assert_string_equal(r->word, "FAILING");
	assert_string_equal(r->cause->entry->id, "auth-basic-disabled");
	assert_int_equal(point(r, "Is the login accepted?")->mark, REPORT_BAD);
	assert_int_equal(point(r, "Is the connection encrypted?")->mark, REPORT_GOOD);
	assert_int_equal(point(r, "Is the recipient accepted?")->mark, REPORT_OPEN);
	assert_int_equal(point(r, "Is its attachment accepted?")->mark, REPORT_NONE);
	assert_int_equal(point(r, "Who is affected?")->mark, REPORT_OPEN);
	assert_string_equal(r->ask_whom, "Microsoft 365");
	assert_true(says(&r->question, "Sign-in logs"));
	assert_true(says(&r->question, "AB1PR01 08DD05"));
	assert_true(says(&r->question, "clerk@acme.example"));
	assert_int_equal(r->letter.n, 2);
	assert_true(says(&r->letter, "OAuth"));
	assert_int_equal(r->dns.n, 1);
	assert_non_null(strstr(r->transcript, "AUTH LOGIN"));
}

static void has_no_clerk(void *ctx, const char *text)
{
	bool *found = ctx;
	*found = *found || strstr(text, "clerk");
}

static void test_masked(void **state)
{
	(void)state;
	bool found = false;
	struct report_disclosure d;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = refused_login();
	const struct report_options o = { .now_s = 1700000000, .mask = true };
	CLEANUP(report_free) struct report *r = report_evidence(ev, &o);
	report_each_text(r, has_no_clerk, &found);
	assert_false(found);
	report_disclosed(r, a, &d);
	assert_int_equal(d.addresses.n, 1);
	assert_string_equal(d.addresses.v[0], "person-1@acme.example");
	assert_true(strlist_has(&d.hosts, "smtp.office365.com"));
	assert_true(strlist_has(&d.ips, "192.0.2.10"));
	assert_true(d.transcript);
	assert_false(d.subject);
}

/* What a server says becomes no markup, in either form. */
static void test_rendered(void **state)
{
	(void)state;
	static char page[60000];
	struct err e = { 0 };
	CLEANUP(evidence_free) struct evidence *ev = refused_login();
	built_dns(ev, "mx", "acme.example", "TXT", "ok", "<script>alert(1)</script> | **x**");
	const struct report_options o = { .now_s = 1700000000 };
	CLEANUP(report_free) struct report *r = report_evidence(ev, &o);
	for (enum render_format f = RENDER_HTML; f <= RENDER_MARKDOWN; f++) {
		memset(page, 0, sizeof(page));
		FILE *out = fmemopen(page, sizeof(page) - 1, "w");
		assert_true(report_render(r, f, out, &e));
		fclose(out);
		assert_null(strstr(page, "<script>"));
		assert_non_null(strstr(page, "proved: at fault"));
		if (f == RENDER_MARKDOWN)
			assert_null(strstr(page, " **x**"));
	}
}

static struct store_trail trail_of(struct store_rcpt *rcpt, struct store_event *events, size_t n)
{
	return (struct store_trail){ .message = { .id = { 1, 2 },
						  .arrived_ms = 1700000000000,
						  .reverse_path = STR_LIT("app@acme.example"),
						  .message_id = STR_LIT("<m@acme.example>"),
						  .subject = STR_LIT("Salary"),
						  .rcpts = rcpt,
						  .nrcpts = 1 },
				     .events = events,
				     .nevents = n };
}

static const struct {
	const char *name;
	enum store_state state;
	unsigned code;
	const char *reply, *remote_id;
	const char *question;
	enum report_mark mark;
	const char *asks;       /* in the question; "" : nothing is asked */
	const char *lane, *why; /* NULL: the recipient's own server; none */
} mail_cases[] = {
	{ "refused", STORE_REFUSED, 550, "5.1.1 User unknown", "", "Is the recipient accepted?", REPORT_BAD,
	  "why was this answered", NULL, NULL },
	{ "refused, what came before", STORE_REFUSED, 550, "5.1.1 User unknown", "",
	  "Is it a mail server that answers there?", REPORT_GOOD, "550 5.1.1 User unknown", NULL, NULL },
	{ "refused, what came after", STORE_REFUSED, 550, "5.1.1 User unknown", "", "Is the message taken?",
	  REPORT_OPEN, "<m@acme.example>", NULL, NULL },
	{ "handed over", STORE_HANDED_OVER, 250, "2.0.0 queued as ABC", "ABC", "Is the message taken?",
	  REPORT_GOOD, "what became of it", NULL, NULL },
	{ "handed over is not arrived", STORE_HANDED_OVER, 250, "2.0.0 queued as ABC", "ABC",
	  "Is it in the recipient's spam folder or quarantine?", REPORT_OPEN, "ABC", NULL, NULL },
	{ "to the recipient's own server", STORE_HANDED_OVER, 250, "2.0.0 queued as ABC", "ABC",
	  "Is the login accepted?", REPORT_NONE, "ABC", NULL, NULL },
	{ "confirmed", STORE_CONFIRMED, 250, "2.0.0 delivered", "ABC", "Has a delivery report come back?",
	  REPORT_GOOD, "", NULL, NULL },
	{ "a login may have been made or not", STORE_REFUSED, 550, "5.1.1 User unknown", "",
	  "Is the login accepted?", REPORT_OPEN, "why was this answered", "out", NULL },
	{ "what is offered is not known", STORE_REFUSED, 550, "5.1.1 User unknown", "",
	  "Does it offer what is needed (encryption, login, size)?", REPORT_OPEN, "why was this answered",
	  "out", NULL },
	{ "a login was made", STORE_REFUSED, 550, "5.7.60 SendAsDenied", "", "Is the login accepted?",
	  REPORT_GOOD, "why was this answered", "out", "with the login app@acme.example" },
	{ "withdrawn", STORE_CANCELLED, 0, "", "", "Is the recipient accepted?", REPORT_OPEN, "", NULL,
	  NULL },
};

static void test_mail(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mail_cases); i++) {
		struct store_rcpt rcpt = { .address = STR_LIT("anna@x.example"),
					   .lane = str_of(mail_cases[i].lane ? mail_cases[i].lane
									     : "mx x.example"),
					   .state = mail_cases[i].state };
		struct store_event events[] = { { .rcpt = UINT32_MAX, .state = STORE_QUEUED, .at_ms = 1 },
						{ .state = mail_cases[i].state,
						  .at_ms = 1700000001000,
						  .code = mail_cases[i].code,
						  .reply = str_of(mail_cases[i].reply),
						  .host = STR_LIT("mx.x.example"),
						  .address = STR_LIT("192.0.2.25"),
						  .remote_id = str_of(mail_cases[i].remote_id),
						  .why = str_of(mail_cases[i].why ? mail_cases[i].why
										  : "") } };
		struct store_trail t = trail_of(&rcpt, events, 2);
		const struct report_options o = { .now_s = 1700000002 };
		CLEANUP(report_free) struct report *r = report_mail(&t, 0, NULL, &o);
		if (point(r, mail_cases[i].question)->mark != mail_cases[i].mark)
			print_error("%s: %s\n", mail_cases[i].name, point(r, mail_cases[i].question)->says);
		assert_int_equal(point(r, mail_cases[i].question)->mark, mail_cases[i].mark);
		if (*mail_cases[i].asks)
			assert_true(says(&r->question, mail_cases[i].asks));
		else
			assert_int_equal(r->question.n, 0);
		assert_int_equal(r->letter.n, 2);
		for (size_t k = 0; k < r->facts.n; k++)
			assert_null(strstr(r->facts.v[k].text, "Salary"));
	}
}

#define LINE(session, time, dir, text)                                                                       \
	"{\"time\":\"2023-11-14T22:13:" time "Z\",\"session\":\"" session                                    \
	"\",\"host\":\"mx.x.example\",\"address\":\"192.0.2.25\",\"port\":25,\"dir\":\"" dir                 \
	"\",\"line\":\"" text "\"}\n"

/* A session with two mails, a client's, one that broke off early, and rubbish. */
static const char log_text[] = "half a line\"}\n" LINE("c1", "20.100", "<", "RCPT TO:<anna@x.example>")
	LINE("d1", "20.200", "*", "connected to it") LINE("d1", "20.250", "<", "220 mx")
		LINE("d2", "20.260", "*", "connected to it") LINE("d2", "20.270", "<", "554 no")
			LINE("d1", "20.300", ">", "MAIL FROM:<a@acme.example>")
				LINE("d1", "20.310", ">", "RCPT TO:<ben@x.example>") LINE("d1", "20.320", "<",
											  "250 ben")
					LINE("d1", "21.000", ">", "MAIL FROM:<app@acme.example>")
						LINE("d1", "21.010", ">", "RCPT TO:<anna@x.example>")
							LINE("d1", "21.020", "<",
							     "550 no anna") "{\"address\":\"192.0.2.25\"}\n";

static const struct {
	const char *address, *recipient;
	int64_t at_ms;
	const char *found;
} log_cases[] = {
	{ "192.0.2.25", "anna@x.example", 1700000001020,
	  "22:13:20.200 * connected to it\n22:13:20.250 < 220 mx\n22:13:21.000 > MAIL "
	  "FROM:<app@acme.example>\n"
	  "22:13:21.010 > RCPT TO:<anna@x.example>\n22:13:21.020 < 550 no anna\n" },
	{ "192.0.2.25", "ben@x.example", 1700000000320,
	  "22:13:20.200 * connected to it\n22:13:20.250 < 220 mx\n22:13:20.300 > MAIL FROM:<a@acme.example>\n"
	  "22:13:20.310 > RCPT TO:<ben@x.example>\n22:13:20.320 < 250 ben\n" },
	{ "192.0.2.25", "carl@x.example", 1700000000270,
	  "22:13:20.260 * connected to it\n22:13:20.270 < 554 no\n" },
	{ "192.0.2.25", "anna@x.example", 1800000000000, "" },
	{ "192.0.2.26", "anna@x.example", 1700000001020, "" },
	{ "", "anna@x.example", 1700000001020, "" },
};

static FILE *log_part(size_t from, size_t to)
{
	return to > from ? fmemopen((void *)(uintptr_t)(log_text + from), to - from, "r") : NULL;
}

/* Also where the log was put by in the middle of it: bytes [0, put_by) stand in the one of before. */
static void check_conversation(size_t i, size_t put_by)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(close_file) FILE *before = log_part(0, put_by);
	CLEANUP(close_file) FILE *log = log_part(put_by, sizeof(log_text) - 1);
	struct conversation_ask ask = { log_cases[i].address, log_cases[i].recipient, log_cases[i].at_ms };
	assert_string_equal(conversation_find(before, log, &ask, a), log_cases[i].found);
}

static void test_conversation(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(log_cases); i++) {
		check_conversation(i, 0);
		for (const char *s = log_text; (s = strchr(s, '\n'));)
			check_conversation(i, (size_t)(++s - log_text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redact), cmocka_unit_test(test_check),
		cmocka_unit_test(test_masked), cmocka_unit_test(test_rendered),
		cmocka_unit_test(test_mail),   cmocka_unit_test(test_conversation)
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What failures condemn, when the next try is, and what servers ask for. */
#include "tests/unit/unit.h"

#include "relay/lane/schedule.h"
#include "relay/trouble.h"

static const struct {
	const char *name;
	enum trouble_at at;
	bool smarthost;
	unsigned code;
	const char *text;
	enum trouble_scope scope;
	bool for_good, next_host, next_route;
} cases[] = {
	{ "no connection", TROUBLE_CONNECT, false, 0, "Connection refused", TROUBLE_HOST, false, true, true },
	{ "a greeting of 554", TROUBLE_GREETING, false, 554, "554 No SMTP service here", TROUBLE_HOST, false,
	  true, true },
	{ "421 in between", TROUBLE_MAIL, true, 421, "421 4.3.2 Service not available", TROUBLE_HOST, false,
	  true, true },
	{ "a bad certificate", TROUBLE_TLS, true, 0, "certificate has expired", TROUBLE_HOST, false, true,
	  false },
	{ "no such user", TROUBLE_RCPT, false, 550, "550 5.1.1 User unknown", TROUBLE_RECIPIENT, true, false,
	  false },
	{ "greylisted", TROUBLE_RCPT, false, 450, "450 4.2.0 Greylisted, try again in 300 seconds",
	  TROUBLE_RECIPIENT, false, false, false },
	{ "spam", TROUBLE_DOT, false, 554, "554 5.7.1 Message rejected as spam", TROUBLE_MESSAGE, true, false,
	  false },
	{ "a wrong password", TROUBLE_AUTH, true, 535, "535 5.7.8 Username and Password not accepted",
	  TROUBLE_DESTINATION, false, false, false },
	{ "not logged in", TROUBLE_MAIL, true, 530, "530 5.7.57 Client not authenticated to send mail",
	  TROUBLE_DESTINATION, false, false, false },
	{ "our account is suspended", TROUBLE_MAIL, true, 550, "550 5.1.8 Access denied, bad outbound sender",
	  TROUBLE_DESTINATION, false, false, true },
	{ "one recipient later, at a smarthost", TROUBLE_RCPT, true, 451, "451 4.3.0 try again later",
	  TROUBLE_RECIPIENT, false, false, false },
	{ "a token to a list has run out, at a smarthost", TROUBLE_RCPT, true, 550,
	  "550 5.7.1 <list@example.net>: your authorization to post to this list has expired",
	  TROUBLE_RECIPIENT, true, false, false },
	{ "words of a token to one recipient", TROUBLE_RCPT, true, 550, "550 5.7.1 invalid_grant",
	  TROUBLE_RECIPIENT, true, false, false },
	{ "the same before a recipient", TROUBLE_MAIL, true, 550, "550 5.7.1 invalid_grant",
	  TROUBLE_DESTINATION, false, false, false },
	{ "not logged in, told at the recipient", TROUBLE_RCPT, true, 530,
	  "530 5.7.57 Client not authenticated to send mail", TROUBLE_DESTINATION, false, false, false },
	{ "a busy mailbox", TROUBLE_RCPT, false, 450,
	  "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your "
	  "message at a later time.",
	  TROUBLE_RECIPIENT, false, false, false },
	{ "a busy mailbox, at a smarthost", TROUBLE_RCPT, true, 450,
	  "450-4.2.1 The user you are trying to contact is receiving mail at a rate that 450 4.2.1 prevents "
	  "additional messages from being delivered. Please resend later. gsmtp",
	  TROUBLE_RECIPIENT, false, false, false },
	{ "threads of one recipient", TROUBLE_RCPT, false, 432,
	  "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded", TROUBLE_RECIPIENT, false, false,
	  false },
	{ "too many to one", TROUBLE_RCPT, true, 451, "451 4.7.1 Too many messages for this recipient",
	  TROUBLE_RECIPIENT, false, false, false },
	{ "one is throttled", TROUBLE_RCPT, false, 452, "452 4.5.3 Recipient throttled", TROUBLE_RECIPIENT,
	  false, false, false },
	{ "one takes no more in this hour, by a smarthost", TROUBLE_RCPT, true, 550,
	  "550 5.2.121 The recipient's mailbox has reached its per hour message receive limit from your "
	  "organization",
	  TROUBLE_RECIPIENT, false, false, false },
	{ "our own number, told at a recipient", TROUBLE_RCPT, true, 450,
	  "450 4.7.1 You have exceeded your hourly sending limit", TROUBLE_DESTINATION, false, false, true },
	{ "our own day, told at a recipient", TROUBLE_RCPT, true, 550, "550 5.2.2 Submission quota exceeded",
	  TROUBLE_DESTINATION, false, false, true },
	{ "our own rate, told at a recipient of an MX", TROUBLE_RCPT, false, 450,
	  "450 4.7.1 Rate limit exceeded for your address, too many messages", TROUBLE_DESTINATION, false,
	  false, true },
	{ "the same words before a recipient", TROUBLE_MAIL, false, 451,
	  "451 4.7.1 Too many messages, rate limit exceeded", TROUBLE_DESTINATION, false, false, true },
	{ "too many of them", TROUBLE_RCPT, false, 452, "452 4.5.3 Too many recipients", TROUBLE_RECIPIENT,
	  false, false, false },
	{ "too many of them, and the line is closed", TROUBLE_RCPT, false, 421,
	  "421 4.5.3 Too many recipients, closing", TROUBLE_HOST, false, true, true },
	{ "the disk is ours", TROUBLE_HERE, false, 0, "input/output error", TROUBLE_MESSAGE, false, false,
	  false },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct reply_meaning m[REPLY_MEANINGS_MAX];
		struct trouble_case c = { .at = cases[i].at,
					  .smarthost = cases[i].smarthost,
					  .code = cases[i].code,
					  .text = str_of(cases[i].text) };
		struct reply_context ctx = { .code = cases[i].code,
					     .text = cases[i].text,
					     .provider = "",
					     .enhanced = "",
					     .step = cases[i].at == TROUBLE_RCPT   ? "rcpt"
						     : cases[i].at == TROUBLE_AUTH ? "auth"
										   : "" };
		if (cases[i].code && reply_meanings(&ctx, m))
			c.meaning = m;
		struct trouble t = trouble_judge(&c);
		if (t.scope != cases[i].scope || t.for_good != cases[i].for_good ||
		    t.next_host != cases[i].next_host || t.next_route != cases[i].next_route)
			fail_msg("%s: scope %d, for good %d, next host %d, next route %d (%s)", cases[i].name,
				 t.scope, t.for_good, t.next_host, t.next_route,
				 c.meaning ? c.meaning->entry->class : "");
	}
}

/* What is about the host alone: another of the destination's may take it now. */
static const struct {
	enum trouble_at at;
	unsigned code;
	const char *text;
	bool elsewhere;
} machines[] = {
	{ TROUBLE_MAIL, 452, "452 4.3.1 Insufficient system storage", true },
	{ TROUBLE_MAIL, 452, "452 space shortage, please try later", true },
	{ TROUBLE_DOT, 451, "451 queue file write error", true },
	{ TROUBLE_DOT, 451, "451 4.3.0 Error: queue file write error", true },
	{ TROUBLE_DATA, 451, "451 4.3.5 Server configuration problem", true },
	{ TROUBLE_DOT, 451, "451 Requested action aborted: local error in processing", true },
	{ TROUBLE_RCPT, 451, "451 4.3.0 try again later", false },
	{ TROUBLE_RCPT, 450, "450 4.2.0 Greylisted, try again in 300 seconds", false },
	{ TROUBLE_DOT, 451, "451 4.7.1 Greylisted, please try again later", false },
	{ TROUBLE_DOT, 452, "452 4.2.2 Mailbox full, insufficient storage", false },
	{ TROUBLE_DOT, 452, "452 insufficient storage in the mailbox", false },
	{ TROUBLE_MAIL, 450, "450 4.7.1 Rate limit exceeded, too many messages per hour", false },
	{ TROUBLE_DOT, 451, "451 4.7.1 Content is looked at, come back", false },
	{ TROUBLE_MAIL, 421, "421 4.3.2 Service not available", false },
	{ TROUBLE_MAIL, 552, "552 5.3.4 Message too big for system", false },
};

static void test_machines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
		struct reply_meaning m[REPLY_MEANINGS_MAX];
		const struct reply_context ctx = { .code = machines[i].code,
						   .text = machines[i].text,
						   .provider = "",
						   .enhanced = "",
						   .step = "mail-from" };
		struct trouble_case c = { .at = machines[i].at,
					  .code = machines[i].code,
					  .text = str_of(machines[i].text) };
		if (reply_meanings(&ctx, m))
			c.meaning = m;
		if (trouble_judge(&c).elsewhere != machines[i].elsewhere)
			fail_msg("%s (%s)", machines[i].text, c.meaning ? c.meaning->entry->class : "");
	}
}

/* 421 after messages that were taken: the end of a connection, or a limit that the next one meets as well. */
static const struct {
	const char *text;
	bool used_up;
} closings[] = {
	{ "421 4.3.2 Service closing transmission channel", true },
	{ "421 4.4.2 mx.example.net Error: timeout exceeded", true },
	{ "421 4.7.0 Too many messages in this connection", true },
	{ "421 4.7.1 Too many messages on this connection", true },
	{ "421 too many messages sent in this session", true },
	{ "421 Max message per connection reached, closing transmission channel", true },
	{ "421 4.3.2 Maximum number of messages per session reached", true },
	{ "421 Session limit of 20 messages reached, goodbye", true },
	{ "421 4.4.5 Too many connections, try again later", true },
	{ "421 mx1.corporate.example Too many messages in this connection", true },
	{ "421 MX1.INTEGRATED.EXAMPLE operated by us: too many messages per connection", true },
	{ "421 4.7.0 Corporate rate exceeded: too many messages in this session", false },
	{ "421 4.7.0 Too many messages in this session: 100 in 24 hours", false },
	{ "421 4.7.0 Too many messages in this connection, RATE", false },
	{ "421 4.7.66 Your message rate limit was exceeded", false },
	{ "421 4.7.0 Rate limit exceeded, closing this connection", false },
	{ "421 4.7.1 Too many messages from you in the last hour", false },
	{ "421 4.7.0 Too many messages per minute on this connection", false },
	{ "421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP "
	  "address",
	  false },
};

static struct trouble judge_421(const char *text)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	const struct reply_context ctx = {
		.code = 421, .text = text, .provider = "", .enhanced = "", .step = "mail-from"
	};
	struct trouble_case c = { .at = TROUBLE_MAIL, .code = 421, .text = str_of(text) };
	if (reply_meanings(&ctx, m))
		c.meaning = m;
	return trouble_judge(&c);
}

static void test_closings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(closings); i++) {
		struct trouble t = judge_421(closings[i].text);
		enum trouble_scope scope = closings[i].used_up ? TROUBLE_HOST : TROUBLE_DESTINATION;
		if (t.used_up != closings[i].used_up || t.scope != scope || t.next_host != t.used_up)
			fail_msg("%s: used up %d, scope %d, next host %d", closings[i].text, t.used_up,
				 t.scope, t.next_host);
	}
	struct trouble t = judge_421("421 4.3.2 Too busy, try again in 10 minutes");
	assert_true(!t.used_up && t.of_service && t.scope == TROUBLE_HOST && t.hint_s == 600);
	t = judge_421("421 4.7.1 Greylisted, please try again in 300 seconds");
	assert_true(!t.used_up && !t.of_service); /* nobody else waits for that */
}

static void test_dns(void **state)
{
	(void)state;
	struct trouble_case c = { .at = TROUBLE_DNS, .no_such_domain = true };
	assert_true(trouble_judge(&c).for_good);
	c.no_such_domain = false;
	assert_false(trouble_judge(&c).for_good);
	assert_int_equal(trouble_judge(&c).scope, TROUBLE_DESTINATION);
}

static const struct {
	const char *text;
	long s;
} hints[] = {
	{ "450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/x.html", 0 },
	{ "451 4.7.1 Greylisting in action, please come back in 00:04:59", 299 },
	{ "450 Try again in 5 minutes", 300 },
	{ "451 4.7.1 Please try again later after 00:05:00", 300 },
	{ "451 4.7.1 Please try again later after that", 0 },
	{ "421 4.7.0 Try again later", 0 },
	{ "450 4.7.1 You've exceeded your sending limit, retry after 1 hour", 3600 },
	{ "451 wait 90s", 90 },
	{ "451 Please try again in 99999999999 days", 86400 },
	{ "451 greylisted for 300 seconds (RFC 6647)", 300 },
	{ "550 wait, what?", 0 },
	{ "451 4.7.1 Try again in 1 hour 30 minutes", 5400 },
	{ "450 4.7.1 Greylisted for 1 min, 10 sec", 70 },
	{ "450 4.7.1 Please wait 1h30m", 5400 },
	{ "451 try again in 1 hour and 5 minutes.", 3900 },
	{ "451 try again in 5 minutes, 3 messages wait", 300 },
	{ "451 try again in 5 minutes (300 seconds)", 300 },
	{ "450 retry-after: 600", 600 },
	{ "450 Retry-After: 90 seconds", 90 },
	{ "450 Retry-After: 2026-11-22", 0 },
	{ "450 Retry-After: 22 November", 0 },
	{ "450 retry after 3 attempts", 0 },
	{ "450 try later in 25 minutes", 1500 },
	{ "451 Please try again (in 25 minutes)", 1500 },
	{ "450 4.7.1 Your address is blocked for 24 hours", 86400 },
	{ "450 come back in half an hour", 1800 },
	{ "450 Please try again in an hour", 3600 },
	{ "450 Please wait one minute, 5 others do", 60 },
	{ "451 4.7.500 Server busy. Please try again later from [192.0.2.1].", 0 },
	{ "450 4.7.1 blocked for sending 100 mails in 5 minutes", 0 },
	{ "451 again in 86399 minutes 59 seconds", 86400 },
};

static void test_hints(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hints); i++)
		if (schedule_hint_s(str_of(hints[i].text)) != hints[i].s)
			fail_msg("%s: %ld", hints[i].text, schedule_hint_s(str_of(hints[i].text)));
}

static void test_pauses(void **state)
{
	(void)state;
	static const struct relay_retry r = {
		.first_s = 300, .factor = 2, .most_s = 14400, .expire_s = 432000
	};
	struct schedule_case c = { .now_s = 1000000, .arrived_s = 1000000, .tries = 1, .dice = 0.5 };
	assert_int_equal(schedule_next(&r, &c), 1000300);
	c.tries = 3;
	assert_int_equal(schedule_next(&r, &c), 1001200);
	c.tries = 4000000;
	assert_int_equal(schedule_next(&r, &c), 1014400);
	c.tries = 1;
	c.hint_s = 3600;
	c.dice = 0;
	assert_int_equal(schedule_next(&r, &c), 1003600);
	c.now_s = c.arrived_s + r.expire_s - 60;
	assert_int_equal(schedule_next(&r, &c), c.arrived_s + r.expire_s); /* one last try */
	c.now_s += 60;
	c.hint_s = 0;
	c.tries = 2;
	assert_int_equal(schedule_next(&r, &c), -1);
	c.tries = 1; /* its lane was closed all the time */
	assert_int_equal(schedule_next(&r, &c), -1);
	c.due_s = c.now_s + 1; /* it was held: where a server greylists it gets a second try */
	assert_int_equal(schedule_next(&r, &c), c.now_s + 225);
}

/* A herd that failed together comes back apart. */
static void test_jitter(void **state)
{
	(void)state;
	static const struct relay_retry r = {
		.first_s = 300, .factor = 2, .most_s = 14400, .expire_s = 432000
	};
	struct schedule_case c = { .now_s = 1000, .arrived_s = 0, .tries = 1 };
	long long first = schedule_next(&r, &c);
	c.dice = 1;
	assert_true(schedule_next(&r, &c) - first >= 100);
	assert_true(first > 1000);
}

static void test_elsewhere(void **state)
{
	(void)state;
	static const bool wanted[] = { false, false, true, false, true, false };
	for (unsigned tries = 0; tries < ARRAY_LEN(wanted); tries++)
		assert_int_equal(schedule_begins_elsewhere(tries), wanted[tries]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),    cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_machines), cmocka_unit_test(test_closings),
		cmocka_unit_test(test_dns),      cmocka_unit_test(test_hints),
		cmocka_unit_test(test_pauses),   cmocka_unit_test(test_jitter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

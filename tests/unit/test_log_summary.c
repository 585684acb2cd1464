/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "explain/log/mask.h"
#include "explain/log/summary.h"
#include "explain/log/top.h"

enum { NOW = 1795262400 };

struct read {
	struct log_summary *summary;
	const struct log_digest *d;
};

static void read_clear(struct read *r)
{
	log_summary_free(&r->summary);
}

static void read_log(struct read *r, const char *log)
{
	const struct log_options o = { .now_s = NOW };
	r->summary = log_summary_new();
	CLEANUP(log_reader_free) struct log_reader *reader = log_reader_new(&o, log_summary_add, r->summary);
	log_reader_feed(reader, str_of(log));
	log_reader_end(reader);
	r->d = log_summary_digest(r->summary);
}

#define SMTP     "Nov 21 08:00:00 mail postfix/smtp[1]: "
#define RELAY(h) "relay=mx." h "[198.51.100.9]:25, delay=1, delays=0/0/0/1, "
#define GREY                                                                                                 \
	"dsn=4.2.0, status=deferred (host mx.x[198.51.100.9] said: 450 4.2.0 Greylisted (in reply to RCPT "  \
	"TO command))\n"
#define UNKNOWN                                                                                              \
	"dsn=5.1.1, status=bounced (host mx.x[198.51.100.9] said: 550 5.1.1 User unknown (in reply to RCPT " \
	"TO command))\n"
#define SENT "dsn=2.0.0, status=sent (250 2.0.0 ok)\n"

static const struct log_cause *cause(const struct log_digest *d, const char *class)
{
	for (size_t i = 0; i < d->ncauses; i++)
		if (!strcmp(d->causes[i].class->id, class))
			return &d->causes[i];
	fail_msg("no cause of class %s", class);
	return NULL;
}

/* Each recipient counts once, by what became of it last. */
static void test_delays_resolve(void **state)
{
	(void)state;
	CLEANUP(read_clear) struct read r = { 0 };
	read_log(&r, SMTP "AAAAAA: to=<a@x.example>, " RELAY("x") GREY SMTP
		 "AAAAAA: to=<a@x.example>, " RELAY("x") GREY SMTP "AAAAAA: to=<b@x.example>, " RELAY("x")
			 GREY SMTP "AAAAAA: to=<c@x.example>, " RELAY("x") GREY SMTP
		 "AAAAAA: to=<a@x.example>, " RELAY("x") SENT SMTP "AAAAAA: to=<b@x.example>, " RELAY("x")
			 UNKNOWN);
	assert_int_equal(r.d->recipients, 3);
	assert_int_equal(r.d->states[LOG_HANDED_OVER], 1);
	assert_int_equal(r.d->states[LOG_REFUSED], 1);
	assert_int_equal(r.d->states[LOG_DELAYED], 1);
	assert_int_equal(r.d->events[LOG_DELAYED], 4);
	assert_int_equal(r.d->late, 1);
	assert_int_equal(r.d->most_tries, 3);
	const struct log_cause *grey = cause(r.d, "greylisted"), *unknown = cause(r.d, "mailbox-unknown");
	assert_int_equal(grey->events, 4);
	assert_int_equal(grey->hit, 2);
	assert_int_equal(grey->passed, 1);
	assert_int_equal(grey->delayed, 1);
	assert_int_equal(unknown->hit, 1);
	assert_int_equal(unknown->refused, 1);
	assert_int_equal(unknown->example.line, 6);
	assert_string_equal(unknown->example.to, "b@x.example");
	assert_string_equal(unknown->example.reply, "550 5.1.1 User unknown");
	assert_ptr_equal(r.d->first->finding, unknown->finding);
	assert_int_equal(r.d->ndomains, 1);
	assert_string_equal(r.d->domains[0].name, "x.example");
	assert_int_equal(r.d->domains[0].failed, 1);
	assert_int_equal(r.d->domains[0].delayed, 1);
	assert_int_equal(r.d->domains[0].passed, 1);
	assert_int_equal(r.d->domains[0].taken, 1);
}

/* One setting that stops everything goes before many single addresses; tries at the door last. */
static void test_first_to_mend(void **state)
{
	(void)state;
	CLEANUP(read_clear) struct read r = { 0 };
	CLEANUP(buf_clear) struct buf log = { 0 };
	for (int i = 0; i < 3; i++)
		buf_addf(&log, SMTP "BBBBB%d: to=<u%d@x.example>, " RELAY("x") UNKNOWN, i, i);
	for (int i = 0; i < 2; i++)
		buf_addf(&log,
			 SMTP
			 "CCCCC%d: to=<v%d@y.example>, relay=smtp.gmail.com[192.0.2.1]:587, dsn=5.7.8, "
			 "status=bounced (SASL authentication failed; server smtp.gmail.com[192.0.2.1] said: "
			 "535-5.7.8 Username and Password not accepted.)\n",
			 i, i);
	for (int i = 0; i < 50; i++)
		buf_addf(&log,
			 "Nov 21 09:00:00 mail postfix/smtpd[1]: NOQUEUE: reject: RCPT from u[203.0.113.%d]: "
			 "554 "
			 "5.7.1 <t@z.example>: Relay access denied; from=<s@b.example> to=<t@z.example> "
			 "proto=ESMTP helo=<x>\n",
			 i % 2);
	buf_add(&log, "", 1);
	read_log(&r, log.data);
	assert_string_equal(r.d->first->class->id, "auth-bad-credentials");
	assert_int_equal(r.d->first->hit, 2);
	assert_string_equal(r.d->classes[0].class->id, "relay-denied");
	assert_int_equal(r.d->classes[0].hit, 50);
	assert_int_equal(r.d->nclients, 2);
	assert_string_equal(r.d->clients[0].name, "203.0.113.0");
	assert_int_equal(r.d->clients[0].failed, 25);
	assert_int_equal(r.d->recipients, 5);
}

static void test_nothing_to_mend(void **state)
{
	(void)state;
	CLEANUP(read_clear) struct read r = { 0 };
	read_log(&r, SMTP "AAAAAA: to=<a@x.example>, " RELAY("x") SENT);
	assert_null(r.d->first);
	assert_int_equal(r.d->ncauses, 0);
	assert_int_equal(r.d->ndomains, 0);
	assert_int_equal(r.d->states[LOG_HANDED_OVER], 1);
}

static void test_mask(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "550 5.1.1 <a@x.example>: unknown", "550 5.1.1 <b@y.example>: unknown", true },
		{ "550 5.1.1 unknown", "550 5.7.1 unknown", false },
		{ "550 blocked [192.0.2.1] id 4XqBzR1k", "550 blocked [192.0.2.99] id 9YqBzR2w", true },
		{ "450 try in 300 seconds", "450 try in 60 seconds", true },
		{ "550 no such user", "550 no such host", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(log_mask_hash(str_of(rows[i].a)) == log_mask_hash(str_of(rows[i].b)),
				 rows[i].same);
}

/* The frequent ones survive any number of rare ones. */
static void test_top(void **state)
{
	(void)state;
	enum { RARE = 20000, EVERY = 50 };
	CLEANUP(log_top_free) struct log_top *t = log_top_new();
	size_t n;
	for (int i = 0; i < RARE; i++) {
		char name[32];
		int len = snprintf(name, sizeof(name), i % EVERY ? "rare%d.example" : "often.example", i);
		struct log_counted *c = log_top_take(t, (struct str){ name, (size_t)len });
		c->n++;
		c->place.failed++;
	}
	const struct log_place *worst = log_top_worst(t, &n);
	assert_int_equal(n, LOG_SUMMARY_WORST_MAX);
	assert_string_equal(worst[0].name, "often.example");
	assert_in_range(worst[0].failed + worst[0].most_wrong, RARE / EVERY, RARE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delays_resolve),
		cmocka_unit_test(test_first_to_mend),
		cmocka_unit_test(test_nothing_to_mend),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_top),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

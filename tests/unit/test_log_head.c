/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "explain/log/reader.h"
#include "tests/unit/log_check.h"

#define SAID                                                                                                 \
	"3F2A51C02B4: to=<a@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, "                         \
	"delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XYZ)"
#define SAID_HTML                                                                                            \
	"3F2A51C02B4: to=&lt;a@b.example&gt;, relay=mx.b.example[192.0.2.9]:25, delay=1, "                   \
	"delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok &amp; &quot;queued&quot; as 4XYZ)"
#define TAGGED "postfix/smtp[812]: " SAID
#define LINE   "Nov 20 10:00:00 mx " TAGGED

enum { AT = 1795168800 }; /* 2026-11-20 10:00, UTC */

/* As people and machines hand one line on. */
static const struct head_case {
	const char *name, *line;
	long long time_s;
} cases[] = {
	{ "itself", LINE, AT },
	{ "grep -H", "/var/log/mail.log:" LINE, AT },
	{ "grep -Hn", "mail.log.1:1042:" LINE, AT },
	{ "grep's colours", "\x1b[35m\x1b[Kmail.log\x1b[m\x1b[K\x1b[36m\x1b[K:\x1b[m\x1b[K" LINE, AT },
	{ "a colour within", "\x1b[36mmail-1  | \x1b[0m" LINE "\x1b[", AT },
	{ "Kubernetes", "2026-11-20T10:00:00.123456789Z stdout F " LINE, AT },
	{ "Kubernetes, JSON", "2026-11-20T10:00:00.1Z stdout F {\"log\":\"" LINE "\"}", AT },
	{ "another syslog's", "Nov 20 10:00:01 loghost " LINE, AT },
	{ "a quotation", "> > " LINE, AT },
	{ "BusyBox", "Nov 20 10:00:00 5de1a1801612 mail.info " TAGGED, AT },
	{ "FreeBSD", "Nov 20 10:00:00 <mail.info> mx " TAGGED, AT },
	{ "a year", "Nov 20 2026 10:00:00 mx " TAGGED, 0 },
	{ "French", "nov. 20 10:00:00 mx " TAGGED, 0 },
	{ "no colon", "INFO    postfix/smtp[812] " SAID, 0 },
	{ "a table's cell", "\"2026-11-20 10:00:00\",\"mx\",\"" TAGGED "\"", AT },
	{ "the kernel's seconds", "[12345.678901] mx " TAGGED, 0 },
	{ "Loki", "{\"line\":\"" LINE "\"}", AT },
	{ "Google Cloud",
	  "{\"jsonPayload\":{\"message\":\"" TAGGED "\"},\"timestamp\":\"2026-11-20T10:00:00Z\"}", AT },
	{ "Elasticsearch", "{\"_source\":{\"message\":\"" LINE "\"}}", AT },
	{ "a page's source", "<pre>Nov 20 10:00:00 mx postfix/smtp[812]: " SAID_HTML "</pre>", AT },
	{ "a page's source, coloured", "\x1b[36mNov 20 10:00:00 mx postfix/smtp[812]: " SAID_HTML, AT },
	{ "journalctl -o json-pretty", "\t\"MESSAGE\" : \"" SAID "\",", 0 },
};

struct seen {
	unsigned n;
	long long time_s;
	bool good;
};

static void see(void *user, const struct log_event *e)
{
	struct seen *s = user;
	s->n++;
	s->time_s = e->time_s;
	s->good = e->state == LOG_HANDED_OVER && str_eq(e->to, "a@b.example") && e->code == 250;
}

static struct seen read_line(struct str line)
{
	struct seen s = { 0 };
	const struct log_options o = { .now_s = LOG_CHECK_NOW };
	struct log_reader *r = log_reader_new(&o, see, &s);
	log_reader_feed(r, line);
	log_reader_end(r);
	log_reader_free(&r);
	return s;
}

static void test_line_behind_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct seen s = read_line(str_of(cases[i].line));
		if (s.n != 1 || !s.good || s.time_s != cases[i].time_s)
			print_error("%s: %u events, time %lld\n", cases[i].name, s.n, s.time_s);
		assert_int_equal(s.n, 1);
		assert_true(s.good);
		assert_int_equal(s.time_s, cases[i].time_s);
	}
}

/* What a program says of such a line far behind its front, or without a number, is its own. */
static void test_no_line_within(void **state)
{
	(void)state;
	assert_int_equal(read_line(STR_LIT("report: postfix/smtp: " SAID)).n, 0);
	assert_int_equal(read_line(STR_LIT("{\"line\":{\"line\":{\"line\":\"" LINE "\"}}}")).n, 0);
}

/* Each object begins within the one before it: were each read to its end, a line would cost as much as a
 * thousand of its length. */
static void test_one_object(void **state)
{
	(void)state;
	assert_int_equal(read_line(STR_LIT("mx | {\"log\":\"postfix/smtp\\u005b812]: " SAID "\"}")).n, 1);
	assert_int_equal(
		read_line(STR_LIT("mx | {\"a\":0} | {\"log\":\"postfix/smtp\\u005b812]: " SAID "\"}")).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_behind_something),
		cmocka_unit_test(test_no_line_within),
		cmocka_unit_test(test_one_object),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

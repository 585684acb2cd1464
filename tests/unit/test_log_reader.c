/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "explain/log/table.h"
#include "explain/log/time.h"
#include "tests/unit/log_check.h"

#define BOUNCED(to)                                                                                          \
	": to=<" to ">, relay=none, delay=1, delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for x.example " \
	"loops back to myself)"
#define LINE       "Nov 21 08:50:00 mail postfix/smtp[1]: 9A9A9A9A9A" BOUNCED("a@x.example") "\n"
#define FATE       " refused a@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n"
#define EVENT      "1" FATE
#define EVENT_ON_2 "2" FATE

enum { LONG_LINE = 200 * 1024, MANY = 200000 };

static const struct log_options now = { .now_s = LOG_CHECK_NOW };

static void wide_of(const char *z, bool little, struct buf *out)
{
	buf_add(out, little ? "\xff\xfe" : "\xfe\xff", 2);
	for (; *z; z++) {
		const char pair[2] = { little ? *z : '\0', little ? '\0' : *z };
		buf_add(out, pair, 2);
	}
}

/* A file of PowerShell: any cut, even within a unit, reads the same. */
static void test_wide(void **state)
{
	(void)state;
	for (int little = 0; little < 2; little++) {
		CLEANUP(buf_clear) struct buf in = { 0 };
		wide_of(LINE, little, &in);
		for (size_t cut = 0; cut <= in.len; cut++) {
			CLEANUP(buf_clear) struct buf out = { 0 };
			log_check_read(&now, buf_str(&in), cut, &out);
			assert_true(str_eq(buf_str(&out), EVENT));
		}
	}
}

static void test_marks_and_ends(void **state)
{
	(void)state;
	static const struct str logs[] = {
		STR_LIT("\xef\xbb\xbf" LINE),
		STR_LIT("Nov 21 08:50:00 mail postfix/smtp[1]: 9A9A9A9A9A" BOUNCED("a@x.example") "\r\n"),
		STR_LIT("Nov 21 08:50:00 mail postfix/smtp[1]: 9A9A9A9A9A" BOUNCED("a@x.example")),
		STR_LIT(LINE "\0\0\0\xff\xfe junk\n\x80\x81\n\n\n{\n[\n<\n<1\n#\n@4\n"),
	};
	for (size_t i = 0; i < ARRAY_LEN(logs); i++)
		for (size_t cut = 0; cut <= logs[i].len; cut++) {
			CLEANUP(buf_clear) struct buf out = { 0 };
			log_check_read(&now, logs[i], cut, &out);
			if (!str_eq(buf_str(&out), EVENT))
				fail_msg("log %zu, cut %zu: " STR_FMT, i, cut, STR_ARG(buf_str(&out)));
		}
}

#define CR_LINE(to) "Nov 21 08:50:00 mail postfix/smtp[1]: 9A9A9A9A9A" BOUNCED(to)

/* A CR alone ends lines where no LF does; where one does, it is a byte of the line. */
static void test_lone_cr(void **state)
{
	(void)state;
	static const struct {
		const char *log, *events;
	} cases[] = {
		{ CR_LINE("a@x.example") "\r" CR_LINE("a@x.example") "\r\r" CR_LINE("a@x.example") "\r",
		  EVENT EVENT_ON_2 "4" FATE },
		{ CR_LINE("a@x.example") "\r" CR_LINE("a@x.example"), EVENT EVENT_ON_2 },
		{ "\r" LINE LINE, EVENT_ON_2 "3" FATE },
		{ LINE "Nov 21 08:50:00 mail x[1]: 10 %\r20 %\r" CR_LINE("a@x.example") "\n" LINE,
		  EVENT "3" FATE },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t cut = 0; cut <= strlen(cases[i].log); cut++) {
			CLEANUP(buf_clear) struct buf out = { 0 };
			log_check_read(&now, str_of(cases[i].log), cut, &out);
			if (!str_eq(buf_str(&out), cases[i].events))
				fail_msg("log %zu, cut %zu: " STR_FMT, i, cut, STR_ARG(buf_str(&out)));
		}
}

/* A line beyond the limit is cut, and the next one is read as ever. */
static void test_long_line(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf in = { 0 };
	CLEANUP(mem_free) char *x = mem_alloc(LONG_LINE);
	memset(x, 'x', LONG_LINE);
	buf_add(&in, x, LONG_LINE);
	buf_adds(&in, "\n" LINE);
	for (size_t cut = 0; cut <= in.len; cut += in.len / 7) {
		CLEANUP(buf_clear) struct buf out = { 0 };
		log_check_read(&now, buf_str(&in), cut, &out);
		assert_true(str_eq(buf_str(&out), EVENT_ON_2));
	}
}

struct seen {
	unsigned n;
	long long first_s, last_s;
};

static void see(void *user, const struct log_event *e)
{
	struct seen *s = user;
	if (!s->n++)
		s->first_s = e->time_s;
	s->last_s = e->time_s;
}

static struct seen read_seen(const struct log_options *o, const char *log)
{
	struct seen s = { 0 };
	CLEANUP(log_reader_free) struct log_reader *r = log_reader_new(o, see, &s);
	log_reader_feed(r, str_of(log));
	log_reader_end(r);
	return s;
}

static struct log_totals read_totals(const char *log)
{
	struct seen s = { 0 };
	CLEANUP(log_reader_free) struct log_reader *r = log_reader_new(&now, see, &s);
	log_reader_feed(r, str_of(log));
	log_reader_end(r);
	return *log_reader_totals(r);
}

#define AT(stamp, to) stamp " mail postfix/smtp[1]: 9A9A9A9A9A" BOUNCED(to) "\n"

/* December belongs to last year when now is in January. */
static void test_year(void **state)
{
	(void)state;
	const struct log_options january = { .now_s = 1798797600 }; /* 2027-01-01 10:00 */
	const struct log_options unknown = { 0 };
	const char *log = AT("Dec 31 23:59:59", "a@x.example") AT("Jan  1 00:00:01", "a@x.example");
	struct seen s = read_seen(&january, log);
	assert_int_equal(s.first_s, 1798761599);
	assert_int_equal(s.last_s, 1798761601);
	s = read_seen(&unknown, log);
	assert_int_equal(s.last_s - s.first_s, 2);
}

#define MEMBER(name, value) "\t\"" name "\" : \"" value "\",\n"
#define PRETTY(time, to)                                                                                     \
	"{\n" MEMBER("_CAP_EFFECTIVE", "0") MEMBER(                                                          \
		"MESSAGE",                                                                                   \
		"9A9A9A9A9A" BOUNCED(                                                                        \
			to)) "\t\"_SOURCE_LIST\" : [\n\t\t\"a\",\n\t\t\"b\"\n\t],\n" MEMBER("__REALTIME_"    \
											    "TIMESTAMP",     \
											    time)            \
		MEMBER("SYSLOG_IDENTIFIER", "postfix/smtp") "\t\"_PID\" : \"99\"\n}\n"

/* journalctl -o json-pretty: time and program stand behind the words. */
static void test_pretty(void **state)
{
	(void)state;
	struct seen s = read_seen(&now, PRETTY("1795248000123456", "a@x.example")
						PRETTY("1795248060000000", "b@x.example"));
	assert_int_equal(s.n, 2);
	assert_int_equal(s.first_s, 1795248000);
	assert_int_equal(s.last_s, 1795248060);
	const struct log_totals t = read_totals(PRETTY("1795248000123456", "a@x.example"));
	assert_true(t.first_s == 1795248000 && t.last_s == 1795248000 && t.understood == 1);
	s = read_seen(&now, "{\n" MEMBER("MESSAGE", "cut off") LINE); /* no member, no end: a line as any */
	assert_int_equal(s.n, 1);
}

static void test_filters(void **state)
{
	(void)state;
	const char *log = AT("Nov 21 08:00:00", "a@x.example") AT("Nov 21 09:00:00", "b@y.example")
		AT("Nov 21 10:00:00", "aa@x.example");
	const long long nine = LOG_CHECK_NOW - 3 * 3600;
	const struct {
		struct log_options o;
		unsigned n;
	} rows[] = {
		{ { .now_s = LOG_CHECK_NOW }, 3 },
		{ { .now_s = LOG_CHECK_NOW, .since_s = nine }, 2 },
		{ { .now_s = LOG_CHECK_NOW, .until_s = nine }, 2 },
		{ { .now_s = LOG_CHECK_NOW, .since_s = nine, .until_s = nine }, 1 },
		{ { .now_s = LOG_CHECK_NOW, .recipient = "@X.example" }, 2 },
		{ { .now_s = LOG_CHECK_NOW, .recipient = "a@x.example" }, 1 },
		{ { .now_s = LOG_CHECK_NOW, .recipient = "y.ex" }, 1 },
		{ { .now_s = LOG_CHECK_NOW, .zone_s = 3600, .since_s = nine }, 1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (read_seen(&rows[i].o, log).n != rows[i].n)
			fail_msg("row %zu: %u events", i, read_seen(&rows[i].o, log).n);
}

static void test_times(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		long long s;
		size_t bytes;
	} rows[] = {
		{ "Nov 21 08:49:38 x", 1795250978, 15 },
		{ "Nov 21 08:49:38.123456 x", 1795250978, 22 },
		{ "2026-11-21T08:49:38Z x", 1795250978, 20 },
		{ "2026-11-21T09:49:38.5+01:00 x", 1795250978, 27 },
		{ "2026-11-21T09:49:38+0100 x", 1795250978, 24 },
		{ "2026-11-21 09:49:38 +0100 x", 1795250978, 25 },
		{ "2026/11/21 08:49:38 x", 1795250978, 19 },
		{ "[2026-11-21 08:49:38] x", 1795250978, 21 },
		{ "[21-Nov-2026 08:49:38 UTC] x", 1795250978, 26 },
		{ "21/Nov/2026:08:49:38 +0000 x", 1795250978, 26 },
		{ "Sat Nov 21 08:49:38 2026 x", 1795250978, 24 },
		{ "Sat 2026-11-21 08:49:38 UTC x", 1795250978, 27 },
		{ "1795250978.123456 x", 1795250978, 17 },
		{ "1795250978123 x", 1795250978, 13 },
		{ "@400000006b015c6c00000000 x", 1795251298, 25 },
		{ "Nov 31x08:49:38", 0, 0 },
		{ "2026-13-21T08:49:38Z", 0, 0 },
		{ "2026-11-21T25:49:38Z", 0, 0 },
		{ "17952509781 x", 0, 0 },
		{ "", 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct log_clock c = { .now_s = LOG_CHECK_NOW };
		long long t = 0;
		size_t n = log_time_any(&c, str_of(rows[i].text), &t);
		if (n != rows[i].bytes || (n && t != rows[i].s))
			fail_msg("%s: %zu bytes, %lld", rows[i].text, n, t);
	}
}

/* More messages than there is room for: the oldest go, the count says so, the rest is right. */
static void test_more_than_room(void **state)
{
	(void)state;
	struct seen s = { 0 };
	CLEANUP(log_reader_free) struct log_reader *r = log_reader_new(&now, see, &s);
	char line[400];
	for (int i = 0; i < MANY; i++) {
		int n = snprintf(
			line, sizeof(line),
			"Nov 21 08:00:00 mail postfix/smtp[1]: %010X: to=<u%d@x.example>, relay=none, "
			"delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to "
			"x.example[192.0.2.1]:25: Connection timed out)\n",
			(unsigned)i * 2654435761u, i);
		log_reader_feed(r, (struct str){ line, (size_t)n });
	}
	log_reader_end(r);
	const struct log_totals *t = log_reader_totals(r);
	assert_int_equal(t->states[LOG_DELAYED], MANY);
	assert_int_equal(t->messages, MANY);
	assert_int_equal(t->dropped, MANY - (1 << 16));
	assert_int_equal(s.n, MANY);
}

/* The table against a plain array, over many adds and removes. */
static void test_table(void **state)
{
	(void)state;
	enum { SLOTS = 64, KEYS = 200, STEPS = 20000 };
	CLEANUP(log_table_free) struct log_table *t = log_table_new(SLOTS, sizeof(unsigned));
	unsigned random = 7, count = 0;
	for (int step = 0; step < STEPS; step++) {
		char key[80];
		random = random * 1103515245u + 12345u;
		unsigned k = (random >> 16) % KEYS;
		int n = snprintf(key, sizeof(key),
				 k % 2 ? "key %u" : "a key that is longer than there is room for, number %u",
				 k);
		struct str s = { key, (size_t)n };
		uint32_t slot = log_table_find(t, s);
		if (slot != LOG_NO_SLOT) {
			log_table_remove(t, slot);
			count--;
			assert_int_equal(log_table_find(t, s), LOG_NO_SLOT);
		} else {
			if (log_table_full(t)) {
				log_table_remove(t, log_table_oldest(t));
				count--;
			}
			slot = log_table_add(t, s);
			count++;
			assert_int_equal(log_table_find(t, s), slot);
		}
		assert_int_equal(log_table_count(t), count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wide),           cmocka_unit_test(test_marks_and_ends),
		cmocka_unit_test(test_long_line),      cmocka_unit_test(test_year),
		cmocka_unit_test(test_pretty),         cmocka_unit_test(test_lone_cr),
		cmocka_unit_test(test_filters),        cmocka_unit_test(test_times),
		cmocka_unit_test(test_more_than_room), cmocka_unit_test(test_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "lab/zone.h"

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_MX = 15, TYPE_TXT = 16, FLAG_CD = 0x10 };

static const char *const lines[] = {
	"a.example. A 192.0.2.1",
	"a.example. TXT v=spf1 -all",
	"c.example. CNAME a.example.",
	"loop.example. CNAME loop.example.",
	"s.example. ANY !servfail",
	"r.example. A !refused",
	"d.example. A !drop",
	"b.example. A !bogus",
	"b.example. A 192.0.2.2",
	"t.example. A !truncate notcp",
	"*.w.example. A 192.0.2.3",
	"x.ent.example. A 192.0.2.4",
	"n.example. A !nodata",
	"f.example. A 192.0.2.5 ;; first=1",
	"f.example. A 192.0.2.6 ;; after=1",
	"slow.example. A !slow delay=2s",
	"slow.example. A 192.0.2.7",
};

/* A question on the wire; returns its length. */
static size_t ask(unsigned char *out, const char *name, unsigned type, unsigned flags)
{
	size_t n = 12;
	memset(out, 0, n);
	out[1] = 7;
	out[2] = 1; /* RD */
	out[3] = (unsigned char)flags;
	out[5] = 1;
	struct str rest = str_of(name), label;
	while (str_next(&rest, ".", &label)) {
		out[n++] = (unsigned char)label.len;
		memcpy(out + n, label.p, label.len);
		n += label.len;
	}
	out[n++] = 0;
	out[n++] = 0;
	out[n++] = (unsigned char)type;
	out[n++] = 0;
	out[n++] = 1;
	return n;
}

static const struct zone_case {
	const char *name;
	unsigned type, flags;
	enum lab_zone_way way;
	bool said;
	unsigned rcode, answers;
	bool tc;
	long long delay;
} zone_cases[] = {
	{ "a.example", TYPE_A, 0, ZONE_UDP, true, 0, 1, false, 0 },
	{ "A.EXAMPLE", TYPE_A, 0, ZONE_TCP, true, 0, 1, false, 0 },
	{ "a.example", TYPE_MX, 0, ZONE_UDP, true, 0, 0, false, 0 },
	{ "a.example", TYPE_TXT, 0, ZONE_UDP, true, 0, 1, false, 0 },
	{ "nope.example", TYPE_A, 0, ZONE_UDP, true, 3, 0, false, 0 },
	{ "ent.example", TYPE_A, 0, ZONE_UDP, true, 0, 0, false, 0 },
	{ "c.example", TYPE_A, 0, ZONE_UDP, true, 0, 2, false, 0 },
	{ "c.example", TYPE_CNAME, 0, ZONE_UDP, true, 0, 1, false, 0 },
	{ "loop.example", TYPE_A, 0, ZONE_UDP, true, 0, 12, false, 0 },
	{ "s.example", TYPE_TXT, 0, ZONE_UDP, true, 2, 0, false, 0 },
	{ "r.example", TYPE_A, 0, ZONE_UDP, true, 5, 0, false, 0 },
	{ "r.example", TYPE_MX, 0, ZONE_UDP, true, 0, 0, false, 0 },
	{ "d.example", TYPE_A, 0, ZONE_UDP, false, 0, 0, false, 0 },
	{ "b.example", TYPE_A, 0, ZONE_UDP, true, 2, 0, false, 0 },
	{ "b.example", TYPE_A, FLAG_CD, ZONE_UDP, true, 0, 1, false, 0 },
	{ "t.example", TYPE_A, 0, ZONE_UDP, true, 0, 0, true, 0 },
	{ "t.example", TYPE_A, 0, ZONE_TCP, false, 0, 0, false, 0 },
	{ "q.w.example", TYPE_A, 0, ZONE_UDP, true, 0, 1, false, 0 },
	{ "n.example", TYPE_A, 0, ZONE_UDP, true, 0, 0, false, 0 },
	{ "slow.example", TYPE_A, 0, ZONE_UDP, true, 0, 1, false, 2000 },
};

static void fill(struct lab_zone *z)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		assert_true(lab_zone_add(z, lines[i], NULL));
	lab_zone_secure(z, "a.example");
}

static void test_answers(void **state)
{
	(void)state;
	CLEANUP(lab_zone_free) struct lab_zone *z = lab_zone_new();
	fill(z);
	for (size_t i = 0; i < ARRAY_LEN(zone_cases); i++) {
		const struct zone_case *c = &zone_cases[i];
		unsigned char q[300];
		size_t n = ask(q, c->name, c->type, c->flags);
		CLEANUP(buf_clear) struct buf out = { 0 };
		long long delay;
		bool said = lab_zone_answer(z, q, n, c->way, &out, &delay);
		if (said != c->said)
			fail_msg("%s: said %d", c->name, said);
		if (!said)
			continue;
		const unsigned char *p = (const unsigned char *)out.data;
		if ((p[3] & 15u) != c->rcode || (unsigned)(p[6] << 8 | p[7]) != c->answers ||
		    ((p[2] & 2) != 0) != c->tc || delay != c->delay || p[1] != 7)
			fail_msg("%s type %u: rcode %u, %u answers", c->name, c->type, p[3] & 15u, p[7]);
	}
}

/* The last byte of the last A record of an answer. */
static unsigned last_byte(struct lab_zone *z, const char *name)
{
	unsigned char q[300];
	size_t n = ask(q, name, TYPE_A, 0);
	CLEANUP(buf_clear) struct buf out = { 0 };
	long long delay;
	assert_true(lab_zone_answer(z, q, n, ZONE_UDP, &out, &delay));
	return (unsigned char)out.data[out.len - 1];
}

static void test_changes_by_count(void **state)
{
	(void)state;
	CLEANUP(lab_zone_free) struct lab_zone *z = lab_zone_new();
	fill(z);
	assert_int_equal(last_byte(z, "f.example"), 5);
	assert_int_equal(last_byte(z, "f.example"), 6);
	assert_int_equal(last_byte(z, "f.example"), 6);
}

static void test_bad_packets(void **state)
{
	(void)state;
	CLEANUP(lab_zone_free) struct lab_zone *z = lab_zone_new();
	fill(z);
	unsigned char q[300];
	size_t n = ask(q, "a.example", TYPE_A, 0);
	for (size_t cut = 0; cut < n; cut++) {
		CLEANUP(buf_clear) struct buf out = { 0 };
		long long delay;
		assert_false(lab_zone_answer(z, q, cut, ZONE_UDP, &out, &delay));
	}
}

static const struct line_case {
	const char *line, *why;
} line_cases[] = {
	{ "a.example. A 192.0.2.1", NULL },
	{ "a.example. A 192.0.2.300", "no record" },
	{ "a.example.", "no zone line" },
	{ "a.example. COLOUR red", "unknown type" },
	{ "a.example. A !explode", "unknown fault" },
	{ "a.example. A !servfail colour", "unknown modifier" },
	{ "a.example. A 192.0.2.1 ;; first=1", NULL },
	{ "a.example. TLSA {tlsa:x}", NULL },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(line_cases); i++) {
		char why[120] = "";
		bool ok = lab_zone_check(line_cases[i].line, why, sizeof(why));
		if (ok != !line_cases[i].why || (!ok && !strstr(why, line_cases[i].why)))
			fail_msg("\"%s\": %s", line_cases[i].line, ok ? "taken" : why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_changes_by_count),
		cmocka_unit_test(test_bad_packets),
		cmocka_unit_test(test_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

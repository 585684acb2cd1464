/* SPDX-License-Identifier: Apache-2.0 */
/* batch/journal, batch/results, batch/seen: what a killed sender leaves is read again; results tell each row
 * once. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/results.h"

struct place {
	char folder[64], journal[96], results[96];
};

static struct place make_place(void)
{
	struct place p;
	snprintf(p.folder, sizeof(p.folder), "/tmp/batch-journal-XXXXXX");
	assert_non_null(mkdtemp(p.folder));
	snprintf(p.journal, sizeof(p.journal), "%s/j", p.folder);
	snprintf(p.results, sizeof(p.results), "%s/r.csv", p.folder);
	return p;
}

static void drop_place(const struct place *p)
{
	unlink(p->journal);
	unlink(p->results);
	assert_int_equal(rmdir(p->folder), 0);
}

static const struct journal_head head = {
	.id = "0123456789abcdef", .began_ms = 1795286869938, .template = { 1, 2 }, .separator = ';'
};

static struct journal_line line(unsigned run, uint64_t row, const char *id, unsigned code, const char *to,
				const char *words)
{
	return (struct journal_line){ .run = run,
				      .row = row,
				      .mark = { row, 7 },
				      .id = str_of(id),
				      .code = code,
				      .at_ms = 1795286869999,
				      .recipient = str_of(to),
				      .key = STR_LIT("k"),
				      .words = str_of(words) };
}

static void add(struct journal *j, struct journal_line l)
{
	struct err e = { 0 };
	assert_true(journal_add(j, &l, 1, &e));
}

static struct journal *begin(const struct place *p)
{
	struct err e = { 0 };
	struct journal *j = NULL;
	assert_int_equal(journal_open(p->journal, JOURNAL_SEND, &j, &e), 0);
	assert_true(journal_begin(p->journal, &head, &j, &e));
	return j;
}

static bool count_lines(void *ctx, const struct journal_line *l, long offset)
{
	(void)offset;
	*(size_t *)ctx += l->row > 0;
	return true;
}

static size_t lines_of(struct journal *j)
{
	struct err e = { 0 };
	size_t n = 0;
	assert_true(journal_each(j, count_lines, &n, &e));
	return n;
}

static long size_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return (long)st.st_size;
}

enum { MANY = 1500 };

static bool keep_offset(void *ctx, const struct journal_line *l, long offset)
{
	long *offsets = ctx;
	assert_in_range(l->row, 1, MANY);
	offsets[l->row - 1] = offset;
	return true;
}

static void check_line(struct journal *j, const long *offsets, size_t i, const char *words)
{
	struct err e = { 0 };
	struct journal_line l;
	assert_true(journal_at(j, offsets[i], &l, &e));
	assert_int_equal(l.row, i + 1);
	assert_true(str_eq(l.words, words + i % 700));
}

/* Lines of all lengths are found at their places, whatever was read before. */
static void test_places(void **state)
{
	(void)state;
	struct place p = make_place();
	struct journal *j = begin(&p);
	struct err e = { 0 };
	struct journal_line l;
	char words[1000];
	static long offsets[MANY];
	memset(words, 'w', sizeof(words));
	words[sizeof(words) - 1] = 0;
	for (size_t i = 0; i < MANY; i++)
		add(j, line(1, i + 1, "a", 250, "ann@example.com", words + i % 700));
	assert_true(journal_each(j, keep_offset, offsets, &e));
	for (size_t i = 0; i < MANY; i++)
		check_line(j, offsets, i, words);
	for (size_t i = MANY; i-- > 0;)
		check_line(j, offsets, i, words);
	for (size_t i = 0; i < MANY; i++)
		check_line(j, offsets, i * 7 % MANY, words);
	assert_false(journal_at(j, size_of(p.journal), &l, &e));
	journal_free(&j);
	drop_place(&p);
}

/* Cut at every byte: whole lines stay, half a line goes, and the next line is whole again. */
static void test_cut(void **state)
{
	(void)state;
	struct place p = make_place();
	struct journal *j = begin(&p);
	add(j, line(1, 2, "aaaaaaaaaaaaaaaaaa", 250, "ann@example.com", "250 ok\tof\r\ncourse"));
	long one = size_of(p.journal);
	add(j, line(1, 3, "", 0, "", "no address"));
	long two = size_of(p.journal);
	journal_free(&j);
	char bytes[1000];
	FILE *f = fopen(p.journal, "r");
	assert_int_equal(fread(bytes, 1, sizeof(bytes), f), two);
	fclose(f);
	for (long cut = two; cut >= one; cut--) {
		struct err e = { 0 };
		f = fopen(p.journal, "w");
		fwrite(bytes, 1, (size_t)cut, f);
		fclose(f);
		assert_int_equal(journal_open(p.journal, JOURNAL_SEND, &j, &e), 1);
		assert_string_equal(journal_head(j)->id, head.id);
		assert_int_equal(journal_head(j)->separator, ';');
		assert_int_equal(lines_of(j), cut == two ? 2 : 1);
		add(j, line(1, 4, "", 0, "", "x"));
		assert_int_equal(lines_of(j), cut == two ? 3 : 2);
		journal_free(&j);
	}
	drop_place(&p);
}

static void test_one_sender(void **state)
{
	(void)state;
	struct place p = make_place();
	struct err e = { 0 };
	struct journal *j = begin(&p), *other = NULL;
	assert_int_equal(journal_open(p.journal, JOURNAL_SEND, &other, &e), -1);
	assert_non_null(strstr(e.detail, "just now"));
	e = (struct err){ 0 };
	assert_int_equal(journal_open(p.journal, JOURNAL_LOOK, &other, &e), 1);
	journal_free(&other);
	journal_free(&j);
	FILE *f = fopen(p.journal, "w");
	fputs("something else\n", f);
	fclose(f);
	assert_int_equal(journal_open(p.journal, JOURNAL_SEND, &j, &e), -1);
	assert_non_null(strstr(e.detail, "no journal"));
	drop_place(&p);
}

static void add_row(void *ctx, const struct result *r)
{
	buf_addf(ctx, "%llu %s %s|", (unsigned long long)r->row, r->recipient, result_state(r));
}

/* In the order of the rows; what was not taken is told by the last run only. */
static void test_results(void **state)
{
	(void)state;
	struct place p = make_place();
	struct err e = { 0 };
	struct results_summary sum;
	CLEANUP(buf_clear) struct buf b = { 0 };
	const struct results_user u = { add_row, &b, false };
	struct journal *j = begin(&p);
	add(j, line(1, 5, "", 0, "", "no address"));
	add(j, line(1, 4, "", 550, "=cmd@example.com", "550 5.7.1 no"));
	add(j, line(1, 3, "aaaaaaaaaaaaaaaaaa", 250, "ann@example.com", "250 ok"));
	add(j, line(1, 3, "aaaaaaaaaaaaaaaaaa", 550, "bad@example.com", "550 5.1.1 no such user"));
	add(j, line(2, 4, "", 550, "=cmd@example.com", "550 5.7.1 no"));
	add(j, line(2, 2, "bbbbbbbbbbbbbbbbbb", 250, "ben@example.com", "250 ok"));
	assert_true(results_write(j, NULL, p.results, &u, &sum, &e));
	buf_add(&b, "", 1);
	assert_string_equal(b.data, "2 ben@example.com queued|3 ann@example.com queued|3 bad@example.com "
				    "not-handed-over|4 =cmd@example.com not-handed-over|");
	assert_int_equal(sum.n, 4);
	assert_int_equal(sum.count[STORE_QUEUED], 2);
	assert_false(results_well(&sum));
	char text[4000] = "";
	FILE *f = fopen(p.results, "r");
	text[fread(text, 1, sizeof(text) - 1, f)] = 0;
	fclose(f);
	assert_non_null(strstr(text, "row;recipient;state;meaning;"));
	assert_non_null(strstr(text, "\n4;'=cmd@example.com;not-handed-over;"));
	journal_free(&j);
	drop_place(&p);
}

static void test_seen(void **state)
{
	(void)state;
	struct seen s = { 0 };
	const struct str ab[] = { STR_LIT("a"), STR_LIT("b") }, joined[] = { STR_LIT("ab"), STR_LIT("") };
	assert_int_not_equal(seen_mark(ab, 2).low, seen_mark(joined, 2).low);
	for (uint64_t i = 1; i <= 5000; i++)
		assert_int_equal(seen_put(&s, (struct seen_mark){ i % 7, i * 64 }, i), 0);
	for (uint64_t i = 1; i <= 5000; i++)
		assert_int_equal(seen_put(&s, (struct seen_mark){ i % 7, i * 64 }, 1), i);
	assert_int_equal(seen_get(&s, (struct seen_mark){ 1, 1 }), 0);
	seen_clear(&s);
}

static const struct cell_case {
	const char *to, *words, *want; /* want: in the file */
} cell_cases[] = {
	{ "a@example.com", "plain", ";not sent: plain;" },
	{ "a@example.com", "=1+1", ";not sent: =1+1;" },
	{ "a@example.com", "x;=cmd|'/c'!A1", ";\"not sent: x;'=cmd|'/c'!A1\";" },
	{ "a@example.com", "x,@sum(1)", ";\"not sent: x,'@sum(1)\";" },
	{ "a@example.com", "x, -2", ";\"not sent: x,' -2\";" },
	{ "a@example.com", "x,'=2", ";\"not sent: x,''=2\";" },
	{ "a@example.com", "a, b", ";\"not sent: a, b\";" },
	{ "=1+1@example.com", "-", "\n2;'=1+1@example.com;" },
	{ "\"a;=b\"@example.com", "-", "\n2;\"\"\"a;'=b\"\"@example.com\";" },
	{ "\"=b\"@example.com", "-", "\n2;\"'\"\"=b\"\"@example.com\";" },
};

/* No cell is a formula, at whatever separator a spreadsheet parts them. */
static void test_cells(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cell_cases); i++) {
		const struct cell_case *c = &cell_cases[i];
		struct place p = make_place();
		struct err e = { 0 };
		struct results_summary sum;
		char text[2000] = "";
		struct journal *j = begin(&p);
		add(j, line(1, 2, "", 0, c->to, c->words));
		assert_true(results_write(j, NULL, p.results, NULL, &sum, &e));
		journal_free(&j);
		FILE *f = fopen(p.results, "r");
		(void)fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
		drop_place(&p);
		if (!strstr(text, c->want))
			fail_msg("%s: %s", c->want, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cut),     cmocka_unit_test(test_one_sender),
					    cmocka_unit_test(test_results), cmocka_unit_test(test_seen),
					    cmocka_unit_test(test_cells),   cmocka_unit_test(test_places) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* batch/csv: tables as spreadsheets write them, and errors with row and byte. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/buf.h"
#include "batch/csv.h"

static const struct csv_case {
	const char *name, *text;
	const char *rows; /* "[a|b][c|d]", the header first; NULL: refused */
	const char *detail;
	bool windows;
} cases[] = {
	{ "plain", "a,b\n1,2\n", "[a|b][1|2]", "", false },
	{ "CRLF, no last line end", "a,b\r\n1,2\r\n3,4", "[a|b][1|2][3|4]", "", false },
	{ "old Macs", "a,b\r1,2\r", "[a|b][1|2]", "", false },
	{ "semicolons", "a;b\n1,5;2\n", "[a|b][1,5|2]", "", false },
	{ "tabs", "a\tb\n1\t2\n", "[a|b][1|2]", "", false },
	{ "a mark",
	  "\xef\xbb\xbf"
	  "a;b\n1;2\n",
	  "[a|b][1|2]", "", false },
	{ "sep= line", "sep=;\r\na,x;b\r\n1;2\r\n", "[a,x|b][1|2]", "", false },
	{ "quotes", "a,b\n\"x, \"\"y\"\"\nz\",\"\"\n", "[a|b][x, \"y\"\nz|]", "", false },
	{ "a separator in the header's quotes", "\"a;a;a\",b\n1,2\n", "[a;a;a|b][1|2]", "", false },
	{ "blanks at the ends", " a , b \n 1 ,\" 2 \" \n", "[a|b][1|2]", "", false },
	{ "a quote within", "a,b\n5\" pipe,2\n", "[a|b][5\" pipe|2]", "", false },
	{ "empty rows", "a,b\n\n,\n1,2\n\n", "[a|b][1|2]", "", false },
	{ "rows of other lengths", "a,b\n1\n1,2,3\n", "[a|b][1][1|2|3]", "", false },
	{ "one column", "email\nann@example.com\n", "[email][ann@example.com]", "", false },
	{ "Windows-1252", "name\nM\xfcller\n\x80 5\n", "[name][M\xc3\xbcller][\xe2\x82\xac 5]", "", true },
	{ "UTF-8", "name\nM\xc3\xbcller\n", "[name][M\xc3\xbcller]", "", false },
	{ "half a character at the end", "name\nx\xc3", "[name][x\xc3\x83]", "", true },
	{ "nothing", "", NULL, "first row", false },
	{ "only blank lines", "\n\n", NULL, "first row", false },
	{ "an open quote", "a,b\n1,2\n\"3,4\n5,6\n", NULL, "never closed", false },
	{ "text behind a quote", "a,b\n\"x\"y,2\n", NULL, "doubled", false },
	{ "UTF-16",
	  "\xff\xfe"
	  "abc",
	  NULL, "UTF-16", false },
	{ "a spreadsheet", "PK\3\4xxxx", NULL, "spreadsheet", false },
};

static struct csv *open_text(const char *text, struct err *e)
{
	struct csv *c = NULL;
	FILE *f = tmpfile();
	assert_non_null(f);
	fputs(text, f);
	rewind(f);
	return csv_open(f, "t.csv", &c, e) ? c : NULL;
}

static void add_row(struct buf *b, const struct str *v, size_t n)
{
	buf_adds(b, "[");
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s" STR_FMT, i ? "|" : "", STR_ARG(v[i]));
	buf_adds(b, "]");
}

static bool read_all(struct csv *c, struct buf *b, struct err *e)
{
	const struct csv_row *row;
	const struct strlist *columns = csv_columns(c);
	int got;
	buf_adds(b, "[");
	for (size_t i = 0; i < columns->n; i++)
		buf_addf(b, "%s%s", i ? "|" : "", columns->v[i]);
	buf_adds(b, "]");
	while ((got = csv_next(c, &row, e)) > 0)
		add_row(b, row->v, row->n);
	buf_add(b, "", 1);
	return got == 0;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct csv_case *x = &cases[i];
		CLEANUP(buf_clear) struct buf b = { 0 };
		struct err e = { 0 };
		struct csv *c = open_text(x->text, &e);
		bool good = c && read_all(c, &b, &e);
		if (good != (x->rows != NULL) || (good && strcmp(b.data, x->rows) != 0) ||
		    (!good && !strstr(e.detail, x->detail)) || (good && csv_is_windows(c) != x->windows))
			fail_msg("%s: %s %s %s", x->name, good ? b.data : "refused", e.what, e.detail);
		csv_free(&c);
	}
}

/* Row and byte are those a person finds in the file. */
static void test_places(void **state)
{
	(void)state;
	struct err e = { 0 };
	const struct csv_row *row;
	struct csv *c = open_text("a,b\n1,2\n\n3,4\n\"x\"y,5\n", &e);
	assert_int_equal(csv_next(c, &row, &e), 1);
	assert_int_equal(row->number, 2);
	assert_int_equal(row->offset, 4);
	assert_int_equal(csv_next(c, &row, &e), 1);
	assert_int_equal(row->number, 4);
	assert_int_equal(row->offset, 9);
	assert_int_equal(csv_next(c, &row, &e), -1);
	assert_string_equal(e.what, "t.csv, row 5, byte 16");
	assert_true(csv_rewind(c, &e));
	assert_int_equal(csv_next(c, &row, &e), 1);
	assert_int_equal(row->number, 2);
	csv_free(&c);
}

/* Rows that lie across what is read at a time, and one that is too long. */
static void test_long(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct err e = { 0 };
	const struct csv_row *row;
	buf_adds(&b, "a,b\n");
	for (unsigned i = 0; i < 20000; i++)
		buf_addf(&b, "\"line %u\r\n\"\"%0*u\"\"\",x\r\n", i, (int)(i % 97), i);
	buf_add(&b, "", 1);
	struct csv *c = open_text(b.data, &e);
	unsigned n = 0;
	while (csv_next(c, &row, &e) > 0) {
		char want[200];
		snprintf(want, sizeof(want), "line %u\r\n\"%0*u\"", n, (int)(n % 97), n);
		assert_int_equal(row->n, 2);
		assert_true(str_eq(row->v[0], want));
		n++;
	}
	assert_int_equal(n, 20000);
	csv_free(&c);
	b.len = b.start = 0;
	buf_adds(&b, "a,b\n\"");
	for (unsigned i = 0; i < CSV_ROW_BYTES_MAX / 8 + 20000; i++)
		buf_adds(&b, "12345,7\n");
	buf_add(&b, "", 1);
	c = open_text(b.data, &e);
	assert_int_equal(csv_next(c, &row, &e), -1);
	assert_non_null(strstr(e.detail, "more than 1 MB"));
	csv_free(&c);
}

static void test_columns(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct csv *c = open_text("E-Mail,First name,amount\n", &e);
	const struct strlist *names = csv_columns(c);
	assert_int_equal(csv_column(names, STR_LIT("e-mail")), 0);
	assert_int_equal(csv_column(names, STR_LIT(" first name ")), 1);
	assert_int_equal(csv_column(names, STR_LIT("name")), names->n);
	assert_string_equal(csv_near(names, STR_LIT("ammount")), "amount");
	assert_null(csv_near(names, STR_LIT("street")));
	csv_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_places),
					    cmocka_unit_test(test_long), cmocka_unit_test(test_columns) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

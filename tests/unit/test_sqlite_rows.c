/* SPDX-License-Identifier: Apache-2.0 */
/* What a transaction leaves in the index: rows gathered in memory, each recipient as it is at its end. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "store/sqlite_marked.h"
#include "store/sqlite_rows.h"

enum { MANY = 5000, TO_VERY_MANY = 70000 };

static int begin(void **state)
{
	struct err e = { 0 };
	struct index *x;
	bool broken;
	if (!index_open(":memory:", INDEX_OWN, &x, &broken, &e))
		return 1;
	*state = x;
	return 0;
}

static int end(void **state)
{
	struct index *x = *state;
	index_close(&x);
	return 0;
}

static void put(struct index *x, uint64_t seq, uint32_t n, const char *lane)
{
	struct cell *v = rows_rcpt(x, seq, n);
	cell_i(&v[0], (int64_t)seq);
	cell_i(&v[1], n);
	cell_s(&v[2], str_of("anna@example.com"));
	cell_s(&v[3], str_of(""));
	cell_i(&v[4], 0);
	cell_s(&v[RCPT_LANE], str_of(lane));
	cell_i(&v[RCPT_STATE], STORE_QUEUED);
	cell_i(&v[RCPT_NEXT], 10);
	cell_i(&v[8], 99);
	cell_i(&v[RCPT_TRIES], 0);
	cell_s(&v[RCPT_FINDING], str_of(""));
	cell_i(&v[RCPT_CHANGED], 1);
}

static void note(struct index *x, uint64_t seq, uint32_t n, enum store_state state, unsigned tries,
		 unsigned code, const char *lane, int64_t event)
{
	const struct store_mark m = { .id = { seq, 0 },
				      .rcpt = n,
				      .state = state,
				      .tries = tries,
				      .code = code,
				      .lane = str_of(lane),
				      .at_ms = event,
				      .next_ms = 20 };
	rows_mark(x, &m, event);
}

static int64_t number(struct index *x, const char *sql)
{
	sqlite3_stmt *st;
	assert_int_equal(sqlite3_prepare_v2(x->db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* "state lane tries reply" of a recipient in the table; "-" no reply. */
static void expect(struct index *x, uint64_t seq, uint32_t n, const char *want)
{
	sqlite3_stmt *st;
	char sql[200];
	snprintf(sql, sizeof(sql),
		 "SELECT state || ' ' || lane || ' ' || tries || ' ' || coalesce(reply, '-') FROM rcpt "
		 "WHERE seq = %llu AND n = %u",
		 (unsigned long long)seq, n);
	assert_int_equal(sqlite3_prepare_v2(x->db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(st, 0), want);
	sqlite3_finalize(st);
}

static void flush(struct index *x)
{
	struct err e = { 0 };
	assert_int_equal(rows_flush(x, &e), INDEX_FINE);
	rows_drop(x);
}

/* One turn of a recipient's way: new rows and marks of one transaction, and the row that comes of it. */
static const struct way {
	const char *name;
	bool before; /* the recipient stands in the table already, in lane "old" */
	bool again;  /* and comes as a new row, too */
	unsigned marks;
	const char *lane; /* of the last mark */
	const char *want;
} ways[] = {
	{ "new, without a mark", false, true, 0, "", "1 mx 0 -" },
	{ "new, and marked twice", false, true, 2, "", "5 mx 2 102" },
	{ "new, and moved to a lane", false, true, 1, "smart", "5 smart 1 101" },
	{ "there, and marked", true, false, 2, "", "5 old 2 102" },
	{ "there, and moved to a lane", true, false, 1, "smart", "5 smart 1 101" },
	{ "there, and comes again as it was: a record read twice", true, true, 0, "", "1 old 0 -" },
	{ "there, comes again, and its marks too", true, true, 2, "", "5 old 2 102" },
};

static void test_ways(void **state)
{
	struct index *x = *state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		const struct way *w = &ways[i];
		print_message("%s\n", w->name);
		if (w->before) {
			put(x, i, 0, "old");
			flush(x);
		}
		if (w->again)
			put(x, i, 0, "mx");
		for (unsigned k = 1; k <= w->marks; k++)
			note(x, i, 0, STORE_DELAYED, k, 451, k == w->marks ? w->lane : "", 100 + k);
		flush(x);
		expect(x, i, 0, w->want);
	}
	assert_int_equal(number(x, "SELECT count(*) FROM rcpt"), ARRAY_LEN(ways));
}

/* Where one new row was there before, the marks of all new ones are written: of the others to no harm. */
static void test_one_of_many_was_there(void **state)
{
	struct index *x = *state;
	put(x, 7, 1, "old");
	flush(x);
	for (uint32_t n = 0; n < 3; n++) {
		put(x, 7, n, "mx");
		note(x, 7, n, STORE_HANDED_OVER, 1, 250, "", 200 + n);
	}
	flush(x);
	expect(x, 7, 0, "6 mx 1 200");
	expect(x, 7, 1, "6 old 1 201");
	expect(x, 7, 2, "6 mx 1 202");
}

/* A mark without a reply leaves the last one; one that stands twice is what it was first. */
static void test_replies_and_twins(void **state)
{
	struct index *x = *state;
	put(x, 1, 0, "first");
	put(x, 1, 0, "second");
	note(x, 1, 0, STORE_DELAYED, 1, 451, "", 300);
	note(x, 1, 0, STORE_SENDING, 2, 0, "", 301);
	flush(x);
	expect(x, 1, 0, "3 first 2 300");
	assert_int_equal(number(x, "SELECT changed FROM rcpt WHERE seq = 1"), 301);
}

static void test_dropped(void **state)
{
	struct index *x = *state;
	put(x, 1, 0, "mx");
	note(x, 1, 0, STORE_DELAYED, 1, 451, "", 400);
	rows_drop(x);
	flush(x);
	assert_int_equal(number(x, "SELECT count(*) FROM rcpt"), 0);
	put(x, 1, 0, "mx"); /* what was dropped is forgotten: no mark of it comes back */
	flush(x);
	expect(x, 1, 0, "1 mx 0 -");
}

static void add_word(struct index *x, int64_t bucket, const char *word, int64_t seq)
{
	struct cell *v = rows_add(x, ROWS_WORD);
	cell_i(&v[0], bucket);
	cell_s(&v[1], str_of(word));
	cell_i(&v[2], seq);
}

static void test_words(void **state)
{
	struct index *x = *state;
	static const char *const words[] = { "zoe", "an", "anna", "an", "b" };
	for (int64_t i = 0; i < (int64_t)ARRAY_LEN(words); i++)
		add_word(x, 1 + i % 2, words[i], 5);
	add_word(x, 1, "an", 4);
	flush(x);
	assert_int_equal(number(x, "SELECT count(*) FROM word"), 5);
	assert_int_equal(number(x, "SELECT count(*) FROM word WHERE word = CAST('an' AS BLOB)"), 2);
	add_word(x, 2, "an", 5);
	flush(x);
	assert_int_equal(number(x, "SELECT count(*) FROM word"), 5);
}

static void test_full(void **state)
{
	struct index *x = *state;
	for (uint32_t n = 0; n < ROWS_MAX; n++) {
		assert_false(rows_full(x));
		note(x, 1, n, STORE_DELAYED, 1, 0, "", 1);
	}
	assert_true(rows_full(x));
	rows_drop(x);
	assert_false(rows_full(x));
	assert_non_null(arena_raw(rows_texts(x), ROWS_TEXTS_MAX));
	assert_true(rows_full(x));
	rows_drop(x);
	assert_false(rows_full(x));
}

static void test_marked(void **state)
{
	struct marked k = { 0 };
	(void)state;
	for (unsigned turn = 0; turn < 2; turn++) { /* the second finds nothing of the first */
		for (uint32_t n = 0; n < MANY; n++)
			assert_true(marked_new(&k, n % 7, n, n));
		for (uint32_t n = 0; n < MANY; n++)
			assert_false(marked_new(&k, n % 7, n, 0));
		assert_int_equal(k.n, MANY);
		assert_true(k.nslots > 2 * k.n);
		const struct store_mark m = { .id = { 3, 0 }, .rcpt = MANY, .state = STORE_DELAYED };
		marked_note(&k, &m, 9);
		assert_int_equal(k.v[MANY].row, MARKED_NO_ROW);
		assert_false(marked_new(&k, 3, MANY, 1)); /* its mark came first: it is in the table */
		marked_drop(&k);
		assert_int_equal(k.n, 0);
	}
	for (uint32_t n = 0; n < TO_VERY_MANY; n++)
		marked_new(&k, 1, n, n);
	marked_drop(&k);
	assert_int_equal(k.nslots, 0); /* what a message to very many needed is given back */
	assert_true(marked_new(&k, 1, 1, 1));
	marked_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ways, begin, end),
		cmocka_unit_test_setup_teardown(test_one_of_many_was_there, begin, end),
		cmocka_unit_test_setup_teardown(test_replies_and_twins, begin, end),
		cmocka_unit_test_setup_teardown(test_dropped, begin, end),
		cmocka_unit_test_setup_teardown(test_words, begin, end),
		cmocka_unit_test_setup_teardown(test_full, begin, end),
		cmocka_unit_test(test_marked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

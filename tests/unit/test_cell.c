/* SPDX-License-Identifier: Apache-2.0 */
/* What spreadsheets leave in cells: blanks that nobody sees, and errors. */
#include "tests/unit/unit.h"

#include "base/arena.h"
#include "base/shell_word.h"
#include "batch/cell.h"

static void test_trim(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "" },
		{ " a b ", "a b" },
		{ "\xc2\xa0 a@b.example\xc2\xa0", "a@b.example" },
		{ "\xef\xbb\xbf\xe2\x80\x8b", "" },
		{ "M\xc3\xbcller\xe2\x80\x8b \xc2\xa0", "M\xc3\xbcller" },
		{ "\xc3\xa0", "\xc3\xa0" }, /* ends in a0, and is a letter */
		{ "a\xc2\xa0z", "a\xc2\xa0z" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!str_eq(cell_trim(str_of(rows[i].in)), rows[i].out))
			fail_msg("%zu: " STR_FMT, i, STR_ARG(cell_trim(str_of(rows[i].in))));
	assert_true(cell_has_unseen(STR_LIT("a\xe2\x80\x8b@b")));
	assert_false(cell_has_unseen(STR_LIT("j\xc3\xb6rg@b")));
}

static void test_errors(void **state)
{
	(void)state;
	static const char *const yes[] = { "#N/A",   "#NV",      "#REF!",   "#BEZUG!",
					   "#WERT!", "#VALEUR!", "#DIV/0!", "#NAME?",
					   "###",    "########", "Err:502", "#\xc2\xa1REF!" };
	static const char *const no[] = { "",     "#",    "##",    "#1",    "# 12",     "#123",
					  "#NVA", "Err:", "Err:x", "Error", "#hashtag", "No. #REF!" };
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (!cell_is_error(str_of(yes[i])))
			fail_msg("%s is an error", yes[i]);
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (cell_is_error(str_of(no[i])))
			fail_msg("%s is none", no[i]);
}

static void test_shell_words(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	assert_string_equal(shell_word(a, "a/b-1.csv"), "a/b-1.csv");
	assert_string_equal(shell_word(a, "my table.csv"), "'my table.csv'");
	assert_string_equal(shell_word(a, "O'Hara $(x).csv"), "'O'\\''Hara $(x).csv'");
	assert_string_equal(shell_word(a, ""), "''");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_shell_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

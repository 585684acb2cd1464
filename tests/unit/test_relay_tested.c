/* SPDX-License-Identifier: Apache-2.0 */
/* relay/tested: what is noted is found again, and nothing is written through a link that stands there. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "relay/tested.h"

struct place {
	char data[64], other[64];
	struct arena *arena;
};

static struct place make_place(void)
{
	struct place p = { .arena = arena_new() };
	snprintf(p.data, sizeof(p.data), "/tmp/tested-XXXXXX");
	assert_non_null(mkdtemp(p.data));
	snprintf(p.other, sizeof(p.other), "/tmp/tested-XXXXXX");
	assert_non_null(mkdtemp(p.other));
	return p;
}

static const char *in(const struct place *p, const char *folder, const char *name)
{
	return arena_printf(p->arena, "%s/%s", folder, name);
}

static void drop_place(struct place *p)
{
	assert_int_equal(rmdir(p->data), 0);
	assert_int_equal(rmdir(p->other), 0);
	arena_free(&p->arena);
}

static bool note(const struct place *p, const char *hash)
{
	struct err e = { 0 };
	return tested_note(p->data, "office", hash, "250 taken", &e);
}

static void test_found_again(void **state)
{
	(void)state;
	struct place p = make_place();
	assert_false(tested_has(p.data, "office", "aa"));
	assert_true(note(&p, "aa") && note(&p, "aa"));
	assert_true(tested_has(p.data, "office", "aa"));
	assert_true(note(&p, "bb")); /* its settings have changed */
	assert_true(tested_has(p.data, "office", "bb") && !tested_has(p.data, "office", "aa"));
	assert_int_equal(unlink(tested_path(p.data, "office", "bb", p.arena)), 0);
	assert_int_equal(rmdir(in(&p, p.data, "tested")), 0);
	drop_place(&p);
}

/* Who may write in the data folder must not have root write elsewhere for him. */
static void test_a_file_that_is_a_link(void **state)
{
	(void)state;
	struct place p = make_place();
	const char *aim = in(&p, p.other, "aim"), *path = tested_path(p.data, "office", "aa", p.arena);
	struct stat st;
	assert_int_equal(mkdir(in(&p, p.data, "tested"), 0755), 0);
	assert_int_equal(symlink(aim, path), 0);
	assert_true(note(&p, "aa"));
	assert_int_not_equal(access(aim, F_OK), 0);
	assert_true(!lstat(path, &st) && S_ISREG(st.st_mode) && st.st_size > 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(in(&p, p.data, "tested")), 0);
	drop_place(&p);
}

static void test_a_folder_that_is_a_link(void **state)
{
	(void)state;
	struct place p = make_place();
	assert_int_equal(symlink(p.other, in(&p, p.data, "tested")), 0);
	assert_false(note(&p, "aa"));
	assert_int_not_equal(access(in(&p, p.other, "office.aa"), F_OK), 0);
	assert_int_equal(unlink(in(&p, p.data, "tested")), 0);
	drop_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_again),
		cmocka_unit_test(test_a_file_that_is_a_link),
		cmocka_unit_test(test_a_folder_that_is_a_link),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A folder that cannot be written is looked into, after its owner has ended.  The linker puts our call
 * between the store and libc (--wrap): who runs tests may write anywhere. */
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/store_place.h"

static bool writable = true;

int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
int __wrap_access(const char *path, int mode)
{
	return mode == W_OK && !writable ? -1 : __real_access(path, mode);
}

static bool has(const char *folder, const char *name)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/%s", folder, name);
	return __real_access(path, F_OK) == 0;
}

/* Reads the trail in a folder of that name; true where it left a file of its own there. */
static bool look(struct place *p, struct store_id id, const char *folder)
{
	struct err e = { 0 };
	struct store *s = NULL;
	const struct store_options o = { .path = folder, .mode = STORE_READ, .now_ms = p->now };
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	if (!store_open(&o, &s, &e))
		fail_msg("%s: %s %s", folder, e.what, e.detail);
	assert_int_equal(store_trail(s, id, a, &t, &e), 1);
	bool left = has(folder, "index.db-shm");
	store_close(&s);
	return left;
}

static void test_names(void **state)
{
	static const char *const ends[] = { "", " a", "%41", "?mode=memory", "#1", "\xc3\xbc" };
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "rests");
	store_close(&p->s);
	assert_false(has(p->path, "index.db-wal"));
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		CLEANUP(mem_free) char *folder = mem_printf("%s%s", p->path, ends[i]);
		assert_false(rename(p->path, folder));
		writable = false;
		bool left = look(p, id, folder);
		writable = true;
		assert_false(rename(folder, p->path));
		assert_false(left);
	}
	assert_true(look(p, id, p->path)); /* where it may, it makes one */
	reopen(p);
}

/* What an owner still has in its log is not passed over. */
static void test_owner_runs(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "rests");
	assert_true(has(p->path, "index.db-wal"));
	writable = false;
	assert_true(look(p, id, p->path));
	writable = true;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, begin, end),
		cmocka_unit_test_setup_teardown(test_owner_runs, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

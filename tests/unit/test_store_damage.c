/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that were changed on the disk: what they belonged to is said, and all else is as it was. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/store_place.h"

static void damage(struct place *p, const char *name, const char *needle, size_t n)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	FILE *f = fopen(path, "r+");
	assert_non_null(f);
	CLEANUP(mem_free) char *all = mem_alloc(4 << 20);
	size_t len = fread(all, 1, 4 << 20, f);
	char *at = memmem(all, len, needle, strlen(needle));
	assert_non_null(at);
	fseek(f, at - all, SEEK_SET);
	for (size_t i = 0; i < n; i++)
		fputc('#', f);
	fclose(f);
}

static struct store_id accept_text(struct place *p, const char *address, const char *text)
{
	struct store_rcpt r = rcpt(address, "lane");
	struct store_message m = { .rcpts = &r, .nrcpts = 1 };
	return accept_message(p, &m, text).id;
}

/* One message's bytes were changed on the disk: it says so, and all others are as they were. */
static void test_damaged_body(void **state)
{
	struct place *p = *state;
	struct store_id ids[3];
	struct err e = { 0 };
	for (int i = 0; i < 3; i++)
		ids[i] = accept_text(p, "a@example.net", i == 1 ? "needle in it" : "good");
	damage(p, "bodies/0000000001.seg", "needle", 3);
	expect_body(store_body_open(p->s, ids[1], &e), STR_LIT("needle in it")); /* from memory, once */
	for (int round = 0; round < 2; round++) {
		err_clear(&e);
		assert_null(store_body_open(p->s, ids[1], &e));
		assert_non_null(strstr(e.detail, "checksum"));
		expect_body(store_body_open(p->s, ids[0], &e), STR_LIT("good"));
		expect_body(store_body_open(p->s, ids[2], &e), STR_LIT("good"));
		assert_int_equal(state_of(p, ids[1], 0), STORE_QUEUED);
		reopen(p);
	}
	/* Without its index the damaged record is passed over, and that is said. */
	store_close(&p->s);
	char path[128];
	snprintf(path, sizeof(path), "%s/index.db", p->path);
	unlink(path);
	open_store(p);
	accept_text(p, "b@example.net", "another segment");
	store_close(&p->s);
	unlink(path);
	store_reports = 0;
	reopen_reporting(p);
	assert_int_equal(store_reports, 1);
	expect_body(store_body_open(p->s, ids[0], &e), STR_LIT("good"));
	expect_body(store_body_open(p->s, ids[2], &e), STR_LIT("good"));
	assert_int_equal(found(p, (struct store_query){ .recipient = STR_LIT("a@example.net") }), 2);
}

/* Pages inside the index are damaged: it opens, and shows only when they are read. */
static void test_damaged_page(void **state)
{
	struct place *p = *state;
	enum { MANY = 400 };
	struct store_id ids[MANY];
	char path[128];
	for (int i = 0; i < MANY; i++)
		ids[i] = accept_one(p, "a@example.net", "Invoice of November");
	store_close(&p->s);
	snprintf(path, sizeof(path), "%s/index.db", p->path);
	FILE *f = fopen(path, "r+");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	long pages = ftell(f) / 4096;
	for (long i = 12; i < pages; i++) { /* tables and their roots stand before */
		fseek(f, i * 4096, SEEK_SET);
		for (int k = 0; k < 64; k++)
			fputc(0xff, f);
	}
	fclose(f);
	store_reports = 0;
	reopen_reporting(p);
	assert_true(store_reports > 0);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(state_of(p, ids[i], 0), STORE_QUEUED);
	struct store_claim c[MANY + 1];
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, NOW, 1, c, MANY + 1), MANY);
}

static void change_index(struct place *p, const char *sql)
{
	char path[128];
	sqlite3 *db;
	snprintf(path, sizeof(path), "%s/index.db", p->path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* A number that SQLite takes for good and that no message has: no memory is asked for so many recipients, the
 * index is made anew. */
static void test_damaged_number(void **state)
{
	static const char *const changes[] = { "UPDATE message SET nrcpts = 4000000000",
					       "UPDATE message SET nrcpts = -1" };
	struct place *p = *state;
	struct store_id id = accept_text(p, "a@example.net", "good");
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		store_close(&p->s);
		change_index(p, changes[i]);
		store_reports = 0;
		reopen_reporting(p);
		assert_true(store_reports > 0);
		assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
		struct err e = { 0 };
		expect_body(store_body_open(p->s, id, &e), STR_LIT("good"));
	}
	/* Met while it runs. */
	change_index(p, changes[0]);
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	assert_int_equal(store_trail(p->s, id, a, &t, &e), -1);
	assert_non_null(strstr(e.detail, "made anew"));
	store_settle(p->s);
	assert_int_equal(store_trail(p->s, id, a, &t, &e), 1);
	assert_int_equal(t.message.nrcpts, 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_damaged_body),
		T(test_damaged_page),
		cmocka_unit_test_setup_teardown(test_damaged_number, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

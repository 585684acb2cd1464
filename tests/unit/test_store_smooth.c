/* SPDX-License-Identifier: Apache-2.0 */
/* What is written to a database's file reaches the disk a few bytes at a time. */
#include "store/sqlite_smooth_inner.h"
#include "tests/unit/unit.h"

struct fake {
	sqlite3_file file;
	int written, synced, syncs; /* bytes, bytes, times */
	int write_rc, sync_rc;
};

static int fake_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct fake *f = (struct fake *)file;
	(void)bytes;
	(void)at;
	f->written += f->write_rc ? 0 : n;
	return f->write_rc;
}

static int fake_sync(sqlite3_file *file, int flags)
{
	struct fake *f = (struct fake *)file;
	(void)flags;
	f->synced = f->written;
	f->syncs++;
	return f->sync_rc;
}

static const sqlite3_io_methods fake_methods = { .iVersion = 1, .xWrite = fake_write, .xSync = fake_sync };

enum { PAGE = 4096, PAGES = SMOOTH_BYTES / PAGE };

static int write_pages(struct fake *f, int n)
{
	static const char page[PAGE];
	int rc = SQLITE_OK;
	for (int i = 0; i < n && rc == SQLITE_OK; i++)
		rc = f->file.pMethods->xWrite(&f->file, page, PAGE, 0);
	return rc;
}

static void test_never_more_than_a_little_unsynced(void **state)
{
	(void)state;
	struct fake f = { .file = { &fake_methods } };
	struct smooth s;
	smooth_take(&s, &f.file);
	for (int i = 0; i < 10 * PAGES; i++) {
		assert_int_equal(write_pages(&f, 1), SQLITE_OK);
		assert_true(f.written - f.synced < SMOOTH_BYTES);
	}
	assert_int_equal(f.syncs, 10);
}

static void test_a_sync_begins_anew(void **state)
{
	(void)state;
	struct fake f = { .file = { &fake_methods } };
	struct smooth s;
	smooth_take(&s, &f.file);
	write_pages(&f, PAGES - 1);
	f.file.pMethods->xSync(&f.file, SQLITE_SYNC_NORMAL);
	write_pages(&f, PAGES - 1);
	assert_int_equal(f.syncs, 1);
}

static void test_faults_are_told(void **state)
{
	(void)state;
	struct fake f = { .file = { &fake_methods }, .sync_rc = SQLITE_IOERR_FSYNC };
	struct smooth s;
	smooth_take(&s, &f.file);
	assert_int_equal(write_pages(&f, PAGES), SQLITE_IOERR_FSYNC);
	f.write_rc = SQLITE_FULL;
	assert_int_equal(write_pages(&f, 1), SQLITE_FULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never_more_than_a_little_unsynced),
		cmocka_unit_test(test_a_sync_begins_anew),
		cmocka_unit_test(test_faults_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

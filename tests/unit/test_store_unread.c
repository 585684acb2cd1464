/* SPDX-License-Identifier: Apache-2.0 */
/* The index can't be read for a moment: what came before is not known, and nothing is made of that. */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/store_place.h"

static enum { WELL, UNREAD, GARBAGE } disk; /* as SQLite sees it; atomic */

static ssize_t sqlite_pread(int fd, void *p, size_t n, off_t at)
{
	if (__atomic_load_n(&disk, __ATOMIC_SEQ_CST) == UNREAD) {
		errno = EIO;
		return -1;
	}
	ssize_t got = pread(fd, p, n, at);
	if (__atomic_load_n(&disk, __ATOMIC_SEQ_CST) == GARBAGE && got >= 512)
		memset(p, 0xff, (size_t)got);
	return got;
}

static void set_disk(int to)
{
	__atomic_store_n(&disk, to, __ATOMIC_SEQ_CST);
}

static struct store_done with_key(struct place *p, size_t nrcpts)
{
	struct store_rcpt r[] = { rcpt("a@example.net", "lane"), rcpt("b@example.net", "lane") };
	struct store_message m = { .key = STR_LIT("k"), .rcpts = r, .nrcpts = nrcpts };
	return accept_message(p, &m, "x");
}

static void fails_at(struct place *p, int how)
{
	accept_one(p, "c@example.net", "so that the reader looks at the disk again");
	set_disk(how);
}

/* Kept house each minute: what could not be made anew is tried again. */
static void heal(struct place *p)
{
	set_disk(WELL);
	tidy(p);
	for (int i = 0; i < 5; i++)
		store_settle(p->s);
}

static void test_key(void **state)
{
	struct place *p = *state;
	struct store_rcpt r = rcpt("d@example.net", "lane");
	assert_int_equal(with_key(p, 1).verdict, STORE_DONE);
	for (int i = 0; i < 300; i++) { /* so many that memory does not keep them */
		char key[16];
		snprintf(key, sizeof(key), "other %d", i);
		struct store_message m = { .key = str_of(key), .rcpts = &r, .nrcpts = 1 };
		assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DONE);
	}
	store_settle(p->s);
	for (size_t nrcpts = 1; nrcpts <= 2; nrcpts++)
		for (int how = UNREAD; how <= GARBAGE; how++) {
			fails_at(p, how);
			struct store_done d = with_key(p, nrcpts);
			heal(p);
			assert_int_equal(d.verdict, STORE_FAILED);
			assert_int_not_equal(d.err.kind, ERR_NONE);
		}
	/* The second recipient is new still. */
	struct store_done d = with_key(p, 2);
	assert_int_equal(d.verdict, STORE_DONE);
	assert_int_equal(d.duplicates, 1);
	assert_int_equal(with_key(p, 2).verdict, STORE_DUPLICATE);
}

static void test_report(void **state)
{
	struct place *p = *state;
	for (int how = UNREAD; how <= GARBAGE; how++) {
		struct store_id id = accept_one(p, "a@example.net", "ends");
		struct store_mark m = { .id = id, .state = STORE_HANDED_OVER, .at_ms = p->now };
		assert_int_equal(mark(p, m), STORE_DONE);
		store_settle(p->s);
		fails_at(p, how);
		m.state = STORE_BOUNCED;
		enum store_verdict v = mark(p, m);
		heal(p);
		assert_int_equal(v, STORE_FAILED);
		assert_int_equal(mark(p, m), STORE_DONE);
		assert_int_equal(state_of(p, id, 0), STORE_BOUNCED);
	}
}

int main(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	vfs->xSetSystemCall(vfs, "pread", (sqlite3_syscall_ptr)sqlite_pread);
	vfs->xSetSystemCall(vfs, "pread64", (sqlite3_syscall_ptr)sqlite_pread);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_key, begin, end),
		cmocka_unit_test_setup_teardown(test_report, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

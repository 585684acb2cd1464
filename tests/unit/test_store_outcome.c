/* SPDX-License-Identifier: Apache-2.0 */
/* When outcomes wake who takes them: at once, or a moment later where nobody waits for them; and what is told
 * of a key that came before.  The linker puts our fdatasync before libc's (--wrap). */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "tests/unit/store_place.h"

enum { LONG_MS = 20000 };

static atomic_bool idle; /* nobody waits for what is done now */

static atomic_bool broken; /* the disk */
static atomic_bool stops;  /* the store's thread does, at the next outcome, */
static sem_t here, go;     /* is there, and goes on */

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
	if (!atomic_load(&broken))
		return __real_fdatasync(fd);
	errno = EIO;
	return -1;
}

static bool on_done(void *user, const struct store_done *d)
{
	(void)user;
	(void)d;
	if (atomic_exchange(&stops, false)) {
		sem_post(&here);
		sem_wait(&go);
	}
	return atomic_load(&idle);
}

static void open_told(struct place *p)
{
	struct err e = { 0 };
	struct store_options o = options(p);
	o.done = on_done;
	store_close(&p->s);
	assert_true(store_open(&o, &p->s, &e));
}

static void submit_with_key(struct place *p, const char *key)
{
	struct err e = { 0 };
	struct store_body *b = store_body_begin(p->s);
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .arrived_ms = p->now, .key = str_of(key), .rcpts = &r, .nrcpts = 1 };
	assert_true(store_body_append(b, STR_LIT("x\r\n"), &e));
	assert_true(store_accept(p->s, &b, &m, p, &e));
}

static void submit_one(struct place *p, bool is_idle)
{
	atomic_store(&idle, is_idle);
	submit_with_key(p, "");
	store_settle(p->s);
}

static bool is_told(struct place *p, int ms)
{
	struct pollfd fd = { .fd = store_wake_fd(p->s), .events = POLLIN };
	return poll(&fd, 1, ms) == 1;
}

static void expect_taken(struct place *p, size_t n)
{
	struct store_done d[8];
	assert_int_equal(store_take_done(p->s, d, ARRAY_LEN(d)), n);
	assert_int_equal(store_take_done(p->s, d, ARRAY_LEN(d)), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(d[i].verdict, STORE_DONE);
}

static void test_told_a_moment_later(void **state)
{
	struct place *p = *state;
	open_told(p);
	for (int i = 0; i < 3; i++) {
		submit_one(p, true);
		assert_true(is_told(p, LONG_MS));
		expect_taken(p, 1);
	}
	submit_one(p, true);
	expect_taken(p, 1); /* whoever looks finds it before */
}

static void test_told_with_the_next(void **state)
{
	struct place *p = *state;
	open_told(p);
	for (int i = 0; i < 3; i++) {
		submit_one(p, true);
		submit_one(p, true);
		submit_one(p, false);
		assert_true(is_told(p, 0));
		expect_taken(p, 3);
		submit_one(p, false);
		assert_true(is_told(p, 0));
		expect_taken(p, 1);
	}
}

/* Those keys in one group of the store's. */
static size_t submit_group(struct place *p, const char *const *keys, struct store_done out[8], bool is_broken)
{
	atomic_store(&idle, false);
	atomic_store(&stops, true);
	submit_with_key(p, "");
	sem_wait(&here);
	for (; *keys; keys++)
		submit_with_key(p, *keys);
	atomic_store(&broken, is_broken);
	sem_post(&go);
	store_settle(p->s);
	atomic_store(&broken, false);
	return store_take_done(p->s, out, 8) - 1;
}

/* The message that it is like may not be there yet: nothing is told of it before it is. */
static void test_like_one_of_its_group(void **state)
{
	struct place *p = *state;
	struct store_done d[8];
	open_told(p);
	const char *const keys[] = { "k", "k", "w\0361", "w\0361", "w\0362", NULL };
	assert_int_equal(submit_group(p, keys, d, true), 5);
	for (size_t i = 1; i <= 5; i++)
		assert_int_equal(d[i].verdict, STORE_FAILED);
	assert_int_equal(submit_group(p, keys, d, false), 5);
	const enum store_verdict want[] = { STORE_DONE, STORE_DONE, STORE_DUPLICATE, STORE_DUPLICATE,
					    STORE_SPENT };
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(d[i + 1].verdict, want[i]);
	assert_int_equal(d[3].id.seq, d[1].id.seq);
	assert_int_equal(d[4].id.seq, d[2].id.seq);
	assert_int_equal(d[5].id.seq, d[2].id.seq);
}

/* A key with a print of the content is one of all recipients. */
static void test_key_of_one_content(void **state)
{
	struct place *p = *state;
	struct store_rcpt r[2] = { rcpt("a@example.net", "lane"), rcpt("b@example.net", "lane") };
	struct store_message m = { .account = STR_LIT("app"), .rcpts = r, .nrcpts = 2 };
	m.key = STR_LIT("k\0361");
	struct store_id first = accept_message(p, &m, "x").id;
	static const struct {
		const char *account, *key;
		size_t from, n;
		enum store_verdict want;
	} cases[] = {
		{ "app", "k\0361", 0, 2, STORE_DUPLICATE }, { "app", "k\0361", 1, 1, STORE_DUPLICATE },
		{ "app", "k\0362", 0, 2, STORE_SPENT },     { "app", "k\0362", 0, 1, STORE_SPENT },
		{ "app", "k\036", 1, 1, STORE_SPENT },
	};
	for (int round = 0; round < 2; round++, reopen(p))
		for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
			m.account = str_of(cases[i].account);
			m.key = str_of(cases[i].key);
			m.rcpts = r + cases[i].from;
			m.nrcpts = cases[i].n;
			struct store_done d = accept_message(p, &m, "x");
			assert_int_equal(d.verdict, cases[i].want);
			assert_int_equal(d.id.seq, first.seq);
		}
	m.account = STR_LIT("other");
	assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DONE);
	m.account = STR_LIT("app");
	m.key = STR_LIT("k");
	assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DONE);
}

int main(void)
{
	sem_init(&here, 0, 0);
	sem_init(&go, 0, 0);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_told_a_moment_later, begin, end),
		cmocka_unit_test_setup_teardown(test_told_with_the_next, begin, end),
		cmocka_unit_test_setup_teardown(test_like_one_of_its_group, begin, end),
		cmocka_unit_test_setup_teardown(test_key_of_one_content, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* An index that is damaged and can't be made anew for now: that is tried again by itself, later and later.
 * Time is ours: who waits for long is told at once that it is over. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/bad_disk.h"

enum { LONG_MS = 500, TRIES = 9, DEADLINE_S = 60 };

static long waited_ms[TRIES];
static unsigned waits; /* atomic */

static long ms_until(const struct timespec *t)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (t->tv_sec - now.tv_sec) * 1000 + (t->tv_nsec - now.tv_nsec) / 1000000;
}

int __real_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t);
int __wrap_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t);
int __wrap_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t)
{
	long ms = ms_until(t);
	if (ms < LONG_MS)
		return __real_pthread_cond_timedwait(c, m, t);
	unsigned n = __atomic_load_n(&waits, __ATOMIC_RELAXED);
	if (n < TRIES)
		waited_ms[n] = ms;
	__atomic_store_n(&waits, n + 1, __ATOMIC_RELEASE);
	pthread_mutex_unlock(m);
	sched_yield();
	pthread_mutex_lock(m);
	return ETIMEDOUT;
}

static void damage(struct place *p)
{
	char path[128];
	sqlite3 *db;
	snprintf(path, sizeof(path), "%s/index.db", p->path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE message SET nrcpts = -1", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void meet_damage(struct place *p, struct store_id id)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	assert_int_equal(store_trail(p->s, id, a, &t, &e), -1);
}

static bool stands_still(struct place *p)
{
	struct store_health h;
	store_health(p->s, &h);
	return h.index_err.kind != ERR_NONE;
}

/* Nothing comes meanwhile: no mail, no question, no minute's housekeeping. */
static void test_tried_again(void **state)
{
	static const long want_ms[TRIES] = { 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000 };
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x");
	reopen_reporting(p);
	damage(p);
	bad_disk.names_fail = true;
	meet_damage(p, id);
	while (__atomic_load_n(&waits, __ATOMIC_ACQUIRE) < TRIES)
		sched_yield();
	assert_true(stands_still(p));
	bad_disk_well();
	while (stands_still(p))
		sched_yield();
	for (size_t i = 0; i < TRIES; i++)
		assert_in_range(waited_ms[i], want_ms[i] / 2, want_ms[i]);
	assert_int_equal(place_known(p, "a@example.net"), 1);
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_tried_again, begin, end) };
	alarm(DEADLINE_S); /* what never happens is no success */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

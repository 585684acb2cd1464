/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a group waits for, and whom not: indexer_keep_pace().  The clock is ours. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "store/embedded_inner.h"

enum { TURNS_MAX = 20 };

static struct embedded s;
static unsigned waited;
static size_t a_turn; /* what the indexer commits while a group waits once; 0: nothing, and time runs out */
static bool away_after;

int __wrap_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t);

int __wrap_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t)
{
	(void)t;
	assert_ptr_equal(c, &s.index_idle);
	assert_ptr_equal(m, &s.index_lock);
	assert_true(++waited < TURNS_MAX);
	s.index_pending -= a_turn;
	s.index_away = away_after;
	return a_turn || away_after ? 0 : ETIMEDOUT;
}

static const struct pace_case {
	const char *name;
	size_t pending, a_turn;
	bool stopped, away, stands_still, away_after;
	unsigned waits;
	size_t left;
} cases[] = {
	{ "few are behind", INDEX_AHEAD, 1, false, false, false, false, 0, INDEX_AHEAD },
	{ "one too many", INDEX_AHEAD + 1, 1, false, false, false, false, 1, INDEX_AHEAD },
	{ "until enough are in", INDEX_AHEAD + 10, 4, false, false, false, false, 3, INDEX_AHEAD - 2 },
	{ "not for ever", INDEX_AHEAD + 10, 0, false, false, false, false, 1, INDEX_AHEAD + 10 },
	{ "nobody is there", INDEX_LAG, 4, true, false, false, false, 0, INDEX_LAG },
	{ "it is made anew", INDEX_LAG, 4, false, true, false, false, 0, INDEX_LAG },
	{ "it stands still", INDEX_LAG, 4, false, false, true, false, 0, INDEX_LAG },
	{ "it goes away meanwhile", INDEX_LAG, 0, false, false, false, true, 1, INDEX_LAG },
};

static void test_keep_pace(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct pace_case *c = &cases[i];
		print_message("%s\n", c->name);
		waited = 0;
		a_turn = c->a_turn;
		away_after = c->away_after;
		s.index_pending = c->pending;
		s.indexer_runs = !c->stopped;
		s.index_away = c->away;
		s.index_err.kind = c->stands_still ? ERR_SYS : ERR_NONE;
		indexer_keep_pace(&s);
		assert_int_equal(waited, c->waits);
		assert_int_equal(s.index_pending, c->left);
		assert_int_equal(pthread_mutex_trylock(&s.index_lock), 0); /* which it leaves open */
		pthread_mutex_unlock(&s.index_lock);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_keep_pace) };
	pthread_mutex_init(&s.index_lock, NULL);
	pthread_cond_init(&s.index_idle, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Mail that comes again, and reports about mail that has ended: who sends beside it waits for the index only
 * where that must still learn what became of that very mail.  The linker counts who waits (--wrap). */
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>

#include "store/embedded_inner.h"
#include "tests/unit/store_place.h"

static unsigned waits;
static bool stands_still; /* what is waited for does not come; atomic */

void __real_indexer_flush(struct embedded *s);
void __wrap_indexer_flush(struct embedded *s);
void __wrap_indexer_flush(struct embedded *s)
{
	__atomic_add_fetch(&waits, 1, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&stands_still, __ATOMIC_SEQ_CST))
		__real_indexer_flush(s);
}

/* store_settle would wait for the index itself. */
static struct store_done answer(struct place *p)
{
	struct store_done d = { 0 };
	struct pollfd fd = { store_wake_fd(p->s), POLLIN, 0 };
	while (!store_take_done(p->s, &d, 1))
		poll(&fd, 1, -1);
	return d;
}

static struct store_done send_mail(struct place *p, const char *key)
{
	struct err e = { 0 };
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = {
		.arrived_ms = p->now, .key = str_of(key), .key_renews = true, .rcpts = &r, .nrcpts = 1
	};
	struct store_body *b = store_body_begin(p->s);
	assert_true(store_body_append(b, STR_LIT("text"), &e));
	assert_true(store_accept(p->s, &b, &m, NULL, &e));
	return answer(p);
}

static enum store_verdict end_as(struct place *p, struct store_id id, enum store_state state)
{
	struct err e = { 0 };
	const struct store_mark m = { .id = id, .state = state, .at_ms = p->now, .next_ms = STORE_NEVER };
	assert_true(store_mark(p->s, &m, 1, NULL, &e));
	return answer(p).verdict;
}

static const struct again_case {
	const char *name, *key;
	enum store_state ended;
	enum store_verdict again;
} again_cases[] = {
	{ "refused: it is sent again", "<1@example.com>", STORE_REFUSED, STORE_DONE },
	{ "handed over: it is not", "<2@example.com>", STORE_HANDED_OVER, STORE_DUPLICATE },
};

static void test_long_ended(void **state)
{
	struct place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(again_cases); i++) {
		const struct again_case *c = &again_cases[i];
		struct store_id id = send_mail(p, c->key).id;
		assert_int_equal(end_as(p, id, c->ended), STORE_DONE);
		store_settle(p->s);
		send_mail(p, "<new@example.com>"); /* others come meanwhile, and the index does not know them
						      yet */
		waits = 0;
		struct store_done d = send_mail(p, c->key);
		if (d.verdict != c->again || waits)
			fail_msg("%s: %d, %u waited", c->name, (int)d.verdict, waits);
	}
}

static void test_report_of_long_ended(void **state)
{
	struct place *p = *state;
	struct store_id id = send_mail(p, "<1@example.com>").id;
	assert_int_equal(end_as(p, id, STORE_HANDED_OVER), STORE_DONE);
	store_settle(p->s);
	waits = 0;
	assert_int_equal(end_as(p, id, STORE_BOUNCED), STORE_DONE);
	assert_int_equal(waits, 0);
	store_settle(p->s);
	assert_int_equal(state_of(p, id, 0), STORE_BOUNCED);
}

/* One letter an event: . the dot, D in doubt, d delayed, R refused, E expired, C cancelled, H handed over,
 * B bounced. */
static const struct doubt_case {
	const char *name, *events;
	enum store_verdict again;
} doubt_cases[] = {
	{ "refused at the dot: nobody has it", ".R", STORE_DONE },
	{ "refused behind a doubt: one may have it", ".DR", STORE_DUPLICATE },
	{ "expired behind a doubt", ".DdE", STORE_DUPLICATE },
	{ "its time was over at the dot", ".E", STORE_DUPLICATE },
	{ "expired and never in doubt", "dE", STORE_DONE },
	{ "withdrawn while in doubt", ".DC", STORE_DUPLICATE },
	{ "withdrawn before it left", "dC", STORE_DONE },
	{ "sent again behind a doubt, and come back", ".DHB", STORE_DONE },
};

static void go_through(struct place *p, struct store_id id, const char *events)
{
	static const enum store_state states[128] = {
		['.'] = STORE_SENDING,     ['D'] = STORE_IN_DOUBT, ['d'] = STORE_DELAYED,
		['R'] = STORE_REFUSED,     ['E'] = STORE_EXPIRED,  ['C'] = STORE_CANCELLED,
		['H'] = STORE_HANDED_OVER, ['B'] = STORE_BOUNCED,
	};
	struct store_claim c = { .epoch = 0 };
	if (*events == '.')
		assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, p->now, 60000, &c, 1), 1);
	for (; *events; events++) {
		struct err e = { 0 };
		bool dot = *events == '.';
		const struct store_mark m = { .id = id,
					      .epoch = c.epoch,
					      .keep_claim = dot,
					      .state = states[(unsigned char)*events],
					      .dot = dot,
					      .code = *events == 'd' ? 451 : 0,
					      .at_ms = p->now,
					      .next_ms = STORE_NEVER };
		assert_true(store_mark(p->s, &m, 1, NULL, &e));
		assert_int_equal(answer(p).verdict, STORE_DONE);
		c.epoch = dot ? c.epoch : 0;
	}
}

/* A copy that was never answered protects however it ended: over a restart, too. */
static void test_may_have_arrived(void **state)
{
	struct place *p = *state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(doubt_cases); i++) {
		const struct doubt_case *c = &doubt_cases[i / 2];
		char key[32];
		snprintf(key, sizeof(key), "<%zu@doubt.example>", i);
		struct store_id id = send_mail(p, key).id;
		go_through(p, id, c->events);
		if (i % 2)
			reopen(p);
		struct store_done d = send_mail(p, key);
		if (d.verdict != c->again || d.in_vain)
			fail_msg("%s: %d", c->name, (int)d.verdict);
		assert_int_equal(d.verdict == STORE_DUPLICATE, store_id_same(d.id, id));
		if (d.verdict == STORE_DONE) /* the next claim is not of this one */
			assert_int_equal(end_as(p, d.id, STORE_CANCELLED), STORE_DONE);
	}
}

/* What the index does not know yet counts all the same: again and again, each upon the one before. */
static void test_just_ended(void **state)
{
	struct place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(again_cases); i++)
		for (int round = 0; round < 20; round++) {
			const struct again_case *c = &again_cases[i];
			struct store_done first = send_mail(p, c->key);
			if (round && first.verdict != c->again)
				fail_msg("%s: %d in round %d", c->name, (int)first.verdict, round);
			if (first.verdict == STORE_DONE)
				assert_int_equal(end_as(p, first.id, c->ended), STORE_DONE);
		}
}

static void test_report_of_just_ended(void **state)
{
	struct place *p = *state;
	struct store_id id = send_mail(p, "<1@example.com>").id;
	assert_int_equal(end_as(p, id, STORE_HANDED_OVER), STORE_DONE);
	assert_int_equal(end_as(p, id, STORE_BOUNCED), STORE_DONE);
	assert_int_equal(end_as(p, id, STORE_REFUSED), STORE_LOST);
	reopen(p);
	assert_int_equal(state_of(p, id, 0), STORE_BOUNCED);
}

/* Nothing can be written to the index until it is closed. */
static sqlite3 *hold_index(struct place *p)
{
	char path[128];
	sqlite3 *db;
	snprintf(path, sizeof(path), "%s/index.db", p->path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

/* That nobody knows yet how it ended says nothing of the report: it comes again. */
static void test_report_while_the_index_stands_still(void **state)
{
	struct place *p = *state;
	for (int round = 0; round < 3; round++) {
		char key[32];
		snprintf(key, sizeof(key), "<%d@example.com>", round);
		store_settle(p->s);
		sqlite3 *held = hold_index(p);
		struct store_id id = send_mail(p, key).id;
		assert_int_equal(end_as(p, id, STORE_HANDED_OVER), STORE_DONE);
		__atomic_store_n(&stands_still, true, __ATOMIC_SEQ_CST);
		enum store_verdict v = end_as(p, id, STORE_BOUNCED);
		__atomic_store_n(&stands_still, false, __ATOMIC_SEQ_CST);
		sqlite3_close(held);
		assert_int_equal(v, STORE_FAILED);
		store_settle(p->s);
		assert_int_equal(end_as(p, id, STORE_BOUNCED), STORE_DONE);
		store_settle(p->s);
		assert_int_equal(state_of(p, id, 0), STORE_BOUNCED);
	}
}

static void set_trouble(struct place *p, enum err_kind kind)
{
	struct embedded *s = embedded_of(p->s);
	pthread_mutex_lock(&s->index_lock);
	s->index_err.kind = kind;
	pthread_mutex_unlock(&s->index_lock);
}

/* An index that is in trouble is tried again in its own time, whatever is asked meanwhile. */
static void test_nobody_waits_for_an_index_in_trouble(void **state)
{
	struct place *p = *state;
	store_settle(p->s);
	sqlite3 *held = hold_index(p);
	struct store_id id = send_mail(p, "<1@example.com>").id;
	assert_int_equal(end_as(p, id, STORE_REFUSED), STORE_DONE);
	set_trouble(p, ERR_SYS);
	waits = 0;
	enum store_verdict report = end_as(p, id, STORE_BOUNCED);
	assert_int_equal(waits, 0);
	set_trouble(p, ERR_NONE);
	sqlite3_close(held);
	assert_int_equal(report, STORE_FAILED);
	store_settle(p->s);
	assert_int_equal(end_as(p, id, STORE_BOUNCED), STORE_LOST); /* known now: nobody had it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_long_ended, begin, end),
		cmocka_unit_test_setup_teardown(test_report_of_long_ended, begin, end),
		cmocka_unit_test_setup_teardown(test_just_ended, begin, end),
		cmocka_unit_test_setup_teardown(test_may_have_arrived, begin, end),
		cmocka_unit_test_setup_teardown(test_report_of_just_ended, begin, end),
		cmocka_unit_test_setup_teardown(test_report_while_the_index_stands_still, begin, end),
		cmocka_unit_test_setup_teardown(test_nobody_waits_for_an_index_in_trouble, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

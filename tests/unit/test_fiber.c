/* SPDX-License-Identifier: Apache-2.0 */
/* Fibers take turns, wait, time out, start others, and all come to an end. */
#include "tests/unit/unit.h"

#include <string.h>

#include "net/loop.h"
#include "net/watch.h"

enum { MANY = 500 };

struct world {
	struct net_loop *loop;
	char order[64];
	bool door;
	unsigned ended;
	int timed_out;
};

struct worker {
	struct world *w;
	char name;
};

static void note(struct worker *k)
{
	size_t n = strlen(k->w->order);
	k->w->order[n] = k->name;
	k->w->order[n + 1] = 0;
}

static bool is_open(void *ctx)
{
	return ((struct world *)ctx)->door;
}

static bool never(void *ctx)
{
	(void)ctx;
	return false;
}

static void waits_for_door(void *ctx)
{
	struct worker *k = ctx;
	note(k);
	if (net_loop_wait(k->w->loop, is_open, k->w, UINT64_MAX))
		note(k);
	k->w->ended++;
}

static void opens_door(void *ctx)
{
	struct worker *k = ctx;
	note(k);
	k->w->door = true;
	k->w->ended++;
}

static void starts_another(void *ctx)
{
	struct worker *k = ctx;
	static struct worker other;
	other = (struct worker){ k->w, 'o' };
	note(k);
	net_fiber_start(k->w->loop, opens_door, &other);
	k->w->ended++;
}

static bool all_ended(void *ctx)
{
	return net_fibers(((struct world *)ctx)->loop) == 0;
}

static void test_turns(void **state)
{
	(void)state;
	struct world w = { .loop = net_loop_new() };
	struct worker a = { &w, 'a' }, b = { &w, 'b' }, s = { &w, 's' };
	net_fiber_start(w.loop, waits_for_door, &a);
	net_fiber_start(w.loop, waits_for_door, &b);
	assert_string_equal(w.order, ""); /* begins at the next turn */
	net_fiber_start(w.loop, starts_another, &s);
	assert_true(net_loop_wait(w.loop, all_ended, &w, UINT64_MAX));
	assert_int_equal(w.ended, 4);
	assert_int_equal(strlen(w.order), 6);
	assert_true(strchr(w.order, 's') < strchr(w.order, 'o'));
	assert_true(strrchr(w.order, 'a') > strchr(w.order, 'o'));
	net_loop_free(&w.loop);
}

static void times_out(void *ctx)
{
	struct worker *k = ctx;
	uint64_t now = net_loop_now_ms(k->w->loop);
	k->w->timed_out += !net_loop_wait(k->w->loop, never, NULL, now);
	k->w->timed_out += !net_loop_wait(k->w->loop, never, NULL, now + 2);
}

static void test_times(void **state)
{
	(void)state;
	struct world w = { .loop = net_loop_new() };
	struct worker k[MANY];
	for (size_t i = 0; i < MANY; i++) { /* more than are kept spare */
		k[i] = (struct worker){ &w, 't' };
		net_fiber_start(w.loop, times_out, &k[i]);
	}
	assert_true(net_loop_wait(w.loop, all_ended, &w, UINT64_MAX));
	assert_int_equal(w.timed_out, 2 * MANY);
	net_loop_free(&w.loop);
}

/* Each has a stack of its own, as deep as is promised. */
static unsigned deep(struct world *w, unsigned n)
{
	volatile char room[1000];
	memset((char *)room, (int)n, sizeof(room));
	if (n == 0)
		(void)net_loop_wait(w->loop, is_open, w, UINT64_MAX);
	unsigned below = n ? deep(w, n - 1) : 0;
	return below + ((unsigned char)room[n] == (unsigned char)n);
}

static void goes_deep(void *ctx)
{
	struct worker *k = ctx;
	enum { LEVELS = 60 };
	k->w->ended += deep(k->w, LEVELS) == LEVELS + 1;
}

static void test_stacks(void **state)
{
	(void)state;
	struct world w = { .loop = net_loop_new() };
	struct worker a = { &w, 'a' }, b = { &w, 'b' }, o = { &w, 'o' };
	net_fiber_start(w.loop, goes_deep, &a);
	net_fiber_start(w.loop, goes_deep, &b);
	net_fiber_start(w.loop, opens_door, &o);
	assert_true(net_loop_wait(w.loop, all_ended, &w, UINT64_MAX));
	assert_int_equal(w.ended, 3);
	net_loop_free(&w.loop);
}

/* Freeing the loop lets every fiber run to its end: what it holds is given back. */
static void test_end(void **state)
{
	(void)state;
	struct world w = { .loop = net_loop_new() };
	struct worker a = { &w, 'a' };
	net_fiber_start(w.loop, waits_for_door, &a);
	net_loop_sleep(w.loop, 0);
	net_loop_free(&w.loop);
	assert_int_equal(w.ended, 1);
}

static void sees_out(void *ctx)
{
	struct worker *k = ctx;
	k->w->ended += net_loop_see_out(k->w->loop, is_open, k->w, net_loop_now_ms(k->w->loop) + 20000);
}

static void open_door(void *ctx)
{
	((struct world *)ctx)->door = true;
}

/* What is seen out is ended by no interruption: of the fiber, of the loop, or by settling. */
static void test_seen_out(void **state)
{
	(void)state;
	for (int way = 0; way < 4; way++) {
		struct world w = { .loop = net_loop_new() };
		struct worker a = { &w, 'a' };
		struct net_timer *t = net_timer_new(w.loop, open_door, &w);
		net_timer_set(t, net_loop_now_ms(w.loop) + 20);
		if (way < 3)
			net_fiber_start(w.loop, sees_out, &a);
		net_loop_sleep(w.loop, net_loop_now_ms(w.loop) + 1);
		if (way == 0)
			net_fiber_interrupt(w.loop, &a);
		else
			net_loop_interrupt(w.loop);
		if (way == 3)
			sees_out(&a); /* in no fiber */
		else if (way == 2)
			net_loop_settle(w.loop);
		else
			assert_true(net_loop_see_out(w.loop, all_ended, &w, UINT64_MAX));
		assert_int_equal(w.ended, 1);
		net_timer_free(&t);
		net_loop_free(&w.loop);
	}
}

/* Settling gives it up when its own time has come. */
static void sees_nothing_out(void *ctx)
{
	struct worker *k = ctx;
	k->w->ended++;
	k->w->timed_out += !net_loop_see_out(k->w->loop, never, NULL, net_loop_now_ms(k->w->loop) + 20);
}

static void test_seen_out_in_vain(void **state)
{
	(void)state;
	struct world w = { .loop = net_loop_new() };
	struct worker a = { &w, 'a' };
	net_fiber_start(w.loop, sees_nothing_out, &a);
	net_loop_free(&w.loop);
	assert_int_equal(w.ended, 1);
	assert_int_equal(w.timed_out, 1);
}

static void expired(void *ctx)
{
	struct worker *k = ctx;
	net_fiber_start(k->w->loop, opens_door, k);
}

static void too_late(void *ctx)
{
	((struct world *)ctx)->timed_out = 1;
}

/* A timer that is due when the loop begins to wait: the fiber it starts does not wait for the next event. */
static void test_started_by_a_timer(void **state)
{
	(void)state;
	struct world w = { .loop = net_loop_new() };
	struct worker o = { &w, 'o' };
	struct net_timer *due = net_timer_new(w.loop, expired, &o);
	struct net_timer *late = net_timer_new(w.loop, too_late, &w);
	net_timer_set(due, net_loop_now_ms(w.loop));
	net_timer_set(late, net_loop_now_ms(w.loop) + 5000);
	assert_true(net_loop_wait(w.loop, is_open, &w, UINT64_MAX));
	assert_int_equal(w.timed_out, 0);
	net_timer_free(&due);
	net_timer_free(&late);
	net_loop_free(&w.loop);
}

enum { PIECES_MOST = 1 << 28 };

static void works_long(void *ctx)
{
	struct worker *k = ctx;
	for (unsigned pieces = 0; !k->w->door && pieces < PIECES_MOST; pieces++)
		net_loop_breathe(k->w->loop);
	k->w->ended += k->w->door;
}

/* Who has much to do lets the others go on between its pieces. */
static void test_breath(void **state)
{
	(void)state;
	struct world w = { .loop = net_loop_new() };
	struct worker l = { &w, 'l' }, s = { &w, 's' };
	net_fiber_start(w.loop, works_long, &l);
	net_fiber_start(w.loop, starts_another, &s); /* opens the door a turn later */
	assert_true(net_loop_wait(w.loop, all_ended, &w, UINT64_MAX));
	assert_int_equal(w.ended, 3);
	net_loop_free(&w.loop);
}

struct turned {
	unsigned turns, seen; /* seen: turns when the fiber went on */
};

static void on_turned(void *ctx)
{
	((struct turned *)ctx)->turns++;
}

static void note_turns(void *ctx)
{
	struct turned *t = ctx;
	t->seen = t->turns;
}

static bool has_run(void *ctx)
{
	return ((struct turned *)ctx)->seen;
}

/* Whoever wants to know of each turn is told before its fibers go on. */
static void test_told_of_a_turn(void **state)
{
	(void)state;
	struct net_loop *l = net_loop_new();
	struct turned t = { 0 };
	net_loop_on_turn(l, on_turned, &t);
	net_fiber_start(l, note_turns, &t);
	assert_true(net_loop_wait(l, has_run, &t, net_loop_now_ms(l) + 20000));
	assert_int_equal(t.seen, t.turns);
	net_loop_on_turn(l, NULL, NULL);
	net_loop_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_stacks),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_seen_out),
		cmocka_unit_test(test_seen_out_in_vain),
		cmocka_unit_test(test_started_by_a_timer),
		cmocka_unit_test(test_breath),
		cmocka_unit_test(test_told_of_a_turn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

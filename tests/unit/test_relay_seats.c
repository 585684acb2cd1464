/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane: however many destinations are silent, the others find room, and so do first tries. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "relay/delivery/delivery.h"
#include "relay/lane/known.h"
#include "relay/lane/lanes_inner.h"
#include "relay/lane/seats.h"

static struct relay_settings settings;
static struct relay relay = { .settings = &settings };

enum { ALL = 8, LANES = 6 };

struct room {
	struct lanes l;
	struct lane x[LANES];
	struct delivery d[LANES];
	char name[LANES][32], hosts[LANES][32];
};

static void begin(struct room *r)
{
	*r = (struct room){ .l = { .relay = &relay, .draining = true, .seats.all = ALL } }; /* no timer */
	r->l.known = known_new();
	for (int i = 0; i < LANES; i++) {
		snprintf(r->name[i], sizeof(r->name[i]), "direct d%d.example", i);
		snprintf(r->hosts[i], sizeof(r->hosts[i]), "direct mx%d.example", i);
		r->x[i].named = (struct named){ .name = r->name[i], .len = (uint32_t)strlen(r->name[i]) };
		lane_join(&r->l, &r->x[i], r->hosts[i]);
	}
}

static void end(struct room *r)
{
	for (int i = 0; i < LANES; i++)
		lane_leave_group(&r->l, &r->x[i]);
	lane_groups_free(&r->l);
	known_free(&r->l.known);
	free(r->l.heap);
}

/* Not only because the first in line looks who is slow. */
static bool is_called(const struct lane *x)
{
	return x->heap && x->due_ms <= relay_now_ms();
}

/* As a session of the lane that begins. */
static void sit(struct room *r, int i)
{
	r->d[i].lane = &r->x[i];
	r->d[i].lanes = &r->l;
	r->d[i].relay = &relay;
	delivery_enlist(&r->l, &r->d[i]);
	lane_seat_pass(&r->l, &r->x[i]);
}

/* Four new ones, all that may be, and two that stand in line. */
static void fill(struct room *r)
{
	begin(r);
	for (int i = 0; i < 4; i++) {
		assert_true(lane_seat_room(&r->l, &r->x[i]));
		sit(r, i);
	}
	assert_false(lane_seat_room(&r->l, &r->x[4]));
	assert_false(lane_seat_room(&r->l, &r->x[5]));
	assert_int_equal(lane_seats_before(&r->x[4]), 0);
	assert_int_equal(lane_seats_before(&r->x[5]), 1);
	assert_true(!is_called(&r->x[4]) && !is_called(&r->x[5]) && r->x[4].wants_seat);
}

static void test_first_come_first_served(void **state)
{
	(void)state;
	struct room r;
	fill(&r);
	assert_false(lane_seat_room(&r.l, &r.x[5])); /* asked again: its place stays */
	assert_int_equal(lane_seats_before(&r.x[5]), 1);
	lane_seat_give(&r.l, &r.d[0]);
	assert_true(is_called(&r.x[4]) && !is_called(&r.x[5]));
	assert_false(lane_seat_room(&r.l, &r.x[5])); /* not before the first */
	assert_true(lane_seat_room(&r.l, &r.x[4]));
	sit(&r, 4);
	assert_true(!is_called(&r.x[5]) && !lane_seats_before(&r.x[5]));
	end(&r);
}

/* Nothing is left to do for the first one: the next one is called. */
static void test_one_leaves_the_line(void **state)
{
	(void)state;
	struct room r;
	fill(&r);
	lane_seat_give(&r.l, &r.d[0]);
	lane_seat_pass(&r.l, &r.x[4]);
	assert_true(is_called(&r.x[5]) && r.x[4].seat_line == SEAT_PROVEN);
	end(&r);
}

/* One in line is found to lead to other hosts: it is called when those have answered. */
static void test_it_stands_there_for_other_hosts(void **state)
{
	(void)state;
	struct room r;
	fill(&r);
	lane_join(&r.l, &r.x[5], r.hosts[0]);
	assert_int_equal(r.x[0].group->in_line, 1);
	assert_int_equal(r.x[4].group->in_line, 1);
	lane_has_answered(&r.l, &r.d[0]);
	assert_true(is_called(&r.x[5]));
	lane_seat_pass(&r.l, &r.x[5]);
	assert_int_equal(r.x[0].group->in_line, 0);
	end(&r);
}

/* Its seat is free long before its session ends, and from now on it needs none. */
static void test_who_has_answered_needs_no_seat(void **state)
{
	(void)state;
	struct room r;
	fill(&r);
	assert_int_equal(lane_seat(&r.l, &r.x[0]), SEAT_NEW);
	lane_has_answered(&r.l, &r.d[0]);
	assert_int_equal(lane_seat(&r.l, &r.x[0]), SEAT_PROVEN);
	assert_int_equal(r.l.seats.taken[SEAT_NEW], 3);
	assert_true(is_called(&r.x[4]));
	lane_seat_give(&r.l, &r.d[0]);
	assert_int_equal(r.l.seats.taken[SEAT_NEW], 3);
	assert_true(lane_seat_room(&r.l, &r.x[0]));
	end(&r);
}

/* More than the few that it had may begin at once; who was not kept back is not looked at before its time. */
static void test_the_first_answer_ends_the_wait(void **state)
{
	(void)state;
	struct room r;
	fill(&r);
	lane_has_answered(&r.l, &r.d[0]);
	assert_false(is_called(&r.x[0]));
	r.x[1].group->sessions = RELAY_CONNECTIONS;
	lane_has_answered(&r.l, &r.d[1]);
	assert_true(is_called(&r.x[1]));
	lane_due(&r.l, &r.x[1], STORE_NEVER);
	lane_has_answered(&r.l, &r.d[1]); /* only the first */
	assert_false(is_called(&r.x[1]));
	end(&r);
}

/* Another domain to hosts that have answered is no stranger, as soon as its hosts are known. */
static void test_hosts_that_have_answered(void **state)
{
	(void)state;
	struct room r;
	fill(&r);
	lane_has_answered(&r.l, &r.d[0]);
	lane_join(&r.l, &r.x[1], r.hosts[0]);
	lane_seat_settle(&r.l, &r.d[1]);
	assert_int_equal(r.d[1].seat, SEAT_PROVEN);
	lane_seat_settle(&r.l, &r.d[2]);
	assert_int_equal(r.d[2].seat, SEAT_NEW);
	end(&r);
}

/* Silent ones have a smaller part, whatever they were before, and do not stand before the new ones. */
static void test_who_was_silent(void **state)
{
	(void)state;
	struct room r;
	begin(&r);
	sit(&r, 0);
	lane_has_answered(&r.l, &r.d[0]);
	for (int i = 0; i < 3; i++) {
		lane_is_silent(&r.l, &r.x[i], true);
		assert_int_equal(lane_seat(&r.l, &r.x[i]), SEAT_SILENT);
	}
	sit(&r, 1);
	sit(&r, 2);
	assert_false(lane_seat_room(&r.l, &r.x[0]));
	assert_int_equal(r.x[0].seat_line, SEAT_SILENT);
	assert_true(lane_seat_room(&r.l, &r.x[3]));
	lane_has_answered(&r.l, &r.d[1]);
	assert_true(is_called(&r.x[0]) && lane_seat_room(&r.l, &r.x[0]));
	end(&r);
}

/* It stood among the new ones, and its only session failed without a word. */
static void test_it_changes_the_line(void **state)
{
	(void)state;
	struct room r;
	fill(&r);
	for (int i = 0; i < 2; i++)
		seats_take(&r.l.seats, SEAT_SILENT);
	lane_is_silent(&r.l, &r.x[4], true);
	assert_false(lane_seat_room(&r.l, &r.x[4]));
	assert_int_equal(r.x[4].seat_line, SEAT_SILENT);
	assert_int_equal(lane_seats_before(&r.x[5]), 0);
	end(&r);
}

/* Its hosts have answered another domain's mail since: it is called, and needs no seat.  Its own look-up's
 * failure is not theirs, and drops nothing of what they have shown. */
static void test_an_answer_to_others_ends_a_silence(void **state)
{
	(void)state;
	static const struct {
		bool hosts;
		enum seat other, after;
	} rows[] = { { true, SEAT_NEW, SEAT_PROVEN }, { false, SEAT_PROVEN, SEAT_SILENT } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct room r;
		begin(&r);
		for (int k = 1; k < 3; k++)
			lane_join(&r.l, &r.x[k], r.hosts[0]);
		sit(&r, 0);
		sit(&r, 3);
		known_add(r.l.known, str_of(r.hosts[0]));
		seats_take(&r.l.seats, SEAT_SILENT);
		seats_take(&r.l.seats, SEAT_SILENT);
		lane_is_silent(&r.l, &r.x[1], rows[i].hosts);
		assert_int_equal(lane_seat(&r.l, &r.x[1]), SEAT_SILENT);
		assert_int_equal(lane_seat(&r.l, &r.x[2]), rows[i].other);
		assert_false(lane_seat_room(&r.l, &r.x[1]));
		lane_has_answered(&r.l, &r.d[3]); /* other hosts */
		assert_false(is_called(&r.x[1]));
		lane_has_answered(&r.l, &r.d[0]);
		assert_int_equal(lane_seat(&r.l, &r.x[1]), rows[i].after);
		assert_int_equal(is_called(&r.x[1]), rows[i].after == SEAT_PROVEN);
		end(&r);
	}
}

/* Who was well before stands before those that never answered, and among its like where it came. */
static void test_who_was_well_before_waits_less(void **state)
{
	(void)state;
	static const int order[] = { 2, 3, 0, 1 };
	struct room r;
	begin(&r);
	seats_take(&r.l.seats, SEAT_SILENT);
	seats_take(&r.l.seats, SEAT_SILENT);
	known_add(r.l.known, str_of(r.name[2]));
	known_add(r.l.known, str_of(r.name[3]));
	for (int i = 0; i < 4; i++) {
		lane_is_silent(&r.l, &r.x[i], true);
		assert_false(lane_seat_room(&r.l, &r.x[i]));
	}
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		assert_int_equal(lane_seats_before(&r.x[order[i]]), i);
	lane_seat_pass(&r.l, &r.x[3]);
	lane_seat_pass(&r.l, &r.x[2]);
	lane_is_silent(&r.l, &r.x[2], true); /* another session of it */
	assert_true(r.x[2].seat_early);
	r.x[2].fails = 2;
	lane_is_silent(&r.l, &r.x[2], true); /* and again: it was not well since */
	assert_false(lane_seat_room(&r.l, &r.x[2]));
	assert_int_equal(lane_seats_before(&r.x[2]), 2);
	end(&r);
}

/* Somebody has set it up: it does not stand among strangers, and its first sessions are few all the same. */
static void test_a_smarthost_needs_no_seat(void **state)
{
	(void)state;
	static struct relay_route route = { .name = "direct" }; /* a smarthost of that name */
	struct room r;
	begin(&r);
	snprintf(r.name[0], sizeof(r.name[0]), "direct");
	r.x[0].named.len = (uint32_t)strlen(r.name[0]);
	assert_int_equal(lane_seat(&r.l, &r.x[0]), SEAT_NEW);
	settings.routes = &route;
	settings.nroutes = 1;
	assert_int_equal(lane_seat(&r.l, &r.x[0]), SEAT_PROVEN);
	assert_false(lane_answers(&r.l, &r.x[0]));
	lane_is_silent(&r.l, &r.x[0], true);
	assert_int_equal(lane_seat(&r.l, &r.x[0]), SEAT_SILENT);
	assert_true(r.x[0].seat_early);
	settings.nroutes = 0;
	end(&r);
}

/* It is not silent: what comes behind its greeting is not broken off. */
static void test_who_has_greeted_makes_no_room(void **state)
{
	(void)state;
	struct room r;
	begin(&r);
	sit(&r, 0);
	r.d[0].session = (struct session *)(uintptr_t)&r; /* never looked at */
	r.d[0].greeted = true;
	delivery_press(&r.l, 1);
	assert_false(r.d[0].pressed);
	end(&r);
}

/* What it says of itself holds no longer than what it was seen to refuse. */
static void test_recipients_of_one_transaction(void **state)
{
	(void)state;
	static const struct {
		unsigned said, seen;
		size_t most;
	} rows[] = { { 0, 0, JOB_RCPTS_MAX },     { 20, 0, 20 }, { 0, 5, 5 }, { 20, 5, 5 }, { 5, 20, 5 },
		     { 100000, 0, JOB_RCPTS_MAX } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lane x = { .rcpts_max = rows[i].seen };
		const struct delivery d = { .lane = &x, .rcpts_max = rows[i].said };
		assert_int_equal(job_rcpts_most(&d), rows[i].most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_come_first_served),
		cmocka_unit_test(test_one_leaves_the_line),
		cmocka_unit_test(test_it_stands_there_for_other_hosts),
		cmocka_unit_test(test_who_has_answered_needs_no_seat),
		cmocka_unit_test(test_the_first_answer_ends_the_wait),
		cmocka_unit_test(test_hosts_that_have_answered),
		cmocka_unit_test(test_who_was_silent),
		cmocka_unit_test(test_it_changes_the_line),
		cmocka_unit_test(test_an_answer_to_others_ends_a_silence),
		cmocka_unit_test(test_who_was_well_before_waits_less),
		cmocka_unit_test(test_a_smarthost_needs_no_seat),
		cmocka_unit_test(test_who_has_greeted_makes_no_room),
		cmocka_unit_test(test_recipients_of_one_transaction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

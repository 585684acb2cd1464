/* SPDX-License-Identifier: Apache-2.0 */
/* What lives long is moved out of old segments, and what can't be stays, without work for nothing. */
#include <stdio.h>

#include "tests/unit/store_place.h"

enum { LONG = 300 * 1000, BULK = 60 * 1000 };

/* Two recipients, one refused and one delayed, and a body of many pieces. */
static struct store_id long_lived(struct place *p, const char *text)
{
	struct store_rcpt r[2] = { rcpt("gone@example.net", "lane"), rcpt("stays@example.net", "lane") };
	struct store_message m = { .reverse_path = STR_LIT("me@example.com"), .rcpts = r, .nrcpts = 2 };
	struct store_id id = accept_message(p, &m, text).id;
	struct store_mark k = { .id = id, .state = STORE_REFUSED, .code = 550, .reply = STR_LIT("no") };
	assert_int_equal(mark(p, k), STORE_DONE);
	k = (struct store_mark){ .id = id,
				 .rcpt = 1,
				 .state = STORE_DELAYED,
				 .code = 451,
				 .tries = 3,
				 .lane = STR_LIT("other"),
				 .next_ms = NOW + 5,
				 .reply = STR_LIT("later") };
	assert_int_equal(mark(p, k), STORE_DONE);
	return id;
}

static void expect_long_lived(struct place *p, struct store_id id, const char *text)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m;
	struct store_claim c;
	struct err e = { 0 };
	expect_body(store_body_open(p->s, id, &e), str_of(text));
	assert_int_equal(state_of(p, id, 0), STORE_REFUSED);
	assert_true(store_fetch(p->s, id, a, &m, &e));
	assert_int_equal(m.nrcpts, 2);
	assert_int_equal(m.rcpts[1].state, STORE_DELAYED);
	assert_int_equal(m.rcpts[1].tries, 3);
	assert_true(str_eq(m.rcpts[1].lane, "other"));
	assert_true(str_eq(m.reverse_path, "me@example.com"));
	assert_int_equal(store_claim(p->s, STR_LIT("other"), 1, NOW + 4, 1, &c, 1), 0);
	assert_int_equal(store_claim(p->s, STR_LIT("other"), 1, NOW + 5, 1, &c, 1), 1);
	assert_int_equal(c.id.seq, id.seq);
	assert_int_equal(c.rcpt, 1);
	store_claim_release(p->s, &c, NOW + 5);
}

static void test_long_lived_is_moved(void **state)
{
	struct place *p = *state;
	CLEANUP(mem_free) char *text = made_text(LONG, 1), *bulk = made_text(BULK, 2);
	struct store_id small = accept_one(p, "small@example.net", "x"), id = long_lived(p, text);
	for (int round = 0; round < 5; round++) {
		pass_through(p, 60, bulk);
		tidy(p);
		assert_true(place_health(p).segments <= 7);
	}
	assert_true(place_health(p).moved >= 2);
	expect_long_lived(p, id, text);
	reopen(p);
	expect_long_lived(p, id, text);
	struct err e = { 0 };
	expect_body(store_body_open(p->s, small, &e), STR_LIT("Subject: x\r\n\r\nHello\r\n"));
	/* The segments alone tell it whole, too. */
	store_close(&p->s);
	drop_index(p);
	open_store(p);
	expect_long_lived(p, id, text);
	assert_int_equal(state_of(p, small, 0), STORE_QUEUED);
	struct store_mark k = { .id = id, .rcpt = 1, .state = STORE_HANDED_OVER, .code = 250 };
	assert_int_equal(mark(p, k), STORE_DONE);
	k = (struct store_mark){ .id = small, .state = STORE_CANCELLED };
	assert_int_equal(mark(p, k), STORE_DONE);
	pass_through(p, 20, bulk);
	tidy(p);
	assert_true(place_health(p).segments <= 2);
}

/* With what it was told since, its envelope would be longer than any that is read again.  Nor is its text
 * written anew, each time house is kept, for nothing. */
static void test_too_long_stays(void **state)
{
	enum { RCPTS = 195, ADDRESS = 64 * 1000, TOLD = 10 };
	struct place *p = *state;
	struct store_rcpt r[RCPTS];
	struct store_mark marks[TOLD];
	struct err e = { 0 };
	CLEANUP(mem_free) char *address = made_text(ADDRESS, 5), *why = made_text(ADDRESS, 6);
	CLEANUP(mem_free) char *bulk = made_text(BULK, 2), *text = made_text(LONG, 1);
	for (size_t i = 0; i < RCPTS; i++)
		r[i] = rcpt(address, "lane");
	struct store_message m = { .rcpts = r, .nrcpts = RCPTS };
	struct store_id id = accept_message(p, &m, text).id;
	for (uint32_t i = 0; i < TOLD; i++)
		marks[i] = (struct store_mark){ .id = id,
						.rcpt = i,
						.state = STORE_DELAYED,
						.at_ms = p->now,
						.next_ms = NOW + 5,
						.finding = { why, ADDRESS } };
	assert_true(store_mark(p->s, marks, TOLD, NULL, &e));
	assert_int_equal(take_one(p).verdict, STORE_DONE);
	for (int round = 0; round < 3; round++) {
		pass_through(p, 60, bulk);
		tidy(p);
	}
	size_t before = place_health(p).segments;
	for (int round = 0; round < 20; round++)
		tidy(p);
	assert_true(place_health(p).segments <= before + 1);
	expect_body(store_body_open(p->s, id, &e), str_of(text));
	store_close(&p->s);
	drop_index(p);
	open_store(p);
	expect_body(store_body_open(p->s, id, &e), str_of(text));
	assert_int_equal(state_of(p, id, TOLD - 1), STORE_DELAYED);
}

/* What has a session on disk stays where it is until that has ended. */
static void test_open_session_is_not_moved(void **state)
{
	struct place *p = *state;
	CLEANUP(mem_free) char *bulk = made_text(BULK, 2);
	struct store_id id = accept_one(p, "a@example.net", "x");
	struct store_claim c;
	assert_true(claim_of(p, id, 1, NOW, 60000, &c));
	struct store_mark k = {
		.id = id, .epoch = c.epoch, .keep_claim = true, .dot = true, .state = STORE_SENDING
	};
	assert_int_equal(mark(p, k), STORE_DONE);
	pass_through(p, 120, bulk);
	tidy(p);
	assert_int_equal(place_health(p).moved, 0);
	store_claim_release(p->s, &c, NOW);
	store_settle(p->s);
	tidy(p);
	assert_int_equal(place_health(p).moved, 1);
	assert_int_equal(state_of(p, id, 0), STORE_IN_DOUBT);
	store_close(&p->s);
	drop_index(p);
	open_store(p);
	assert_int_equal(state_of(p, id, 0), STORE_IN_DOUBT);
}

/* However many of them there are: others have their turn. */
static void test_many_that_stay(void **state)
{
	enum { STAY = 600, MOVE = 20 };
	static struct store_claim c[STAY];
	static struct store_mark k[STAY];
	struct place *p = *state;
	struct err e = { 0 };
	CLEANUP(mem_free) char *bulk = made_text(BULK, 2);
	for (int i = 0; i < STAY; i++)
		accept_one(p, "a@example.net", "x");
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, NOW, HOUR_MS, c, STAY), STAY);
	for (int i = 0; i < STAY; i++)
		k[i] = (struct store_mark){ .id = c[i].id,
					    .epoch = c[i].epoch,
					    .keep_claim = true,
					    .at_ms = p->now,
					    .state = STORE_SENDING };
	assert_true(store_mark(p->s, k, STAY, NULL, &e));
	assert_int_equal(take_one(p).verdict, STORE_DONE);
	for (int i = 0; i < MOVE; i++)
		accept_one(p, "b@example.net", "x");
	pass_through(p, 120, bulk);
	for (int i = 0; i < 4; i++)
		tidy(p);
	assert_int_equal(place_health(p).moved, MOVE);
}

/* Nor is a text written anew, each time house is kept, of which a part can't be read. */
static void test_unreadable_stays(void **state)
{
	struct place *p = *state;
	CLEANUP(mem_free) char *text = made_text(LONG, 1), *bulk = made_text(BULK, 2);
	char path[128];
	long_lived(p, text);
	snprintf(path, sizeof(path), "%s/bodies/0000000001.seg", p->path);
	FILE *f = fopen(path, "r+");
	assert_non_null(f);
	fseek(f, 200 * 1000, SEEK_SET); /* in the fourth of its pieces */
	fputc('#', f);
	fclose(f);
	reopen_reporting(p);
	for (int round = 0; round < 3; round++) {
		pass_through(p, 60, bulk);
		tidy(p);
	}
	size_t before = place_health(p).segments;
	for (int round = 0; round < 20; round++)
		tidy(p);
	assert_int_equal(place_health(p).moved, 0);
	assert_int_equal(place_health(p).segments, before);
}

/* A claim is no hindrance: it lives in memory, and its result is written to the right message. */
static void test_claimed_is_moved(void **state)
{
	struct place *p = *state;
	CLEANUP(mem_free) char *bulk = made_text(BULK, 2);
	struct store_id id = accept_one(p, "a@example.net", "x");
	struct store_claim c;
	assert_true(claim_of(p, id, 1, NOW, HOUR_MS, &c));
	pass_through(p, 120, bulk);
	tidy(p);
	assert_int_equal(place_health(p).moved, 1);
	struct store_mark k = { .id = id, .epoch = c.epoch, .state = STORE_HANDED_OVER, .code = 250 };
	assert_int_equal(mark(p, k), STORE_DONE);
	reopen(p);
	assert_int_equal(state_of(p, id, 0), STORE_HANDED_OVER);
	assert_false(claim_of(p, id, 1, NOW, 1, &c));
}

/* Each start begins a file, which holds hardly anything. */
static void test_many_starts(void **state)
{
	enum { STARTS = 100 };
	struct place *p = *state;
	struct store_id first = accept_one(p, "a@example.net", "x");
	for (int i = 0; i < STARTS; i++)
		reopen(p);
	assert_true(place_health(p).segments > STARTS);
	tidy(p);
	tidy(p);
	assert_true(place_health(p).segments <= 4);
	reopen(p);
	assert_int_equal(state_of(p, first, 0), STORE_QUEUED);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_long_lived_is_moved), T(test_too_long_stays),   T(test_open_session_is_not_moved),
		T(test_many_that_stay),      T(test_unreadable_stays), T(test_claimed_is_moved),
		T(test_many_starts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

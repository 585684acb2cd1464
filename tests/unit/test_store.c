/* SPDX-License-Identifier: Apache-2.0 */
/* The store as store.h tells it: every test calls the table of functions only, so a second back end can take
 * it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/store_place.h"

static void test_accept_and_read_back(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "you@Example.net", "Invoice 4711");
	for (int round = 0; round < 2; round++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_message m;
		struct err e = { 0 };
		assert_true(store_fetch(p->s, id, a, &m, &e));
		assert_int_equal(m.nrcpts, 1);
		assert_true(str_eq(m.rcpts[0].address, "you@Example.net"));
		assert_true(str_eq(m.rcpts[0].lane, "lane"));
		assert_int_equal(m.rcpts[0].state, STORE_QUEUED);
		assert_true(str_eq(m.subject, "Invoice 4711"));
		expect_body(store_body_open(p->s, id, &e), STR_LIT("Subject: x\r\n\r\nHello\r\n"));
		reopen(p);
	}
}

static void test_long_body(void **state)
{
	struct place *p = *state;
	enum { LONG = 700 * 1000 };
	char *text = mem_alloc(LONG + 5);
	memcpy(text, "Head\n", 5);
	for (size_t i = 5; i < LONG + 5; i++)
		text[i] = (char)(i * 2654435761u >> 13);
	struct err e = { 0 };
	struct store_rcpt r = rcpt("you@example.net", "lane");
	struct store_message m = { .arrived_ms = p->now, .rcpts = &r, .nrcpts = 1 };
	struct store_body *b = store_body_begin(p->s);
	for (size_t at = 5, n = 1; at < LONG + 5; at += n, n = n * 3 % 9973 + 1) {
		if (n > LONG + 5 - at)
			n = LONG + 5 - at;
		assert_true(store_body_append(b, (struct str){ text + at, n }, &e));
	}
	assert_true(store_body_prepend(b, STR_LIT("Head\n"), &e));
	assert_int_equal(store_body_size(b), LONG + 5);
	expect_body(store_body_look(b), (struct str){ text, LONG + 5 });
	assert_true(store_accept(p->s, &b, &m, NULL, &e));
	struct store_id id = take_one(p).id;
	expect_body(store_body_open(p->s, id, &e), (struct str){ text, LONG + 5 });
	reopen(p);
	expect_body(store_body_open(p->s, id, &e), (struct str){ text, LONG + 5 });
	free(text);
}

/* Reports come while another recipient of the same message still waits; and may tell without changing. */
static void test_reports_about_a_live_message(void **state)
{
	struct place *p = *state;
	struct store_rcpt r[] = { rcpt("a@example.net", "lane"), rcpt("b@example.net", "lane") };
	struct store_message m = { .rcpts = r, .nrcpts = 2 };
	struct store_id id = accept_message(p, &m, "x").id;
	struct store_mark k = {
		.id = id, .state = STORE_HANDED_OVER, .code = 250, .remote_id = STR_LIT("4bXyZ")
	};
	assert_int_equal(mark(p, k), STORE_DONE);
	k = (struct store_mark){
		.id = id, .state = STORE_HANDED_OVER, .why = STR_LIT("delayed there"), .note = true
	};
	assert_int_equal(mark(p, k), STORE_DONE);
	k.state = STORE_QUEUED;
	assert_int_equal(mark(p, k), STORE_LOST);
	k.state = STORE_BOUNCED;
	assert_int_equal(mark(p, k), STORE_DONE);
	k.state = STORE_HANDED_OVER;
	assert_int_equal(mark(p, k), STORE_LOST);
	k.rcpt = 1;
	k.state = STORE_CONFIRMED;
	assert_int_equal(mark(p, k), STORE_LOST);
	reopen(p);
	assert_int_equal(state_of(p, id, 0), STORE_BOUNCED);
	assert_int_equal(state_of(p, id, 1), STORE_QUEUED);
}

static void test_restart_leaves_doubt(void **state)
{
	struct place *p = *state;
	struct store_id dot = accept_one(p, "a@example.net", "x"), none = accept_one(p, "b@example.net", "x");
	struct store_claim c;
	assert_true(claim_of(p, dot, 1, NOW, 60000, &c));
	struct store_mark m = {
		.id = dot, .epoch = c.epoch, .keep_claim = true, .dot = true, .state = STORE_SENDING
	};
	assert_int_equal(mark(p, m), STORE_DONE);
	assert_true(claim_of(p, none, 1, NOW, 60000, &c));
	m = (struct store_mark){ .id = none, .epoch = c.epoch, .keep_claim = true, .state = STORE_SENDING };
	assert_int_equal(mark(p, m), STORE_DONE);
	p->now += 1000;
	reopen(p);
	assert_int_equal(state_of(p, dot, 0), STORE_IN_DOUBT);
	assert_int_equal(state_of(p, none, 0), STORE_QUEUED);
	m.epoch = c.epoch;
	m.keep_claim = false;
	m.state = STORE_REFUSED;
	assert_int_equal(mark(p, m), STORE_LOST);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, p->now, 1, &c, 1), 1);
}

static void test_same_key_once(void **state)
{
	struct place *p = *state;
	struct store_rcpt r[2] = { rcpt("a@Example.net", "lane"), rcpt("b@example.net", "lane") };
	struct store_message m = { .account = STR_LIT("app"), .key = STR_LIT("k"), .rcpts = r, .nrcpts = 1 };
	struct store_id first = accept_message(p, &m, "x").id;
	r[0] = rcpt("a@example.NET", "lane");
	for (int round = 0; round < 2; round++) {
		struct store_done d = accept_message(p, &m, "x");
		assert_int_equal(d.verdict, STORE_DUPLICATE);
		assert_int_equal(d.id.seq, first.seq);
		reopen(p);
	}
	m.nrcpts = 2;
	struct store_done d = accept_message(p, &m, "x");
	assert_int_equal(d.verdict, STORE_DONE);
	assert_int_equal(d.duplicates, 1);
	m.account = STR_LIT("other");
	assert_int_equal(accept_message(p, &m, "x").duplicates, 0);
}

/* Of two recipients one was refused: he alone is taken again, where the key renews. */
static void test_same_key_in_vain(void **state)
{
	struct place *p = *state;
	struct store_rcpt r[2] = { rcpt("a@example.net", "lane"), rcpt("b@example.net", "lane") };
	struct store_message m = { .account = STR_LIT("app"), .key = STR_LIT("k"), .rcpts = r, .nrcpts = 2 };
	struct store_mark end = { .id = accept_message(p, &m, "x").id, .rcpt = 1, .state = STORE_REFUSED };
	assert_int_equal(mark(p, end), STORE_DONE);
	m.nrcpts = 1;
	m.rcpts = &r[1];
	struct store_done d = accept_message(p, &m, "x");
	assert_int_equal(d.verdict, STORE_DUPLICATE);
	assert_true(d.in_vain);
	reopen(p);
	m.nrcpts = 2;
	m.rcpts = r;
	m.key_renews = true;
	d = accept_message(p, &m, "x");
	assert_int_equal(d.verdict, STORE_DONE);
	assert_int_equal(d.duplicates, 1);
	d = accept_message(p, &m, "x");
	assert_int_equal(d.verdict, STORE_DUPLICATE);
	assert_false(d.in_vain);
}

static void test_lanes(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x");
	struct store_mark m = {
		.id = id, .state = STORE_DELAYED, .code = 421, .reply = STR_LIT("later"), .next_ms = NOW + 500
	};
	assert_int_equal(mark(p, m), STORE_DONE);
	struct store_mark gone = { .id = accept_one(p, "b@example.net", "y"),
				   .state = STORE_REFUSED,
				   .code = 550,
				   .reply = STR_LIT("nobody") };
	assert_int_equal(mark(p, gone), STORE_DONE); /* explains nothing of those that wait */
	for (int round = 0; round < 2; round++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_lanes l;
		struct err e = { 0 };
		assert_true(store_lanes(p->s, a, &l, &e));
		assert_int_equal(l.n, 1);
		assert_string_equal(l.v[0].lane, "lane");
		assert_int_equal(l.v[0].count[STORE_DELAYED], 1);
		assert_int_equal(l.v[0].next_ms, NOW + 500);
		assert_int_equal(l.v[0].oldest_ms, NOW);
		assert_true(str_eq(l.v[0].reply, "later"));
		reopen(p);
	}
}

/* What was answered there is not why those wait whose mail the disk does not give. */
static void test_lane_unreadable(void **state)
{
	struct place *p = *state;
	const struct store_mark later = {
		.state = STORE_DELAYED, .code = 421, .reply = STR_LIT("later"), .next_ms = NOW + 500
	};
	struct store_mark m = later, lost = { .state = STORE_DELAYED,
					      .finding = STR_LIT(FINDING_OWN_COPY),
					      .next_ms = NOW + 500 };
	m.id = accept_one(p, "a@example.net", "x");
	lost.id = accept_one(p, "b@example.net", "y");
	assert_int_equal(mark(p, m), STORE_DONE);
	assert_int_equal(mark(p, lost), STORE_DONE);
	for (int round = 0; round < 3; round++) { /* as it is, after a start, and once the disk is back */
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_lanes l;
		struct err e = { 0 };
		assert_true(store_lanes(p->s, a, &l, &e));
		assert_int_equal(l.v[0].count[STORE_DELAYED], 2);
		assert_int_equal(l.v[0].unreadable, round < 2 ? 1 : 0);
		assert_true(str_eq(l.v[0].reply, "later"));
		if (round == 0)
			reopen(p);
		m.id = lost.id;
		if (round == 1)
			assert_int_equal(mark(p, m), STORE_DONE);
	}
}

static void test_one_owner_many_readers(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x");
	struct store_options o = options(p);
	struct store *second = NULL;
	struct err e = { 0 };
	assert_false(store_open(&o, &second, &e));
	char who[32];
	snprintf(who, sizeof(who), "(process %ld)", (long)getpid());
	assert_non_null(strstr(e.detail, "another postrider"));
	assert_non_null(strstr(e.detail, who));
	assert_int_equal(e.kind, ERR_SYS);
	err_clear(&e);
	o.mode = STORE_READ;
	assert_true(store_open(&o, &second, &e));
	expect_body(store_body_open(second, id, &e), STR_LIT("Subject: x\r\n\r\nHello\r\n"));
	store_close(&second);
}

static void test_no_room_is_said_and_heals(void **state)
{
	struct place *p = *state;
	store_close(&p->s);
	struct store_options o = options(p);
	o.reserve_bytes = UINT64_MAX / 2;
	struct err e = { 0 };
	assert_true(store_open(&o, &p->s, &e));
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .arrived_ms = NOW, .rcpts = &r, .nrcpts = 1 };
	struct store_body *b = store_body_begin(p->s);
	assert_false(store_accept(p->s, &b, &m, NULL, &e));
	assert_null(b);
	assert_non_null(strstr(e.detail, "free space"));
	struct store_health h;
	store_health(p->s, &h);
	assert_false(h.accepting);
	reopen(p);
	accept_one(p, "a@example.net", "x");
}

static void test_segments_are_dropped(void **state)
{
	struct place *p = *state;
	char *text = mem_alloc(60000);
	memset(text, 'x', 59999);
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .rcpts = &r, .nrcpts = 1 };
	struct store_id ids[60];
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ids[i] = accept_message(p, &m, text).id;
	free(text);
	struct store_health before, after;
	store_health(p->s, &before);
	assert_true(before.segments >= 3);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct store_mark done = { .id = ids[i], .state = STORE_CANCELLED };
		assert_int_equal(mark(p, done), STORE_DONE);
	}
	store_tidy(p->s, NOW);
	store_settle(p->s);
	store_health(p->s, &after);
	assert_true(after.segments <= 2);
	assert_int_equal(state_of(p, ids[ARRAY_LEN(ids) - 1], 0), STORE_CANCELLED);
	reopen(p);
	accept_one(p, "b@example.net", "x");
}

static void test_index_is_made_anew(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x"), gone = accept_one(p, "b@example.net", "y");
	struct store_mark m = { .id = gone, .state = STORE_REFUSED, .code = 550 };
	assert_int_equal(mark(p, m), STORE_DONE);
	store_close(&p->s);
	char path[128];
	snprintf(path, sizeof(path), "%s/index.db", p->path);
	FILE *f = fopen(path, "r+");
	assert_non_null(f);
	for (int i = 0; i < 8192; i++)
		fputc('!', f);
	fclose(f);
	open_store(p);
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
	assert_int_equal(state_of(p, gone, 0), STORE_REFUSED);
	struct store_claim c[2];
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, NOW, 1, c, 2), 1);
}

/* Ids are given before the message has come whole, so messages are stored in another order. */
static void test_id_before_the_message(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .account = STR_LIT("app"), .key = STR_LIT("k"), .rcpts = &r, .nrcpts = 1 };
	struct store_body *slow = store_body_begin(p->s);
	struct store_id id = store_body_id(slow, p->now);
	p->now += 3600 * 1000;
	struct store_id quick = accept_one(p, "a@example.net", "x");
	assert_true(quick.seq > id.seq);
	assert_int_equal(store_body_id(slow, p->now).seq, id.seq);
	assert_true(store_body_append(slow, STR_LIT("slow"), &e));
	m.arrived_ms = p->now;
	assert_true(store_accept(p->s, &slow, &m, NULL, &e));
	struct store_done d = take_one(p);
	assert_int_equal(d.verdict, STORE_DONE);
	assert_int_equal(d.id.seq, id.seq);
	assert_int_equal(d.id.tail, id.tail);
	for (int round = 0; round < 2; round++) {
		expect_body(store_body_open(p->s, id, &e), STR_LIT("slow"));
		assert_int_equal(found(p, (struct store_query){ .since_ms = p->now }), 2);
		assert_int_equal(found(p, (struct store_query){ .until_ms = p->now }), 0);
		struct store_done again = accept_message(p, &m, "x");
		assert_int_equal(again.verdict, STORE_DUPLICATE);
		assert_int_equal(again.id.seq, id.seq);
		reopen(p);
	}
	assert_true(accept_one(p, "a@example.net", "x").seq > quick.seq);
}

static void test_clock_goes_back(void **state)
{
	struct place *p = *state;
	struct store_id first = accept_one(p, "a@example.net", "x");
	p->now -= 100000000;
	reopen(p);
	struct store_id second = accept_one(p, "a@example.net", "x");
	assert_true(second.seq > first.seq);
	assert_int_equal(found(p, (struct store_query){ .until_ms = NOW }), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_accept_and_read_back),
		T(test_long_body),
		T(test_reports_about_a_live_message),
		T(test_restart_leaves_doubt),
		T(test_same_key_once),
		T(test_same_key_in_vain),
		T(test_lanes),
		T(test_lane_unreadable),
		T(test_one_owner_many_readers),
		T(test_no_room_is_said_and_heals),
		T(test_segments_are_dropped),
		T(test_index_is_made_anew),
		T(test_id_before_the_message),
		T(test_clock_goes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Who may try what is due: one at a time, each account in its turn, until the lease ends. */
#include "tests/unit/store_place.h"

static void test_claim_and_hand_over(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "you@example.net", "x");
	struct store_claim c, other;
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, NOW - 1, 60000, &c, 1), 0);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, NOW, 60000, &c, 1), 1);
	assert_int_equal(c.id.seq, id.seq);
	assert_false(claim_of(p, id, 2, NOW, 60000, &other));
	struct store_mark m = { .id = id,
				.epoch = c.epoch,
				.keep_claim = true,
				.dot = true,
				.state = STORE_SENDING,
				.host = STR_LIT("mx.example.net"),
				.next_ms = NOW };
	assert_int_equal(mark(p, m), STORE_DONE);
	m = (struct store_mark){ .id = id, .epoch = c.epoch + 1, .state = STORE_HANDED_OVER };
	assert_int_equal(mark(p, m), STORE_LOST);
	m = (struct store_mark){ .id = id,
				 .epoch = c.epoch,
				 .state = STORE_HANDED_OVER,
				 .tries = 1,
				 .code = 250,
				 .host = STR_LIT("mx.example.net"),
				 .reply = STR_LIT("2.0.0 Ok: queued as A\nB"),
				 .remote_id = STR_LIT("4bXyZ") };
	assert_int_equal(mark(p, m), STORE_DONE);
	assert_int_equal(mark(p, m), STORE_LOST);
	assert_int_equal(state_of(p, id, 0), STORE_HANDED_OVER);
	reopen(p);
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	assert_int_equal(store_trail(p->s, id, a, &t, &e), 1);
	assert_int_equal(t.nevents, 3);
	assert_int_equal(t.events[0].state, STORE_QUEUED);
	assert_true(t.events[1].dot);
	assert_true(str_eq(t.events[2].reply, "2.0.0 Ok: queued as A\nB"));
	m = (struct store_mark){ .id = id, .state = STORE_REFUSED };
	assert_int_equal(mark(p, m), STORE_LOST);
	m.state = STORE_BOUNCED;
	assert_int_equal(mark(p, m), STORE_DONE);
	assert_int_equal(state_of(p, id, 0), STORE_BOUNCED);
}

/* A crowd of one account's comes before; the other account's turn comes at once all the same. */
static void test_accounts_take_turns(void **state)
{
	struct place *p = *state;
	static const char *const accounts[] = { "bulk", "bulk", "bulk", "bulk", "desk", "" };
	static const size_t order[] = { 0, 4, 5, 1, 2, 3 };
	struct store_id ids[ARRAY_LEN(accounts)];
	struct store_claim c[ARRAY_LEN(accounts) + 1];
	size_t ready;
	for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
		struct store_rcpt r = rcpt("a@example.net", "lane");
		struct store_message m = { .account = str_of(accounts[i]), .rcpts = &r, .nrcpts = 1 };
		ids[i] = accept_message(p, &m, "x").id;
	}
	assert_int_equal(store_lane_next(p->s, STR_LIT("lane"), &ready), NOW);
	assert_int_equal(ready, ARRAY_LEN(accounts));
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, NOW, 60000, c, ARRAY_LEN(c)),
			 ARRAY_LEN(accounts));
	for (size_t i = 0; i < ARRAY_LEN(accounts); i++)
		assert_int_equal(c[i].id.seq, ids[order[i]].seq);
	assert_true(store_lane_next(p->s, STR_LIT("lane"), &ready) == STORE_NEVER);
	store_claim_release(p->s, &c[2], NOW);
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, NOW, 60000, c, ARRAY_LEN(c)), 1);
	assert_int_equal(c[0].id.seq, ids[5].seq);
}

static struct store_turn place_of(struct place *p, struct store_id id, uint32_t rcpt)
{
	struct store_turn x;
	store_turn(p->s, STR_LIT("lane"), id, rcpt, NOW, &x);
	return x;
}

/* What is told of who goes before whom is what then happens, whoever claims. */
static void test_the_place_is_the_true_one(void **state)
{
	struct place *p = *state;
	static const char *const accounts[] = { "bulk", "bulk", "bulk", "desk", "bulk", "", "desk", "bulk" };
	enum { N = ARRAY_LEN(accounts) };
	struct store_id ids[N];
	for (size_t i = 0; i < N; i++) {
		struct store_rcpt r[] = { rcpt("a@example.net", "lane"), rcpt("b@example.net", "lane"),
					  rcpt("c@example.net", "lane") };
		struct store_message m = { .account = str_of(accounts[i]),
					   .rcpts = r,
					   .nrcpts = i == 1 ? 3 : 1 };
		ids[i] = accept_message(p, &m, "x").id;
	}
	struct store_rcpt later = rcpt("z@example.net", "lane");
	later.next_ms = NOW + 60000;
	struct store_message waits = { .account = STR_LIT("desk"), .rcpts = &later, .nrcpts = 1 };
	accept_message(p, &waits, "x");
	size_t told[N], left = N;
	for (size_t i = 0; i < N; i++)
		told[i] = place_of(p, ids[i], 0).ahead;
	for (size_t turn = 0; turn < N; turn++, left--) {
		struct store_claim c[8];
		assert_int_equal(place_of(p, ids[0], 0).due, left);
		assert_int_equal(store_claim(p->s, STR_LIT("lane"), 1, NOW, 60000, c, 1), 1);
		size_t n = 1 + store_claim_message(p->s, c[0].id, STR_LIT("lane"), 1, NOW, 60000, &c[1], 7),
		       i = 0;
		while (ids[i].seq != c[0].id.seq)
			i++;
		assert_int_equal(n, i == 1 ? 3 : 1);
		assert_int_equal(told[i], turn);
		assert_true(place_of(p, ids[i], 0).claimed);
		assert_int_equal(place_of(p, ids[i], 0).ahead, 0);
	}
	assert_int_equal(left, 0);
}

static void test_claim_of_one_message(void **state)
{
	struct place *p = *state;
	struct store_rcpt r[] = { rcpt("a@example.net", "lane"), rcpt("b@example.org", "other"),
				  rcpt("c@example.net", "lane"), rcpt("d@example.net", "lane") };
	struct store_message m = { .rcpts = r, .nrcpts = ARRAY_LEN(r) };
	struct store_claim c[4];
	r[3].next_ms = NOW + 1;
	struct store_id id = accept_message(p, &m, "x").id;
	accept_one(p, "z@example.net", "y");
	assert_int_equal(store_claim_message(p->s, id, STR_LIT("lane"), 1, NOW, 60000, c, 4), 2);
	assert_int_equal(c[0].rcpt, 0);
	assert_int_equal(c[1].rcpt, 2);
	assert_int_equal(store_claim_message(p->s, id, STR_LIT("lane"), 1, NOW + 1, 60000, c, 4), 1);
	assert_int_equal(store_claim_message(p->s, id, STR_LIT("none"), 1, NOW + 1, 60000, c, 4), 0);
}

/* Who shows all lanes does not count a crowd in each: so many at least. */
static void test_a_crowd_is_not_counted_through(void **state)
{
	struct place *p = *state;
	enum { CROWD = 1200, COUNTED = 1000 };
	struct store_id last = { 0 };
	for (int i = 0; i < CROWD; i++)
		last = accept_one(p, "a@example.net", "x");
	struct store_turn all = place_of(p, (struct store_id){ 0 }, 0), one = place_of(p, last, 0);
	assert_true(all.due == COUNTED && all.more);
	assert_true(one.due == CROWD && one.ahead == CROWD - 1 && !one.more);
}

/* Whether more may come of it at once: due, claimed; not what waits for its time, is held, or has ended. */
static void test_under_way(void **state)
{
	struct place *p = *state;
	struct store_rcpt r[] = { rcpt("a@example.net", "lane"), rcpt("b@example.org", "other"),
				  rcpt("c@example.net", "lane") };
	struct store_message m = { .rcpts = r, .nrcpts = ARRAY_LEN(r) };
	struct store_claim c;
	r[1].next_ms = NOW + 5000;
	r[2].state = STORE_HELD;
	r[2].next_ms = STORE_NEVER;
	struct store_id id = accept_message(p, &m, "x").id;
	assert_true(store_under_way(p->s, id, NOW, NULL, NULL));
	assert_true(claim_of(p, id, 1, NOW, 60000, &c));
	assert_true(store_under_way(p->s, id, NOW, NULL, NULL));
	struct store_mark k = {
		.id = id, .epoch = c.epoch, .state = STORE_DELAYED, .next_ms = NOW + 9000, .tries = 1
	};
	assert_int_equal(mark(p, k), STORE_DONE);
	assert_false(store_under_way(p->s, id, NOW + 4999, NULL, NULL));
	assert_true(store_under_way(p->s, id, NOW + 5000, NULL, NULL));
	for (k = (struct store_mark){ .id = id, .state = STORE_CANCELLED }; k.rcpt < 3; k.rcpt++)
		assert_int_equal(mark(p, k), STORE_DONE);
	assert_false(store_under_way(p->s, id, NOW + 9000, NULL, NULL));
	assert_false(store_under_way(p->s, (struct store_id){ 5, 5 }, NOW, NULL, NULL));
}

static bool is_second(void *user, uint32_t rcpt)
{
	++*(unsigned *)user;
	return rcpt == 1;
}

/* Asked of those under way alone. */
static void test_under_way_of(void **state)
{
	struct place *p = *state;
	struct store_rcpt r[] = { rcpt("a@example.net", "lane"), rcpt("b@example.org", "other"),
				  rcpt("c@example.net", "lane") };
	struct store_message m = { .rcpts = r, .nrcpts = ARRAY_LEN(r) };
	unsigned asked = 0;
	struct store_id id = accept_message(p, &m, "x").id;
	assert_true(store_under_way(p->s, id, NOW, is_second, &asked));
	assert_int_equal(asked, 2);
	assert_int_equal(mark(p, (struct store_mark){ .id = id, .rcpt = 1, .state = STORE_CANCELLED }),
			 STORE_DONE);
	assert_false(store_under_way(p->s, id, NOW, is_second, &asked));
	assert_int_equal(asked, 4);
}

static size_t found_in(struct place *p, enum store_state state, const struct store_sending *x,
		       struct store_hits *h, struct arena *a)
{
	const struct store_query q = { .state = state, .sending = x };
	struct err e = { 0 };
	assert_true(store_find(p->s, &q, a, h, &e));
	return h->n;
}

/* The disk knows nothing of a claim: who is shown a state, or asks for one, is told of it all the same. */
static void test_sending_is_seen(void **state)
{
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt r[] = { rcpt("a@example.net", "other"), rcpt("b@example.net", "lane") };
	struct store_message m = { .rcpts = r, .nrcpts = ARRAY_LEN(r) };
	struct store_sending all;
	struct store_claim c;
	struct store_hits h;
	struct store_id other = accept_one(p, "x@example.net", "x");
	struct store_id id = accept_message(p, &m, "x").id;
	store_sending(p->s, a, &all);
	assert_int_equal(all.n, 0);
	assert_int_equal(found_in(p, STORE_SENDING, &all, &h, a), 0);
	assert_true(claim_of(p, id, 1, NOW, 60000, &c));
	assert_int_equal(c.rcpt, 1);
	store_sending(p->s, a, &all);
	assert_int_equal(all.n, 1);
	assert_int_equal(found_in(p, STORE_SENDING, &all, &h, a), 1);
	assert_int_equal(h.v[0].rcpt, 1);
	assert_int_equal(h.v[0].state, STORE_SENDING);
	assert_int_equal(h.v[0].kept, STORE_QUEUED);
	assert_int_equal(found_in(p, STORE_QUEUED, &all, &h, a), 2);
	assert_int_equal(h.v[0].rcpt, 0);
	assert_int_equal(h.v[1].id.seq, other.seq);
	assert_int_equal(found_in(p, STORE_QUEUED, NULL, &h, a), 3);
	struct store_query q = { .state = STORE_SENDING,
				 .sending = &all,
				 .recipient = STR_LIT("a@example.net") };
	assert_int_equal(found(p, q), 0);
	q.recipient = STR_LIT("b@example.net");
	assert_int_equal(found(p, q), 1);
	q.since_ms = NOW + DAY_MS;
	assert_int_equal(found(p, q), 0);
}

/* A relay that was killed left it so on the disk; nobody tells what is in hand, or not of all. */
static void test_sending_on_disk_is_found(void **state)
{
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_sending none = { .some = true };
	struct store_claim c;
	struct store_hits h;
	struct store_id id = accept_one(p, "a@example.net", "x");
	assert_true(claim_of(p, id, 1, NOW, 60000, &c));
	struct store_mark dot = {
		.id = id, .epoch = c.epoch, .keep_claim = true, .dot = true, .state = STORE_SENDING
	};
	assert_int_equal(mark(p, dot), STORE_DONE);
	store_settle(p->s);
	assert_int_equal(found_in(p, STORE_SENDING, NULL, &h, a), 1);
	assert_int_equal(found_in(p, STORE_SENDING, &none, &h, a), 1);
	assert_int_equal(h.v[0].state, STORE_SENDING);
	none.some = false;
	assert_int_equal(found_in(p, STORE_SENDING, &none, &h, a), 0);
	store_claim_release(p->s, &c, NOW);
	store_settle(p->s);
}

/* Of what was told a moment ago, what has ended since stays ended; of others nothing changes. */
static void test_ended_is_not_sending(void **state)
{
	struct store_in_hand v[] = { { { 9, 1 }, 2 }, { { 7, 1 }, 0 }, { { 9, 1 }, 1 } };
	struct store_sending s = { .v = v, .n = ARRAY_LEN(v) };
	struct store_rcpt r[] = { { .state = STORE_QUEUED },
				  { .state = STORE_HANDED_OVER },
				  { .state = STORE_DELAYED } };
	struct store_message m = { .id = { 9, 1 }, .rcpts = r, .nrcpts = ARRAY_LEN(r) };
	(void)state;
	store_sending_sort(&s);
	store_message_seen(NULL, &m);
	assert_int_equal(r[2].state, STORE_DELAYED);
	store_message_seen(&s, &m);
	assert_int_equal(r[0].state, STORE_QUEUED);
	assert_int_equal(r[1].state, STORE_HANDED_OVER);
	assert_int_equal(r[2].state, STORE_SENDING);
	assert_int_equal(store_state_seen(&s, (struct store_id){ 7, 1 }, 0, STORE_IN_DOUBT), STORE_SENDING);
}

static void test_lease_ends(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "you@example.net", "x");
	struct store_claim c, again;
	assert_true(claim_of(p, id, 1, NOW, 1000, &c));
	assert_true(store_claim_renew(p->s, &c, NOW + 2000));
	assert_int_equal(store_claims_expire(p->s, NOW + 1999), 0);
	assert_int_equal(store_claims_expire(p->s, NOW + 2000), 1);
	assert_false(store_claim_renew(p->s, &c, NOW + 9000));
	assert_int_equal(store_claim(p->s, STR_LIT("lane"), 2, NOW + 2000, 1000, &again, 1), 1);
	assert_int_not_equal(again.epoch, c.epoch);
	struct store_mark m = { .id = id, .epoch = c.epoch, .state = STORE_HANDED_OVER };
	assert_int_equal(mark(p, m), STORE_LOST);
	m = (struct store_mark){
		.id = id, .epoch = again.epoch, .keep_claim = true, .dot = true, .state = STORE_SENDING
	};
	assert_int_equal(mark(p, m), STORE_DONE);
	assert_int_equal(store_claims_expire(p->s, NOW + 9000), 1);
	assert_int_equal(state_of(p, id, 0), STORE_IN_DOUBT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_claim_and_hand_over),
		T(test_accounts_take_turns),
		T(test_the_place_is_the_true_one),
		T(test_a_crowd_is_not_counted_through),
		T(test_claim_of_one_message),
		T(test_under_way),
		T(test_under_way_of),
		T(test_sending_is_seen),
		T(test_sending_on_disk_is_found),
		T(test_ended_is_not_sending),
		T(test_lease_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

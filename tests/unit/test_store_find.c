/* SPDX-License-Identifier: Apache-2.0 */
/* Searches: what fits, in which order, page by page, and how soon what was told as done is found. */

#include "tests/unit/store_place.h"

static void test_search(void **state)
{
	struct place *p = *state;
	accept_one(p, "anna.muster@example.net",
		   "Rechnung \xc3\x9c"
		   "ber 4711");
	struct store_id second = accept_one(p, "Bob@Other.example", "Invoice 4711");
	struct store_mark m = {
		.id = second, .state = STORE_REFUSED, .code = 550, .remote_id = STR_LIT("Q1")
	};
	assert_int_equal(mark(p, m), STORE_DONE);
	const struct {
		struct store_query q;
		size_t n;
	} cases[] = {
		{ { .limit = 0 }, 2 },
		{ { .recipient = STR_LIT("bob@other.example") }, 1 },
		{ { .recipient = STR_LIT("@OTHER.example") }, 1 },
		{ { .recipient = STR_LIT("anna.*") }, 1 },
		{ { .recipient = STR_LIT("anna.muster") }, 0 },
		{ { .sender = STR_LIT("me@example.com") }, 2 },
		{ { .sender = STR_LIT("@example.com") }, 2 },
		{ { .subject = STR_LIT("4711") }, 2 },
		{ { .subject = STR_LIT("\xc3\xbc"
				       "ber rechnung") },
		  1 },
		{ { .subject = STR_LIT("4711 nothing") }, 0 },
		{ { .message_id = STR_LIT("1@example.com") }, 2 },
		{ { .remote_id = STR_LIT("Q1") }, 1 },
		{ { .state = STORE_REFUSED }, 1 },
		{ { .state = STORE_QUEUED }, 1 },
		{ { .since_ms = NOW }, 2 },
		{ { .since_ms = NOW + 1 }, 0 },
		{ { .until_ms = NOW }, 0 },
		{ { .until_ms = NOW + 1, .subject = STR_LIT("invoice") }, 1 },
		{ { .account = STR_LIT("none") }, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (found(p, cases[i].q) != cases[i].n)
			fail_msg("question %zu found %zu", i, found(p, cases[i].q));
}

static void test_cursor(void **state)
{
	struct place *p = *state;
	enum { MANY = 23 };
	for (int i = 0; i < MANY; i++)
		accept_one(p, "a@example.net", "x");
	struct store_query q = { .recipient = STR_LIT("a@example.net"), .limit = 5 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_hits h;
	struct err e = { 0 };
	uint64_t last = UINT64_MAX;
	size_t n = 0;
	do {
		assert_true(store_find(p->s, &q, a, &h, &e));
		for (size_t i = 0; i < h.n; i++, n++) {
			assert_true(h.v[i].id.seq < last);
			last = h.v[i].id.seq;
		}
		q.cursor = str_of(h.cursor);
	} while (h.cursor);
	assert_int_equal(n, MANY);
}

/* Two recipients each, of which the second one's state goes round. */
static void fill_states(struct place *p, size_t n)
{
	static const enum store_state ends[] = { STORE_REFUSED, STORE_HANDED_OVER, STORE_DELAYED,
						 STORE_EXPIRED, STORE_HELD };
	for (size_t i = 0; i < n; i++) {
		struct store_rcpt r[2] = { rcpt("a@example.net", "lane"), rcpt("b@example.net", "lane") };
		struct store_message m = { .arrived_ms = p->now, .rcpts = r, .nrcpts = 2 };
		struct store_mark k = { .id = accept_message(p, &m, "x").id,
					.rcpt = 1,
					.state = ends[i % ARRAY_LEN(ends)],
					.next_ms = NOW + 1 };
		assert_int_equal(mark(p, k), STORE_DONE);
	}
}

/* All pages of a question, newest first, each recipient once; returns how many. */
static size_t read_pages(struct place *p, struct store_query q)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_hits h;
	struct err e = { 0 };
	struct store_hit last = { .id.seq = UINT64_MAX };
	size_t n = 0;
	do {
		assert_true(store_find(p->s, &q, a, &h, &e));
		assert_true(h.n <= q.limit);
		for (size_t i = 0; i < h.n; i++, n++) {
			assert_true(h.v[i].id.seq < last.id.seq ||
				    (h.v[i].id.seq == last.id.seq && h.v[i].rcpt > last.rcpt));
			assert_true(q.states >> h.v[i].state & 1);
			last = h.v[i];
		}
		q.cursor = str_of(h.cursor);
	} while (h.cursor);
	return n;
}

static void test_several_states(void **state)
{
	struct place *p = *state;
	enum { MESSAGES = 20, EACH = MESSAGES / 5 };
	static const struct {
		unsigned states;
		size_t n;
	} cases[] = {
		{ 1u << STORE_REFUSED | 1u << STORE_EXPIRED, 2 * EACH },
		{ 1u << STORE_DELAYED | 1u << STORE_HELD, 2 * EACH },
		{ 1u << STORE_REFUSED | 1u << STORE_DELAYED, 2 * EACH },
		{ 1u << STORE_QUEUED | 1u << STORE_HANDED_OVER | 1u << STORE_REFUSED, MESSAGES + 2 * EACH },
		{ 1u << STORE_REFUSED, EACH },
		{ 1u << STORE_BOUNCED | 1u << STORE_CANCELLED, 0 },
		{ UINT32_MAX, 2 * MESSAGES },
	};
	fill_states(p, MESSAGES);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t limit = 1; limit < 9; limit += 3) {
			struct store_query q = { .states = cases[i].states, .limit = limit };
			assert_int_equal(read_pages(p, q), cases[i].n);
			q.recipient = STR_LIT("nobody@example.net");
			assert_int_equal(read_pages(p, q), 0);
		}
	assert_int_equal(found(p, (struct store_query){ .states = 1u << STORE_EXPIRED | 1u << STORE_HELD,
							.recipient = STR_LIT("b@example.net") }),
			 2 * EACH);
}

/* One list of what was written in either form, page by page, whatever else is asked. */
static void test_forms_of_an_address(void **state)
{
	struct place *p = *state;
	enum { EACH = 7 };
	for (size_t i = 0; i < EACH; i++) {
		struct store_mark k = { .id = accept_one(p, "a@xn--mller-kva.example", "x"),
					.state = STORE_REFUSED };
		assert_int_equal(mark(p, k), STORE_DONE);
		accept_one(p, "a@müller.example", "y");
		accept_one(p, "b@kunde.example", "x");
	}
	struct store_query q = { .recipient = STR_LIT("@müller.example"),
				 .recipient_forms = { STR_LIT("@xn--mller-kva.example") },
				 .sender = STR_LIT("me@xn--mller-kva.example"),
				 .sender_forms = { STR_LIT("me@example.com") } };
	const unsigned ended = 1u << STORE_REFUSED | 1u << STORE_EXPIRED, any = UINT32_MAX;
	for (q.limit = 1; q.limit < 9; q.limit += 3) {
		q.states = any;
		q.subject = STR_LIT("");
		assert_int_equal(read_pages(p, q), 2 * EACH);
		q.states = ended;
		assert_int_equal(read_pages(p, q), EACH);
		q.states = 1u << STORE_QUEUED;
		assert_int_equal(read_pages(p, q), EACH);
		q.subject = STR_LIT("x");
		assert_int_equal(read_pages(p, q), 0);
	}
	assert_int_equal(found(p, (struct store_query){ .recipient = STR_LIT("@a.example"),
							.recipient_forms = { STR_LIT("@müller.example") } }),
			 EACH);
}

static struct str own_of(struct str kept)
{
	return str_istarts(kept, "(x)") ? str_cut(kept, 3, kept.len) : kept;
}

/* By the name that people know, whatever stands before it. */
static void test_lane(void **state)
{
	struct place *p = *state;
	struct store_rcpt r[3] = { rcpt("a@example.net", "m365"), rcpt("b@example.net", "(x)m365"),
				   rcpt("c@example.net", "(x)box") };
	struct store_message m = { .arrived_ms = p->now, .rcpts = r, .nrcpts = 3 };
	accept_message(p, &m, "x");
	struct store_query q = { .lane = STR_LIT("M365") };
	assert_int_equal(found(p, q), 1);
	q.lane_own = own_of;
	assert_int_equal(found(p, q), 2);
	q.lane = STR_LIT("box");
	assert_int_equal(found(p, q), 1);
	q.lane = STR_LIT("(x)box");
	assert_int_equal(found(p, q), 0);
}

static void expect_given(struct place *p, struct store_id id)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	assert_int_equal(store_trail(p->s, id, a, &t, &e), 1);
	assert_true(str_eq(t.message.sender_given, "app@example.com"));
	assert_int_equal(t.nevents, 2);
	assert_true(t.events[0].rcpt == UINT32_MAX && str_eq(t.events[0].why, "changed by a filter"));
	assert_true(t.events[1].rcpt == 1 && t.events[1].state == STORE_HELD);
	assert_true(store_fetch(p->s, id, a, &t.message, &e));
	assert_true(str_eq(t.message.sender_given, "app@example.com"));
	assert_true(str_eq(t.message.sender_why, "changed by a filter"));
	assert_int_equal(found(p, (struct store_query){ .sender = STR_LIT("APP@example.com") }), 2);
	assert_int_equal(found(p, (struct store_query){ .sender = STR_LIT("@example.com") }), 2 + 2);
	assert_int_equal(found(p, (struct store_query){ .sender = STR_LIT("new@other.example") }), 2 + 1);
	assert_int_equal(found(p, (struct store_query){ .sender = STR_LIT("a@example.net") }), 0);
}

/* By the sender that a filter changed as well; also once the index was made anew. */
static void test_sender_given(void **state)
{
	struct place *p = *state;
	struct store_rcpt r[2] = { rcpt("a@example.net", "lane"), rcpt("b@example.net", "lane") };
	r[1].state = STORE_HELD;
	struct store_message m = { .arrived_ms = p->now,
				   .reverse_path = STR_LIT("new@other.example"),
				   .sender_given = STR_LIT("app@example.com"),
				   .sender_why = STR_LIT("changed by a filter"),
				   .rcpts = r,
				   .nrcpts = 2 };
	struct store_id id = accept_message(p, &m, "x").id;
	m.sender_given = m.sender_why = STR_LIT("");
	m.nrcpts = 1;
	accept_message(p, &m, "x");
	accept_one(p, "c@example.net", "x");
	accept_one(p, "c@example.net", "y");
	expect_given(p, id);
	store_close(&p->s);
	drop_index(p);
	open_store(p);
	expect_given(p, id);
}

/* It moved, and the index made anew finds what became of it before its new place. */
static void test_sender_given_moved(void **state)
{
	struct place *p = *state;
	CLEANUP(mem_free) char *bulk = made_text(60 * 1000, 2);
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .reverse_path = STR_LIT("new@other.example"),
				   .sender_given = STR_LIT("app@example.com"),
				   .sender_why = STR_LIT("changed by a filter"),
				   .rcpts = &r,
				   .nrcpts = 1 };
	struct store_mark later = { .state = STORE_DELAYED, .code = 451, .next_ms = NOW };
	struct store_trail t;
	struct err e = { 0 };
	later.id = accept_message(p, &m, "x").id;
	pass_through(p, 120, bulk);
	assert_int_equal(mark(p, later), STORE_DONE);
	accept_one(p, "stays@example.net", "with what was told last");
	tidy(p);
	store_close(&p->s);
	drop_index(p);
	assert_false(place_has(p, "bodies/0000000001.seg"));
	open_store(p);
	assert_int_equal(store_trail(p->s, later.id, a, &t, &e), 1);
	assert_true(str_eq(t.message.sender_given, "app@example.com"));
	assert_true(str_eq(t.message.sender_why, "changed by a filter"));
	assert_true(str_eq(t.events[0].why, "changed by a filter"));
	assert_true(t.nevents >= 2 && t.events[1].code == 451);
	for (size_t i = 1; i < t.nevents; i++)
		assert_int_equal(t.events[i].rcpt, 0);
	assert_int_equal(found(p, (struct store_query){ .sender = STR_LIT("app@example.com") }), 1);
}

/* No pause between the outcome and the question. */
static void test_found_at_once(void **state)
{
	struct place *p = *state;
	enum { ROUNDS = 5, PATIENCE_MS = 20000 };
	for (int i = 0; i < ROUNDS; i++) {
		struct err e = { 0 };
		struct store_done d;
		struct store_rcpt r = rcpt("a@example.net", "lane");
		struct store_message m = { .arrived_ms = p->now, .rcpts = &r, .nrcpts = 1 };
		struct store_body *b = store_body_begin(p->s);
		assert_true(store_accept(p->s, &b, &m, NULL, &e));
		while (!store_take_done(p->s, &d, 1))
			;
		assert_true(store_behind(p->s) <= 1);
		assert_true(store_catch_up(p->s, PATIENCE_MS));
		assert_int_equal(store_behind(p->s), 0);
		assert_int_equal(found(p, (struct store_query){ .limit = 9 }), i + 1);
	}
	assert_true(store_catch_up(p->s, 0)); /* there is nothing to wait for */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_search), T(test_cursor),       T(test_several_states),     T(test_forms_of_an_address),
		T(test_lane),   T(test_sender_given), T(test_sender_given_moved), T(test_found_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

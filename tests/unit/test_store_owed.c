/* SPDX-License-Identifier: Apache-2.0 */
/* Of whom the sender is to be told that his mail was handed over: kept with the change, in stores of before
 * not. */
#include "tests/unit/store_place.h"

#include "base/buf.h"
#include "store/pack_message.h"

static void expect_owed(struct place *p, struct store_id id)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	unsigned owed = 0;
	assert_int_equal(store_trail(p->s, id, a, &t, &e), 1);
	for (size_t i = 0; i < t.nevents; i++) {
		assert_false(t.events[i].dot);
		assert_true(t.events[i].owed == (t.events[i].rcpt == 1));
		owed += t.events[i].owed;
	}
	assert_int_equal(owed, 1);
	assert_int_equal(found(p, (struct store_query){ .owed = true }), 2); /* both recipients of one */
	assert_int_equal(found(p, (struct store_query){ .owed = true, .until_ms = NOW }), 0);
}

/* A success that is ours to tell is found after a restart, by an index that is made anew as well. */
static void test_owed(void **state)
{
	struct place *p = *state;
	struct store_rcpt r[] = { rcpt("a@example.net", "lane"), rcpt("b@example.org", "other") };
	struct store_message m = { .arrived_ms = NOW, .rcpts = r, .nrcpts = ARRAY_LEN(r) };
	struct store_id id = accept_message(p, &m, "x").id, other = accept_one(p, "z@example.net", "y");
	struct store_mark k = { .id = id, .state = STORE_HANDED_OVER, .at_ms = NOW };
	assert_int_equal(mark(p, k), STORE_DONE);
	k.id = other;
	assert_int_equal(mark(p, k), STORE_DONE);
	k = (struct store_mark){
		.id = id, .rcpt = 1, .state = STORE_HANDED_OVER, .at_ms = NOW, .owed = true
	};
	assert_int_equal(mark(p, k), STORE_DONE);
	expect_owed(p, id);
	reopen(p);
	expect_owed(p, id);
	store_close(&p->s);
	drop_index(p);
	open_store(p);
	expect_owed(p, id);
	struct err e = { 0 };
	k = (struct store_mark){ .id = id, .state = STORE_REFUSED, .owed = true };
	assert_false(store_mark(p->s, &k, 1, NULL, &e));
	k.state = STORE_BOUNCED; /* it came back to us alone */
	assert_int_equal(mark(p, k), STORE_DONE);
}

/* A mark as it was written before `owed` was kept. */
static void test_marks_of_before(void **state)
{
	(void)state;
	static const char before[] = "\x01\x01\x07\x09\x02\x05\x02\x04\x80\x08\x00\x03\x00"
				     "\x00\x02mx\x00\x00\x00\x00\x00\x00\x00";
	CLEANUP(buf_clear) struct buf now = { 0 };
	struct mark_reader r;
	assert_true(mark_reader_begin(&r, STR_LIT(before)) && mark_reader_next(&r));
	assert_true(r.mark.dot && !r.mark.keep_claim && !r.mark.owed);
	assert_int_equal(r.mark.at_ms, 512);
	assert_true(str_eq(r.mark.host, "mx") && !r.u.left.len);
	pack_marks(&now, &r.mark, 1); /* and where nothing is owed, it is written so */
	assert_int_equal(buf_waiting(&now), sizeof(before) - 1);
	assert_memory_equal(buf_str(&now).p, before, sizeof(before) - 1);
	r.mark.owed = true;
	now.start = now.len = 0;
	pack_marks(&now, &r.mark, 1);
	assert_true(mark_reader_begin(&r, buf_str(&now)) && mark_reader_next(&r));
	assert_true(r.mark.owed && r.mark.dot);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_owed, begin, end),
					    cmocka_unit_test(test_marks_of_before) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

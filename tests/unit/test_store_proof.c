/* SPDX-License-Identifier: Apache-2.0 */
/* By what a next server was proven: kept with the change, in stores of before not. */
#include "tests/unit/store_place.h"

#include "base/buf.h"
#include "store/pack_message.h"

static void expect_proofs(struct place *p, struct store_id id)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	assert_int_equal(store_trail(p->s, id, a, &t, &e), 1);
	assert_int_equal(t.nevents, 1 + STORE_PROOFS); /* the first one is that it was taken */
	assert_int_equal(t.events[0].proof, STORE_PROOF_UNKNOWN);
	for (unsigned i = 0; i < STORE_PROOFS; i++) {
		const struct store_event *v = &t.events[1 + i];
		assert_int_equal(v->proof, i);
		assert_true(str_eq(v->tls, i ? "TLSv1.3" : ""));
		assert_false(v->dot || v->owed); /* they stand beside it */
	}
}

/* Also over a restart, and by an index that is made anew. */
static void test_kept(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x");
	for (unsigned i = 0; i < STORE_PROOFS; i++)
		assert_int_equal(mark(p, (struct store_mark){ .id = id,
							      .state = STORE_DELAYED,
							      .at_ms = NOW + i,
							      .next_ms = NOW + 1000,
							      .tls = str_of(i ? "TLSv1.3" : ""),
							      .proof = (enum store_proof)i }),
				 STORE_DONE);
	expect_proofs(p, id);
	reopen(p);
	expect_proofs(p, id);
	store_close(&p->s);
	drop_index(p);
	open_store(p);
	expect_proofs(p, id);
}

/* A mark as it was written before this was kept. */
static void test_marks_of_before(void **state)
{
	(void)state;
	static const char before[] = "\x01\x01\x07\x09\x02\x05\x04\x02\x04\x80\x08\x00\x03\x00"
				     "\x02mx\x00\x00\x00\x00\x00\x00\x00\x00\x00";
	CLEANUP(buf_clear) struct buf now = { 0 };
	struct mark_reader r;
	assert_true(mark_reader_begin(&r, STR_LIT(before)) && mark_reader_next(&r));
	assert_true(r.mark.owed && r.mark.proof == STORE_PROOF_UNKNOWN);
	r.mark.proof = STORE_PROOF_MTA_STS;
	pack_marks(&now, &r.mark, 1);
	assert_true(mark_reader_begin(&r, buf_str(&now)) && mark_reader_next(&r));
	assert_true(r.mark.owed && !r.mark.dot && r.mark.proof == STORE_PROOF_MTA_STS);
}

/* One that a newer program may know is not taken for another. */
static void test_unknown_proof(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct mark_reader r;
	const struct store_mark m = { .state = STORE_DELAYED, .proof = STORE_PROOFS };
	pack_marks(&b, &m, 1);
	assert_true(mark_reader_begin(&r, buf_str(&b)));
	assert_false(mark_reader_next(&r));
	assert_string_equal(store_proof_name(STORE_PROOFS), "");
	assert_string_equal(store_proof_words(STORE_PROOFS), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_kept, begin, end),
					    cmocka_unit_test(test_marks_of_before),
					    cmocka_unit_test(test_unknown_proof) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

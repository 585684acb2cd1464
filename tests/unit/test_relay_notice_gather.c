/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_gather, notice_span: which changes wait for which, and what a report's name says. */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/notice/notice_gather.h"
#include "relay/notice/notice_span.h"

#define NOW INT64_C(1795000000000)

static const struct span_case {
	const char *name; /* behind the id */
	struct notice_span span;
} span_cases[] = {
	{ ".1.1a1eeb5f600-0.report@relay.test",
	  { { 7, 9 }, NOTICE_FAILED, { 0x1a1eeb5f600, 0 }, { 0x1a1eeb5f600, 0 } } },
	{ ".1.1a1eeb5f600-0.0-3e7.report@relay.test",
	  { { 7, 9 }, NOTICE_FAILED, { 0x1a1eeb5f600, 0 }, { 0x1a1eeb5f600, 999 } } },
	{ ".2.1a1eeb5f600-1869f.ea60-2.report@[192.0.2.1]",
	  { { 7, 9 }, NOTICE_DELAYED, { 0x1a1eeb5f600, 99999 }, { 0x1a1eeb6e060, 2 } } },
	{ ".4.0-0.ffffffffffff-ffffffff.report@x",
	  { { 7, 9 }, NOTICE_DOUBT, { 0, 0 }, { 0xffffffffffff, UINT32_MAX } } },
};

static const char *const no_spans[] = {
	".0.1a1eeb5f600-0.report@x",
	".5.1a1eeb5f600-0.report@x",
	".1.1a1eeb5f600.report@x",
	".1.1a1eeb5f600-0.report",
	".1.1a1eeb5f600-0.letter@x",
	".1.1a1eeb5f6001a1eeb5f600-0.report@x",
	".1.1a1eeb5f600-0.1-123456789.report@x",
	".1.1a1eeb5f600-0.1-1.1-1.report@x",
	".1.-1a1eeb5f60-0.report@x",
	".1.1a1eeb5f600--1.report@x",
	".1.1a1eeb5f600-+1.report@x",
	".1. 1a1eeb5f60-0.report@x",
	".1.0x1a1eeb5f6-0.report@x",
	"@example.org",
	"",
};

static void check_span(const struct span_case *c, struct arena *a)
{
	char id[STORE_ID_TEXT];
	struct notice_span got;
	const char *host = strchr(c->name, '@');
	const char *want = arena_printf(a, "%s%s", store_id_text(c->span.about, id), c->name);
	const char *made = arena_printf(a, "%s%s", notice_span_name(&c->span, a), host);
	assert_string_equal(made, want);
	assert_true(notice_span_read(str_of(want), &got));
	assert_true(store_id_same(got.about, c->span.about));
	assert_int_equal(got.kind, c->span.kind);
	assert_int_equal(notice_place_compare(got.first, c->span.first), 0);
	assert_int_equal(notice_place_compare(got.last, c->span.last), 0);
	assert_true(notice_span_read(str_of(arena_printf(a, "<%s>", want)), &got));
	for (size_t cut = 0; cut <= strlen(want); cut++) /* whole, or none */
		assert_true(notice_span_read((struct str){ want, cut }, &got) ==
			    (cut > strlen(want) - strlen(host)));
}

static void test_span(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	char id[STORE_ID_TEXT];
	struct notice_span got;
	for (size_t i = 0; i < ARRAY_LEN(span_cases); i++)
		check_span(&span_cases[i], a);
	store_id_text((struct store_id){ 7, 9 }, id);
	for (size_t i = 0; i < ARRAY_LEN(no_spans); i++)
		if (notice_span_read(str_of(arena_printf(a, "%s%s", id, no_spans[i])), &got))
			fail_msg("%s", no_spans[i]);
	assert_false(notice_span_read(str_of("<7@example.org>"), &got));
	assert_false(notice_span_read(str_of(""), &got));
}

static void test_span_has(void **state)
{
	(void)state;
	const struct notice_span s = { { 7, 9 }, NOTICE_FAILED, { NOW, 5 }, { NOW + 9, 2 } };
	assert_true(notice_span_has(&s, NOTICE_FAILED, (struct notice_place){ NOW, 5 }));
	assert_true(notice_span_has(&s, NOTICE_FAILED, (struct notice_place){ NOW + 1, 99 }));
	assert_true(notice_span_has(&s, NOTICE_FAILED, (struct notice_place){ NOW + 9, 2 }));
	assert_false(notice_span_has(&s, NOTICE_FAILED, (struct notice_place){ NOW, 4 }));
	assert_false(notice_span_has(&s, NOTICE_FAILED, (struct notice_place){ NOW + 9, 3 }));
	assert_false(notice_span_has(&s, NOTICE_DELAYED, (struct notice_place){ NOW + 1, 0 }));
}

enum { RCPTS = 3, MANY = 1000 };

static struct store_rcpt rcpts[MANY] = { { .address = { "a@example.com", 13 } },
					 { .address = { "b@example.com", 13 } },
					 { .address = { "c@example.com", 13 } } };

static struct notice_gather *gather_of(uint64_t seq, size_t nrcpts, uint64_t now_ms)
{
	struct store_message m = { .id = { seq, 1 }, .rcpts = rcpts, .nrcpts = nrcpts };
	return notice_gather_new(&m, now_ms);
}

static void add(struct notice_gather *g, enum notice_kind kind, uint32_t rcpt, int64_t at_ms)
{
	char reply[] = "5.1.1 No such user";
	struct store_message m = { .id = g->message.id, .rcpts = rcpts, .nrcpts = RCPTS };
	struct store_mark k = { .rcpt = rcpt, .at_ms = at_ms, .reply = str_of(reply) };
	notice_gather_add(g, &m, kind, &k);
	memset(reply, 0, sizeof(reply));
}

static void test_gather(void **state)
{
	(void)state;
	struct notice_gather *g = gather_of(1, 3, 1000);
	struct notice_group *failed = &g->groups[NOTICE_FAILED], *delayed = &g->groups[NOTICE_DELAYED];
	add(g, NOTICE_FAILED, 2, NOW + 5);
	add(g, NOTICE_FAILED, 1, NOW + 5);
	add(g, NOTICE_FAILED, 0, NOW + 9);
	add(g, NOTICE_DELAYED, 0, NOW + 2);
	notice_group_sort(failed);
	assert_int_equal(failed->n, 3);
	assert_int_equal(failed->v[0]->rcpt, 1);
	assert_int_equal(failed->v[1]->rcpt, 2);
	assert_int_equal(failed->v[2]->rcpt, 0);
	assert_true(str_eq(failed->v[2]->reply, "5.1.1 No such user"));
	assert_true(str_eq(g->message.rcpts[2].address, "c@example.com"));
	assert_int_equal(g->since_ms, NOW + 2);
	assert_int_equal(g->newest_ms, NOW + 9);
	notice_gather_withdraw(g, 1);
	assert_int_equal(delayed->n, 1);
	notice_gather_withdraw(g, 0); /* refused meanwhile: that it was late is no news */
	assert_int_equal(delayed->n, 0);
	assert_int_equal(failed->n, 3);
	notice_gather_free(&g);
	assert_null(g);
}

/* Who waits how long: a look soon after each change, and an end. */
static void test_times(void **state)
{
	(void)state;
	struct notice_gathers l = { 0 };
	assert_true(notice_gathers_next(&l) == UINT64_MAX);
	assert_true(notice_gathers_since(&l) == INT64_MAX);
	struct notice_gather *a = gather_of(1, 3, 1000), *b = gather_of(2, MANY, 2000);
	add(a, NOTICE_FAILED, 0, NOW + 7);
	add(b, NOTICE_FAILED, 0, NOW + 3);
	notice_gathers_put(&l, a);
	notice_gathers_put(&l, b);
	assert_int_equal(notice_gathers_next(&l), 1000 + NOTICE_GATHER_MS);
	assert_int_equal(notice_gathers_since(&l), NOW + 3);
	notice_gather_stir(b, 3000);
	assert_int_equal(notice_gathers_next(&l), 3000 + NOTICE_LOOK_MS + 1000 / NOTICE_LOOK_RCPTS);
	notice_gather_stir(b, 3050); /* one look for all of them */
	assert_int_equal(notice_gathers_next(&l), 3000 + NOTICE_LOOK_MS + 1000 / NOTICE_LOOK_RCPTS);
	notice_gathers_take(&l, a);
	b->look_ms = UINT64_MAX;
	assert_int_equal(notice_gathers_next(&l), 2000 + NOTICE_GATHER_MS);
	assert_ptr_equal(notice_gathers_find(&l, (struct store_id){ 2, 1 }), b);
	assert_null(notice_gathers_find(&l, (struct store_id){ 1, 1 }));
	notice_gathers_take(&l, b);
	assert_int_equal(l.n + l.rcpts, 0);
	notice_gather_free(&a);
	notice_gather_free(&b);
}

static void test_room(void **state)
{
	(void)state;
	struct notice_gathers l = { 0 };
	assert_false(notice_gathers_full(&l, STORE_RCPTS_MAX)); /* one always fits */
	for (uint64_t i = 0; !notice_gathers_full(&l, 2); i++)
		notice_gathers_put(&l, gather_of(i + 1, 2, 1000));
	assert_int_equal(l.n, NOTICE_GATHERS_MAX);
	struct notice_gather *g = l.first;
	assert_int_equal(g->message.id.seq, 1);
	notice_gathers_take(&l, g);
	notice_gather_free(&g);
	assert_false(notice_gathers_full(&l, 2));
	assert_true(notice_gathers_full(&l, NOTICE_GATHER_RCPTS - 2 * (NOTICE_GATHERS_MAX - 1) + 1));
	while ((g = l.first)) {
		notice_gathers_take(&l, g);
		notice_gather_free(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_span), cmocka_unit_test(test_span_has),
					    cmocka_unit_test(test_gather), cmocka_unit_test(test_times),
					    cmocka_unit_test(test_room) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

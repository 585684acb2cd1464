/* SPDX-License-Identifier: Apache-2.0 */
/* A message that comes in pieces is signed as one that comes whole. */
#include <string.h>

#include "tests/unit/unit.h"

#include "relay/filter/sign.h"

static const char *const cases[] = {
	"From: a@example.com\r\nSubject: x\r\n\r\nHello  there \r\n\r\n\r\n",
	"From: a@example.com\r\n\r\n\r\nan empty line first\r\n",
	"From: a@example.com\nSubject: x\n\nlone\nLF",
	"From: a@example.com\r\nSubject: no body\r\n",
	"From: a@example.com\r\nSubject: cut",
	"From: a@example.com\r\n \r\n\tfolded\r\n\r\nbody\r\n",
	"\r\nno header\r\n\r\nmore\r\n",
	"",
};

static void expect(const struct sign_text *t, struct str whole, size_t cut)
{
	struct arena *a = arena_new();
	struct header h;
	struct dkim_body_hash body = { .limit = SIZE_MAX };
	unsigned char want[DKIM_HASH_BYTES];
	header_read(a, whole, &h);
	assert_true(dkim_hash_body(h.body, DKIM_RELAXED, &body, want));
	struct str head = str_cut(whole, 0, whole.len - h.body.len);
	if (t->head.len != head.len || memcmp(buf_str(&t->head).p, head.p, head.len) != 0)
		fail_msg("cut at %zu of " STR_FMT ": header " STR_FMT, cut, STR_ARG(whole),
			 STR_ARG(buf_str(&t->head)));
	assert_memory_equal(t->body, want, sizeof(want));
	arena_free(&a);
}

static void test_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str whole = str_of(cases[i]);
		for (size_t cut = 0; cut <= whole.len; cut++) {
			struct sign_text t = { 0 };
			struct err e = { 0 };
			sign_text_feed(&t, str_cut(whole, 0, cut));
			sign_text_feed(&t, str_cut(whole, cut, whole.len));
			assert_true(sign_text_end(&t, &e));
			expect(&t, whole, cut);
			sign_text_clear(&t);
		}
	}
}

/* A hasher that there is memory for later has not seen what went before. */
static void test_no_memory(void **state)
{
	(void)state;
	struct sign_text t = { .failed = true };
	struct err e = { 0 };
	sign_text_feed(&t, str_of(cases[0]));
	assert_null(t.hasher);
	assert_false(sign_text_end(&t, &e));
	assert_int_equal(e.kind, ERR_TLS);
	sign_text_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_pieces), cmocka_unit_test(test_no_memory) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

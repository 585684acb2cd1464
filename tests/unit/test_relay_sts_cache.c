/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "relay/delivery/sts_cache.h"

#define NOW INT64_C(1790000000000)

static char path[64];

static int begin(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/sts-XXXXXX");
	int fd = mkstemp(path);
	close_fd(&fd);
	return 0;
}

static int end(void **state)
{
	(void)state;
	return unlink(path);
}

static void put(struct sts_cache *c, const char *domain, const char *id, enum mta_sts_mode mode,
		unsigned long age, int64_t now)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mta_sts_policy p = { .good = true, .mode = mode, .max_age = age, .problem = "" };
	strlist_add(&p.mx, a, "mx.example.net");
	strlist_add(&p.mx, a, "*.mail.example.net");
	sts_cache_put(c, domain, id, &p, now);
}

static void expect(const struct sts_cache *c, const char *domain, const char *want, int64_t now)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mta_sts_policy p;
	const char *id = NULL;
	assert_int_equal(sts_cache_get(c, domain, now, a, &p, &id), want != NULL);
	if (!want)
		return;
	assert_string_equal(id, want);
	assert_true(p.good);
	assert_int_equal(p.mx.n, 2);
	assert_true(mta_sts_allows(&p, "in.mail.example.net"));
}

static void test_kept(void **state)
{
	(void)state;
	CLEANUP(sts_cache_free) struct sts_cache *c = sts_cache_new(path, NOW), *later = NULL;
	put(c, "example.net", "1", MTA_STS_MODE_ENFORCE, 1000, NOW);
	put(c, "short.example", "1", MTA_STS_MODE_TESTING, 10, NOW);
	put(c, "example.net", "2", MTA_STS_MODE_ENFORCE, 1000, NOW + 5000);
	expect(c, "example.net", "2", NOW + 1004999);
	expect(c, "example.net", NULL, NOW + 1005000);
	expect(c, "other.example", NULL, NOW);
	for (int round = 0; round < 2; round++) { /* as appended, and as written anew */
		sts_cache_free(&later);
		later = sts_cache_new(path, NOW + 20000);
		expect(later, "example.net", "2", NOW + 20000);
		expect(later, "short.example", NULL, NOW + 20000);
	}
	put(later, "third.example", "x", MTA_STS_MODE_NONE, 1000, NOW + 20000);
	sts_cache_free(&later);
	later = sts_cache_new(path, NOW + 20000);
	expect(later, "third.example", "x", NOW + 20000);
	expect(later, "example.net", "2", NOW + 20000);
}

/* No line can be made to speak for another domain, or for longer than its policy may. */
static void test_bad_lines(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"",
		"x",
		"1790000001000",
		"1790000001000 10 enforce",
		"1790000001000 10 enforce example.net",
		"1790000001000 10 sometimes example.net 1 mx.example.net *.mail.example.net",
		"1790000001000 31557601 enforce example.net 1 mx.example.net *.mail.example.net",
		"1790000011000 10 enforce example.net 1 mx.example.net *.mail.example.net", /* longer than its
											       age */
		"1789999999000 10 enforce example.net 1 mx.example.net *.mail.example.net", /* over */
		"99999999999999999999999 10 enforce example.net 1 mx.example.net *.mail.example.net",
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		FILE *f = fopen(path, "we");
		assert_non_null(f);
		fprintf(f, "%s\n1790000001000 10 enforce cut.example 1 mx", lines[i]);
		fclose(f);
		CLEANUP(sts_cache_free) struct sts_cache *c = sts_cache_new(path, NOW);
		expect(c, "example.net", NULL, NOW);
		expect(c, "cut.example", NULL, NOW);
	}
	CLEANUP(sts_cache_free) struct sts_cache *c = sts_cache_new(path, NOW), *again = NULL;
	put(c, "example.net", "1\n1790000001000 10 none victim.example 1", MTA_STS_MODE_ENFORCE, 10, NOW);
	again = sts_cache_new(path, NOW);
	expect(again, "victim.example", NULL, NOW);
	expect(again, "example.net", NULL, NOW);
}

static void test_without_a_file(void **state)
{
	(void)state;
	CLEANUP(sts_cache_free) struct sts_cache *c = sts_cache_new("/nowhere/at/all", NOW);
	put(c, "example.net", "1", MTA_STS_MODE_ENFORCE, 10, NOW);
	expect(c, "example.net", "1", NOW);
}

/* While it still counts, so that nobody who bars the way to it can wait for its end. */
static void test_fetched_in_time(void **state)
{
	(void)state;
	CLEANUP(sts_cache_free) struct sts_cache *c = sts_cache_new(NULL, NOW);
	const int64_t day = 86400000;
	assert_true(sts_cache_wants(c, "example.net", "1", NOW));
	put(c, "example.net", "1", MTA_STS_MODE_ENFORCE, 10 * 86400, NOW);
	assert_false(sts_cache_wants(c, "example.net", "1", NOW + 1));
	assert_false(sts_cache_wants(c, "example.net", "1", NOW + 5 * day));
	assert_true(sts_cache_wants(c, "example.net", "1", NOW + 5 * day + 1));
	assert_false(sts_cache_wants(c, "example.net", "1", NOW + 5 * day + STS_AGAIN_MS)); /* in vain */
	expect(c, "example.net", "1", NOW + 5 * day + STS_AGAIN_MS);
	assert_true(sts_cache_wants(c, "example.net", "1", NOW + 5 * day + 1 + STS_AGAIN_MS));
	assert_true(sts_cache_wants(c, "example.net", "1", NOW + 5 * day + 2)); /* the clock was put back */
	put(c, "example.net", "2", MTA_STS_MODE_ENFORCE, 10 * 86400, NOW + 6 * day);
	assert_false(sts_cache_wants(c, "example.net", "2", NOW + 6 * day));
	assert_true(sts_cache_wants(c, "example.net", "3", NOW + 6 * day));
	assert_true(sts_cache_wants(c, "example.net", "2", NOW + 16 * day));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_kept, begin, end),
					    cmocka_unit_test_setup_teardown(test_bad_lines, begin, end),
					    cmocka_unit_test(test_without_a_file),
					    cmocka_unit_test(test_fetched_in_time) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

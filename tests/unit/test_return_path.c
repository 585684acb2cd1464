/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/return_path: what we signed is known again, and nothing else is. */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <string.h>

#include "relay/bounce/return_path.h"

static const struct scram_key key = { "a key of thirty-two bytes" };
static const struct scram_key other = { "another key of so many bytes" };
static const struct store_id id = { 0x123456789abcdULL, 0x2fffffff };

static void test_there_and_back(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	static const char *const patterns[] = { "*@bounces.example.com", "bounces+*@example.com",
						"r-*@x.example" };
	static const uint32_t rcpts[] = { 0, 1, 31, 32, 99999 };
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
		for (size_t k = 0; k < ARRAY_LEN(rcpts); k++) {
			struct store_id got;
			uint32_t rcpt = 7;
			const char *z = return_path_make(&key, patterns[i], id, rcpts[k], a);
			assert_true(strchr(z, '@') - z <= RETURN_PATH_LOCAL_MAX);
			assert_int_equal(return_path_read(&key, str_of(z), &got, &rcpt), RETURN_PATH_GOOD);
			assert_true(got.seq == id.seq && got.tail == id.tail && rcpt == rcpts[k]);
			char *shout = arena_strdup(a, z);
			for (char *c = shout; *c; c++)
				*c = (char)toupper(*c);
			assert_int_equal(return_path_read(&key, str_of(shout), &got, &rcpt),
					 RETURN_PATH_GOOD);
			assert_int_equal(return_path_read(&other, str_of(z), &got, &rcpt),
					 RETURN_PATH_FORGED);
		}
}

/* Each character counts, but the prefix. */
static void test_every_change_is_seen(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_id got;
	uint32_t rcpt;
	char *z = arena_strdup(a, return_path_make(&key, "*@b.example", id, 3, a));
	for (size_t i = 1; i < RETURN_PATH_TOKEN; i++) {
		char was = z[i];
		z[i] = was == '7' ? '8' : '7';
		assert_int_equal(return_path_read(&key, str_of(z), &got, &rcpt), RETURN_PATH_FORGED);
		z[i] = was;
	}
	assert_int_equal(return_path_read(&key, str_of(z), &got, &rcpt), RETURN_PATH_GOOD);
}

static void test_other_addresses(void **state)
{
	(void)state;
	static const char *const all[] = { "",
					   "@",
					   "you@example.com",
					   "b@example.com",
					   "v1@bounces.example.com",
					   "babcdefghijklmnopqrstuvwxyzabcdefghijklm@example.com",
					   "0000000000000000000000000000000000000000@example.com",
					   "xb00000000000000000000000000000000000000@example.com" };
	struct store_id got;
	uint32_t rcpt;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		assert_int_equal(return_path_read(&key, str_of(all[i]), &got, &rcpt), RETURN_PATH_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_every_change_is_seen),
		cmocka_unit_test(test_other_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "web/sessions.h"

static void test_sessions(void **state)
{
	(void)state;
	char one[SESSION_SECRET_BYTES], two[SESSION_SECRET_BYTES];
	struct session_view v;
	CLEANUP(sessions_free) struct sessions *s = sessions_new();
	assert_true(sessions_begin(s, "anna", 7, 1000, one));
	assert_true(sessions_begin(s, "anna", 7, 1000, two));
	assert_string_not_equal(one, two);
	assert_true(sessions_find(s, one, 2000, &v));
	assert_string_equal(v.name, "anna");
	assert_int_equal(v.stamp, 7);
	assert_int_equal(strlen(v.csrf), 64);
	assert_false(sessions_find(s, "", 2000, &v));
	assert_false(sessions_find(s, v.csrf, 2000, &v)); /* the one is no key to the other */
	assert_false(sessions_find(s, two, 1000 + SESSION_IDLE_MS + 1, &v));
	assert_true(sessions_find(s, one, 2000 + SESSION_IDLE_MS, &v)); /* it was used meanwhile */
	sessions_end(s, one);
	assert_false(sessions_find(s, one, 2000, &v));
	for (int i = 0; i < 3; i++) /* who uses it all day long logs in again the next */
		(void)sessions_find(s, two, 1000, &v);
	assert_false(sessions_find(s, two, 1000 + SESSION_MS + 1LL, &v));
	assert_false(
		sessions_begin(s,
			       "a name that is far longer than any name of a person could ever be, by which "
			       "somebody would like to see what is done with a hundred and thirty bytes",
			       1, 1, one));
}

static void test_sessions_have_an_end(void **state)
{
	(void)state;
	enum { TOO_MANY = 10 };
	static char secrets[SESSIONS_MAX + TOO_MANY][SESSION_SECRET_BYTES];
	struct session_view v;
	int kept = 0;
	CLEANUP(sessions_free) struct sessions *s = sessions_new();
	for (int i = 0; i < SESSIONS_MAX + TOO_MANY; i++)
		assert_true(sessions_begin(s, "anna", 1, 1000 + i, secrets[i]));
	for (int i = 0; i < SESSIONS_MAX + TOO_MANY; i++)
		kept += sessions_find(s, secrets[i], 2000, &v);
	assert_int_equal(kept, SESSIONS_MAX);
	assert_false(sessions_find(s, secrets[0], 2000, &v)); /* the oldest went */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_sessions_have_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

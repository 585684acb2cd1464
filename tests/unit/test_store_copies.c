/* SPDX-License-Identifier: Apache-2.0 */
/* How many copies may have arrived without an answer, by the trail. */
#include "tests/unit/unit.h"

#include <string.h>

#include "store/copies.h"

/* One letter an event: Q queued, . the dot, D in doubt, d delayed, R refused, E expired, e expired with a
 * refusal, H held, h held that was in doubt, x another recipient's doubt. */
static const struct {
	const char *name, *events;
	unsigned copies;
} cases[] = {
	{ "nothing tried", "Q", 0 },
	{ "refused at the dot", "Q.R", 0 },
	{ "no answer to the dot", "Q.D", 1 },
	{ "twice", "Q.D.D", 2 },
	{ "the last one, too", "Q.D.D.E", 3 },
	{ "its time is over, and the dot was refused", "Q.D.e", 1 },
	{ "expired without a dot", "Q.DdE", 1 },
	{ "never in doubt", "QdE", 0 },
	{ "held in between", "Q.Dhh.D", 2 },
	{ "another host after a refusal behind the dot", "Q..D", 1 },
	{ "a trail without dots", "QDD", 1 },
	{ "somebody else's", "Q.xd", 0 },
	{ "a dot that never went out, perhaps: rather asked in vain", "Q.E", 1 },
};

static struct store_event event_of(char c)
{
	struct store_event v = { .state = STORE_QUEUED };
	switch (c) {
	case '.':
		v.state = STORE_SENDING;
		v.dot = true;
		break;
	case 'x':
		v.rcpt = 1;
		v.state = STORE_IN_DOUBT;
		break;
	case 'D':
	case 'h':
		v.state = STORE_IN_DOUBT;
		break;
	case 'd':
		v.state = STORE_DELAYED;
		v.code = 451;
		break;
	case 'R':
		v.state = STORE_REFUSED;
		v.code = 550;
		break;
	case 'E':
	case 'e':
		v.state = STORE_EXPIRED;
		v.code = c == 'e' ? 451 : 0;
		break;
	default:
		break;
	}
	return v;
}

static size_t events_of(const char *letters, struct store_event *v)
{
	size_t n = 0;
	for (; *letters; letters++)
		v[n++] = event_of(*letters);
	return n;
}

static void test_cases(void **state)
{
	(void)state;
	struct store_event v[16];
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct store_trail t = { .message.nrcpts = 2,
					       .events = v,
					       .nevents = events_of(cases[i].events, v) };
		unsigned n = copies_in_doubt(&t, 0);
		const bool *all = copies_of_all(&t, a);
		if (n != cases[i].copies || all[0] != (n > 0) ||
		    all[1] != (strchr(cases[i].events, 'x') != NULL))
			fail_msg("%s: %u", cases[i].name, n);
	}
}

/* The mark that ended it may not be on the trail yet, or be there already. */
static void test_with(void **state)
{
	(void)state;
	struct store_event v[16];
	struct store_mark last = { .state = STORE_EXPIRED };
	struct store_trail t = { .events = v, .nevents = events_of("Q.D.", v) };
	assert_int_equal(copies_with(&t, &last), 2);
	t.nevents = events_of("Q.D.E", v);
	assert_int_equal(copies_with(&t, &last), 2);
	t.nevents = events_of("Q.D.", v);
	last.code = 451;
	assert_int_equal(copies_with(&t, &last), 1);
	last = (struct store_mark){ .state = STORE_REFUSED, .code = 550 };
	assert_int_equal(copies_with(&t, &last), 1);
}

/* An answer that says neither yes nor no is kept as one; a refusal is of another copy. */
static void test_code(void **state)
{
	(void)state;
	struct store_event v[16];
	struct store_trail t = { .events = v, .nevents = events_of("Q.D.DR", v) };
	assert_int_equal(copies_code(&t, 0), 0);
	v[2].code = 650;
	assert_int_equal(copies_code(&t, 0), 650);
	assert_int_equal(copies_code(&t, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_with),
		cmocka_unit_test(test_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

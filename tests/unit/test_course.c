/* SPDX-License-Identifier: Apache-2.0 */
/* A monitor's condition over time, as a story told in letters: each look, and what of it is news. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "watch/course.h"

enum { MINUTE_MS = 60000, EVERY_MS = 15 * MINUTE_MS, AGAIN_MS = MINUTE_MS, QUIET_MS = 60 * MINUTE_MS };

/* Looks, `gap` minutes apart: w well, ! warning, b bad at the login, c bad at the connection already.
 * News in the same places: . none, B bad, W worse, G well again. */
static const struct story {
	const char *name, *looks, *news;
	int gap;
	const char *end; /* condition in the end */
} stories[] = {
	{ "well all the time", "wwwwww", "......", 15, "well" },
	{ "one failure is no news", "wwbwww", "......", 15, "well" },
	{ "the second in a row is", "wwbbbb", "...B..", 15, "bad" },
	{ "the second of three is", "wwbwb", "....B", 15, "bad" },
	{ "bad from the beginning", "bbb", ".B.", 15, "bad" },
	{ "one bad, then well", "bw", "..", 15, "well" },
	{ "well again needs two", "wbbwbww", "..B...G", 15, "well" },
	{ "flapping turns bad once and stays so", "wbwbwbwbwbwb", "...B........", 15, "bad" },
	{ "each phase is told", "wbbwwbbww", "..B.G.B.G", 30, "well" },
	{ "bad again within the hour is held back", "wbbwwbbb", "..B.G...", 5, "bad" },
	{ "and then is told", "wbbwwbbbbbbbbbbb", "..B.G.........B.", 5, "bad" },
	{ "well again after what was held back is no news", "wbbwwbbww", "..B.G....", 5, "well" },
	{ "an earlier step is worse, at once", "wbbbcc", "..B..W", 5, "bad" },
	{ "a later step is not", "wccbb", "..B..", 15, "bad" },
	{ "worse once", "wbbcccc", "..B.W..", 15, "bad" },
	{ "one worse look proves nothing", "wbbcbcb", "..B....", 15, "bad" },
	{ "a new warning is worse", "ww!!!", "...W.", 15, "warning" },
	{ "a warning from the beginning is no news", "!!!!", "....", 15, "warning" },
	{ "the warning goes", "ww!!ww", "...W.G", 15, "well" },
	{ "bad with a warning before", "!!bb", "...B", 15, "bad" },
	{ "well again with a warning, told once", "bb!!ww", ".B.G..", 15, "well" },
	{ "a warning, then bad within the hour, is held back", "ww!!bb", "...W..", 5, "bad" },
};

static struct look look_of(char letter, int64_t at_ms)
{
	struct look l = { .at_ms = at_ms, .step = 99 };
	l.level = letter == 'w' ? CONDITION_WELL : letter == '!' ? CONDITION_WARNING : CONDITION_BAD;
	if (l.level == CONDITION_BAD)
		l.step = letter == 'c' ? 2 : 7;
	snprintf(l.finding, sizeof(l.finding), "%s",
		 letter == 'c'   ? "tcp-refused"
		 : letter == 'b' ? "auth-bad-credentials"
				 : "");
	return l;
}

static char letter_of(enum news n)
{
	return n == NEWS_BAD ? 'B' : n == NEWS_WORSE ? 'W' : n == NEWS_WELL ? 'G' : '.';
}

/* Between looks the course is written down and read again, as over a restart. */
static void again(struct course *c)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct course back;
	assert_true(course_read(&back, "t", str_of(course_write(c, "t", a))));
	assert_int_equal(back.n, c->n);
	*c = back;
}

static void tell_story(const struct story *s)
{
	struct course c = { 0 };
	char news[40] = "";
	for (size_t i = 0; s->looks[i]; i++) {
		int64_t at = (int64_t)(1000 + i * (size_t)s->gap) * MINUTE_MS;
		struct look l = look_of(s->looks[i], at);
		enum news due = course_due(&c, at, QUIET_MS);
		enum news n = course_take(&c, &l, QUIET_MS);
		news[i] = letter_of(due ? due : n);
		again(&c);
	}
	if (strcmp(news, s->news) != 0 || strcmp(condition_name(c.now), s->end) != 0)
		fail_msg("%s: %s gives %s, not %s; in the end %s", s->name, s->looks, news, s->news,
			 condition_name(c.now));
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stories); i++)
		tell_story(&stories[i]);
}

static const struct {
	const char *looks;
	int64_t now_min, least_s, most_s; /* after that time, with a share of 0 and of nearly 1 */
} schedule[] = {
	{ "", 1000, 0, 90 },                            /* begins within a tenth of the time between */
	{ "w", 1000, 855, 945 },                        /* 15 min, 5 % around */
	{ "wb", 1015, 60, 60 },                         /* soon again */
	{ "wbb", 1030, 855, 945 },                      /* it is known now */
	{ "wbbw", 1045, 60, 60 },                       /* well again? */
	{ "b", 1000, 60, 60 },     { "w", 1020, 0, 0 }, /* late: at once */
	{ "w", 900, 855, 945 },                         /* the clock was put back */
};

static void test_schedule(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(schedule); i++) {
		struct course c = { 0 };
		for (size_t k = 0; schedule[i].looks[k]; k++) {
			struct look l = look_of(schedule[i].looks[k], (int64_t)(1000 + 15 * k) * MINUTE_MS);
			(void)course_take(&c, &l, QUIET_MS);
		}
		int64_t now = schedule[i].now_min * MINUTE_MS;
		int64_t least = course_next_ms(&c, now, EVERY_MS, AGAIN_MS, 0) - now;
		int64_t most = course_next_ms(&c, now, EVERY_MS, AGAIN_MS, 0.999999) - now;
		if (least / 1000 != schedule[i].least_s || (most + 999) / 1000 != schedule[i].most_s)
			fail_msg("row %zu: %lld .. %lld ms", i, (long long)least, (long long)most);
	}
}

static void test_text(void **state)
{
	static const char *const wrong[] = { "",
					     "1",
					     "2 0 0 0 0 - 0 0 0 0\nt",
					     "1 4 0 0 0 - 0 0 0 0\nt",
					     "1 1 0 0 0 - 0 0 0 0\nt",
					     "1 0 9 0 0 - 0 0 0 0\nt",
					     "1 0 1 x 0 - 0 0 0 0\nt",
					     "1 0 1 5 0 - 1 0 0 77" };
	struct course c;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_false(course_read(&c, NULL, str_of(wrong[i])));
		assert_int_equal(c.n, 0);
	}
	assert_true(course_read(&c, "t", str_of("1 0 1 5 0 - 1 0 0 77\nt")));
	assert_int_equal(c.next_ms, 77);
	assert_false(course_read(&c, "other", str_of("1 0 1 5 0 - 1 0 0 77\nt")));
	assert_int_equal(c.now, CONDITION_UNKNOWN);
}

/* A clock that is put back by a day: the next look is not a day away. */
static void test_due(void **state)
{
	(void)state;
	const int64_t now = INT64_C(1790000000000), quarter = 900000, minute = 60000, day = 86400000;
	assert_true(course_is_due(now, now, quarter, minute));
	assert_false(course_is_due(now + 1, now, quarter, minute));
	assert_false(course_is_due(now + quarter + quarter / 20, now, quarter, minute));
	assert_false(course_is_due(now + minute, now, 1000, minute));
	assert_true(course_is_due(now + day, now, quarter, minute));
	assert_false(course_is_due(now + day, now, day, minute));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_stories), cmocka_unit_test(test_due),
					    cmocka_unit_test(test_schedule), cmocka_unit_test(test_text) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

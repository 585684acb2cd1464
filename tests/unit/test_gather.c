/* SPDX-License-Identifier: Apache-2.0 */
/* Several monitors' looks as a story: what is told together, what as the network's, what is kept back. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "watch/gather.h"

enum { MONITORS = 3, PAUSE_MS = 20000, STEP_MS = 10000, QUIET_MS = 3600000 };

/* A word is ten seconds: a letter for each monitor that is looked at then, in place: w well, b bad, a bad
 * with nobody answering, - not looked at.  News: "BG." is told of the first, second, third: B bad, G well
 * again; "away" and "back" are the network's; "look" asks for looks at all; "." nothing. */
static const struct story {
	const char *name, *looks, *news;
	size_t n;
} stories[] = {
	{ "nothing happens", "www www www", ". . .", 3 },
	{ "one is bad", "www b-- b-- --- ---", ". . . . B..", 3 },
	{ "two together", "www bb- bb- --- ---", ". . . . BB.", 3 },
	{ "the second comes while the first waits", "www bb- b-- -b- ---", ". . . . BB.", 3 },
	{ "two in a row are told together", "www b-- b-- -b- -b- --- --- w-- ww- -w- --- ---",
	  ". . . . BB. . . . . . GG. .", 3 },
	{ "well before it was told is no news", "www b-- b-- w-- w-- ---", ". . . . . .", 3 },
	{ "all away is one alert", "www aaa aaa ---", ". . away .", 3 },
	{ "asks the others first", "www a-- a-- -aa", ". . look away", 3 },
	{ "the others answer: it is his own", "www a-- a-- -ww ---", ". . look . B..", 3 },
	{ "back: those that are well stay silent", "www aaa aaa www www www --- ---", ". . away back . . . .",
	  3 },
	{ "back: one is bad by itself", "www aaa aaa bww bww bww --- ---", ". . away back . . B.. .", 3 },
	{ "away goes on", "www aaa aaa aaa aaa", ". . away . .", 3 },
	{ "alone nobody can tell", "w a a - -", ". . . . B", 1 },
};

struct world {
	struct gather g;
	struct course c[MONITORS];
	struct gather_one v[MONITORS];
	size_t n;
};

static void look_at(struct world *w, size_t i, char letter, int64_t now)
{
	struct look l = { .at_ms = now, .step = 3, .level = CONDITION_WELL };
	if (letter != 'w') {
		l.level = CONDITION_BAD;
		l.away = letter == 'a';
	}
	gather_note(&w->g, &w->v[i], course_take(&w->c[i], &l, QUIET_MS), now);
}

static const char *told(struct world *w, enum gathered d, char out[16])
{
	static const char *const words[] = { ".", "look", "", "away", "back" };
	if (d != GATHER_TELL)
		return words[d];
	for (size_t i = 0; i < w->n; i++) {
		enum news n = w->v[i].waiting;
		out[i] = n == NEWS_BAD ? 'B' : n == NEWS_WORSE ? 'W' : n == NEWS_WELL ? 'G' : '.';
		w->v[i].waiting = NEWS_NONE;
	}
	out[w->n] = 0;
	w->g.first_ms = 0;
	return out;
}

static void tell_story(const struct story *s)
{
	struct world w = { .n = s->n };
	struct str rest = str_of(s->looks), word;
	char news[200] = "", out[16];
	for (size_t i = 0; i < w.n; i++)
		w.v[i].course = &w.c[i];
	for (int64_t now = 1000000; str_next(&rest, " ", &word); now += STEP_MS) {
		for (size_t i = 0; i < w.n; i++)
			if (word.p[i] != '-')
				look_at(&w, i, word.p[i], now);
		enum gathered d = gather_decide(&w.g, w.v, w.n, now, PAUSE_MS);
		snprintf(news + strlen(news), sizeof(news) - strlen(news), "%s%s", *news ? " " : "",
			 told(&w, d, out));
	}
	if (strcmp(news, s->news) != 0)
		fail_msg("%s: %s gives %s, not %s", s->name, s->looks, news, s->news);
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stories); i++)
		tell_story(&stories[i]);
}

static const struct {
	long long left;
	unsigned warn;
	int told, step;
} expiries[] = {
	{ 22, 21, -1, -1 }, { 21, 21, -1, 21 }, { 20, 21, 21, -1 }, { 7, 21, 21, 7 }, { 6, 21, 7, -1 },
	{ 1, 21, 7, 1 },    { 0, 21, 1, -1 },   { -1, 21, 7, 1 },   { 3, 21, -1, 7 }, { 0, 21, -1, 1 },
	{ 5, 3, -1, -1 },   { 3, 3, -1, 3 },    { 1, 3, 3, 1 },     { 6, 5, -1, -1 }, { 1, 1, -1, 1 },
	{ 7, 7, -1, 7 },    { 7, 7, 7, -1 },
};

static void test_expiry_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(expiries); i++)
		if (expiry_step(expiries[i].left, expiries[i].warn, expiries[i].told) != expiries[i].step)
			fail_msg("row %zu: %d", i,
				 expiry_step(expiries[i].left, expiries[i].warn, expiries[i].told));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_stories),
					    cmocka_unit_test(test_expiry_steps) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/gather.h"

static bool is_away(const struct gather_one *one)
{
	return one->course->n && one->course->looks[0].away;
}

/* What it is muted for is over when it is well, or bad for a reason of its own. */
static enum news unmuted(const struct gather *g, struct gather_one *one, enum news n)
{
	const struct course *c = one->course;
	bool own = c->now == CONDITION_BAD && !is_away(one) && !g->away && c->looks[0].level == CONDITION_BAD;
	if (c->now != CONDITION_BAD || own)
		one->muted = false;
	return own ? NEWS_BAD : one->muted || n == NEWS_WELL ? NEWS_NONE : n;
}

void gather_note(struct gather *g, struct gather_one *one, enum news n, int64_t now_ms)
{
	if (one->muted)
		n = unmuted(g, one, n);
	if (n == NEWS_NONE)
		return;
	if (n == NEWS_WELL && one->waiting != NEWS_NONE)
		one->waiting = NEWS_NONE; /* nobody had heard of it */
	else if (n != NEWS_WORSE || one->waiting == NEWS_NONE)
		one->waiting = n;
	if (!g->first_ms && one->waiting != NEWS_NONE)
		g->first_ms = now_ms;
}

static size_t count_away(const struct gather_one *v, size_t n)
{
	size_t away = 0;
	for (size_t i = 0; i < n; i++)
		away += is_away(&v[i]);
	return away;
}

static bool anything_waits(const struct gather_one *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].waiting != NEWS_NONE)
			return true;
	return false;
}

/* Bad news of one that nothing answered, while others were not looked at since: they may tell more. */
static bool is_worth_a_look(const struct gather *g, const struct gather_one *v, size_t n)
{
	bool suspect = false, old = false;
	for (size_t i = 0; i < n; i++) {
		suspect |= v[i].waiting == NEWS_BAD && is_away(&v[i]);
		old |= !v[i].course->n || v[i].course->looks[0].at_ms < g->first_ms;
	}
	return suspect && old && n > 1;
}

static enum gathered go_away(struct gather *g, struct gather_one *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].waiting == NEWS_BAD || v[i].waiting == NEWS_WORSE) {
			v[i].waiting = NEWS_NONE;
			v[i].muted = true;
		}
	g->away = true;
	g->first_ms = 0;
	return GATHER_AWAY;
}

static enum gathered stay_away(struct gather *g, struct gather_one *v, size_t n)
{
	if (count_away(v, n) < n) {
		g->away = false;
		if (!anything_waits(v, n))
			g->first_ms = 0;
		return GATHER_BACK;
	}
	(void)go_away(g, v, n);
	return GATHER_WAIT;
}

enum gathered gather_decide(struct gather *g, struct gather_one *v, size_t n, int64_t now_ms,
			    int64_t pause_ms)
{
	if (g->away)
		return stay_away(g, v, n);
	if (!anything_waits(v, n)) {
		g->first_ms = 0;
		return GATHER_WAIT;
	}
	if (is_worth_a_look(g, v, n) && now_ms < g->first_ms + GATHER_HOLD_MS)
		return GATHER_LOOK_ALL;
	if (n > 1 && count_away(v, n) == n)
		return go_away(g, v, n);
	return now_ms >= g->first_ms + pause_ms ? GATHER_TELL : GATHER_WAIT;
}

int64_t gather_due_ms(const struct gather *g, int64_t pause_ms)
{
	return g->first_ms ? g->first_ms + pause_ms : INT64_MAX;
}

int expiry_step(long long days_left, unsigned warn_days, int told)
{
	const int steps[] = { 1, 7, (int)warn_days };
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (days_left <= steps[i] && steps[i] <= (int)warn_days)
			return told < 0 || steps[i] < told ? steps[i] : -1;
	return -1;
}

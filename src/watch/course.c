/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/course.h"

#include <string.h>

static const char *const condition_names[CONDITIONS] = { "unknown", "well", "warning", "bad" };
static const char *const news_names[NEWS_KINDS] = { "", "bad", "worse", "well", "expiring", "away", "back" };

const char *condition_name(enum condition c)
{
	return condition_names[c];
}

const char *news_name(enum news n)
{
	return news_names[n];
}

static void remember(struct course *c, const struct look *l)
{
	memmove(&c->looks[1], &c->looks[0], (COURSE_LOOKS - 1) * sizeof(c->looks[0]));
	c->looks[0] = *l;
	if (c->n < COURSE_LOOKS)
		c->n++;
}

/* The level that two of the looks reach; UNKNOWN: no two do. */
static enum condition agreed_above(const struct course *c, enum condition floor)
{
	enum condition first = CONDITION_UNKNOWN, second = CONDITION_UNKNOWN;
	for (unsigned i = 0; i < c->n; i++) {
		enum condition l = c->looks[i].level;
		if (l <= floor)
			continue;
		if (l > first) {
			second = first;
			first = l;
		} else if (l > second) {
			second = l;
		}
	}
	return second;
}

/* The worse of the last two; UNKNOWN: there is only one. */
static enum condition agreed_lately(const struct course *c)
{
	if (c->n < 2)
		return CONDITION_UNKNOWN;
	return c->looks[0].level > c->looks[1].level ? c->looks[0].level : c->looks[1].level;
}

/* What is confirmed after the newest look. */
static enum condition confirmed(const struct course *c)
{
	enum condition up = agreed_above(c, c->now), lately = agreed_lately(c);
	if (up != CONDITION_UNKNOWN)
		return up;
	if (c->now == CONDITION_UNKNOWN && c->looks[0].level <= CONDITION_WARNING)
		return c->looks[0].level;
	return lately != CONDITION_UNKNOWN && lately < c->now ? lately : c->now;
}

/* The newest look of that level. */
static const struct look *look_of(const struct course *c, enum condition level)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->looks[i].level == level)
			return &c->looks[i];
	return &c->looks[0];
}

/* The later of the steps at which the last two looks broke: both broke there or earlier. */
static unsigned agreed_step(const struct course *c)
{
	const struct look *l = c->looks;
	if (c->n < 2 || l[1].level != CONDITION_BAD)
		return l[0].step;
	return l[0].step > l[1].step ? l[0].step : l[1].step;
}

static enum news tell(struct course *c, enum news n, int64_t now_ms)
{
	c->told = n == NEWS_WELL ? CONDITION_WELL : c->now;
	c->told_step = c->step;
	if (n == NEWS_BAD || n == NEWS_WORSE)
		c->told_ms = now_ms;
	return n;
}

static bool is_quiet(const struct course *c, int64_t now_ms, int64_t quiet_ms)
{
	return c->told_ms && now_ms >= c->told_ms && now_ms - c->told_ms < quiet_ms;
}

static bool is_wrong(enum condition c)
{
	return c == CONDITION_WARNING || c == CONDITION_BAD;
}

/* What there is to tell of the confirmed condition, compared with what was told. */
static enum news news_of(struct course *c, enum condition before, int64_t now_ms, int64_t quiet_ms)
{
	if (c->now == CONDITION_BAD && c->told == CONDITION_BAD)
		return c->step < c->told_step ? tell(c, NEWS_WORSE, now_ms) : NEWS_NONE;
	if (c->now == CONDITION_BAD)
		return is_quiet(c, now_ms, quiet_ms) ? NEWS_NONE : tell(c, NEWS_BAD, now_ms);
	if (is_wrong(c->told) && c->now < c->told)
		return tell(c, NEWS_WELL, now_ms);
	if (c->now == CONDITION_WARNING && before == CONDITION_WELL && !is_quiet(c, now_ms, quiet_ms))
		return tell(c, NEWS_WORSE, now_ms);
	return NEWS_NONE;
}

enum news course_take(struct course *c, const struct look *l, int64_t quiet_ms)
{
	enum condition before = c->now;
	remember(c, l);
	c->now = confirmed(c);
	if (c->now != before)
		c->since_ms = l->at_ms;
	if (c->now == l->level || c->now != before) {
		const struct look *proof = look_of(c, c->now);
		c->step = c->now == CONDITION_BAD ? agreed_step(c) : proof->step;
		memcpy(c->finding, proof->finding, sizeof(c->finding));
	}
	return news_of(c, before, l->at_ms, quiet_ms);
}

int64_t course_due_ms(const struct course *c, int64_t quiet_ms)
{
	bool held_back = c->now == CONDITION_BAD && c->told != CONDITION_BAD;
	return held_back ? c->told_ms + quiet_ms : INT64_MAX;
}

enum news course_due(struct course *c, int64_t now_ms, int64_t quiet_ms)
{
	if (course_due_ms(c, quiet_ms) == INT64_MAX || is_quiet(c, now_ms, quiet_ms))
		return NEWS_NONE;
	return tell(c, NEWS_BAD, now_ms);
}

bool course_is_open(const struct course *c)
{
	return c->n && c->looks[0].level != c->now;
}

int64_t course_next_ms(const struct course *c, int64_t now_ms, int64_t every_ms, int64_t again_ms,
		       double share)
{
	int64_t spread = (int64_t)((double)every_ms / 10 * share);
	if (!c->n)
		return now_ms + spread;
	int64_t last = c->looks[0].at_ms > now_ms ? now_ms : c->looks[0].at_ms; /* the clock was put back */
	int64_t wait =
		course_is_open(c) && again_ms < every_ms ? again_ms : every_ms - every_ms / 20 + spread;
	return last + wait > now_ms ? last + wait : now_ms;
}

bool course_is_due(int64_t next_ms, int64_t now_ms, int64_t every_ms, int64_t again_ms)
{
	return next_ms <= now_ms || next_ms > now_ms + every_ms + every_ms / 2 + again_ms;
}

/* ---- as text ---- */

static const char *const nothing = "-";

const char *course_write(const struct course *c, const char *target, struct arena *a)
{
	const char *text =
		arena_printf(a, "1 %u %u %lld %u %s %u %u %lld %lld", c->n, (unsigned)c->now,
			     (long long)c->since_ms, c->step, *c->finding ? c->finding : nothing,
			     (unsigned)c->told, c->told_step, (long long)c->told_ms, (long long)c->next_ms);
	for (unsigned i = 0; i < c->n; i++) {
		const struct look *l = &c->looks[i];
		text = arena_printf(a, "%s %lld %u %u %u %s", text, (long long)l->at_ms, (unsigned)l->level,
				    l->step, (unsigned)l->away, *l->finding ? l->finding : nothing);
	}
	return arena_printf(a, "%s\n%s", text, target);
}

static bool take_number(struct str *rest, unsigned long max, unsigned long *out)
{
	struct str word;
	return str_next(rest, " ", &word) && str_number(word, max, out);
}

static bool take_time(struct str *rest, int64_t *out)
{
	unsigned long n;
	bool ok = take_number(rest, INT64_MAX / 2, &n);
	*out = ok ? (int64_t)n : 0;
	return ok;
}

static bool take_level(struct str *rest, enum condition *out)
{
	unsigned long n;
	bool ok = take_number(rest, CONDITIONS - 1, &n);
	*out = ok ? (enum condition)n : CONDITION_UNKNOWN;
	return ok;
}

static bool take_step(struct str *rest, unsigned *out)
{
	unsigned long n;
	bool ok = take_number(rest, 100, &n);
	*out = ok ? (unsigned)n : 0;
	return ok;
}

static bool take_finding(struct str *rest, char out[COURSE_FINDING_BYTES])
{
	struct str word;
	if (!str_next(rest, " ", &word) || word.len >= COURSE_FINDING_BYTES)
		return false;
	if (str_eq(word, nothing))
		word.len = 0;
	memcpy(out, word.p, word.len);
	out[word.len] = 0;
	return true;
}

static bool take_look(struct str *rest, struct look *l)
{
	unsigned long away;
	bool ok = take_time(rest, &l->at_ms) && take_level(rest, &l->level) && take_step(rest, &l->step) &&
		  take_number(rest, 1, &away) && take_finding(rest, l->finding);
	l->away = ok && away;
	return ok;
}

/* text = line LF target
 * line = version looks now since step finding told told-step told-at next { at level step away finding } */
static bool take_all(struct course *c, struct str rest)
{
	unsigned long version, n;
	if (!take_number(&rest, 1, &version) || version != 1 || !take_number(&rest, COURSE_LOOKS, &n))
		return false;
	c->n = (unsigned)n;
	if (!take_level(&rest, &c->now) || !take_time(&rest, &c->since_ms) || !take_step(&rest, &c->step) ||
	    !take_finding(&rest, c->finding) || !take_level(&rest, &c->told) ||
	    !take_step(&rest, &c->told_step) || !take_time(&rest, &c->told_ms) ||
	    !take_time(&rest, &c->next_ms))
		return false;
	for (unsigned i = 0; i < c->n; i++)
		if (!take_look(&rest, &c->looks[i]))
			return false;
	return true;
}

bool course_read(struct course *c, const char *target, struct str text)
{
	const char *end = memchr(text.p, '\n', text.len);
	size_t n = end ? (size_t)(end - text.p) : text.len;
	struct str of = str_cut(text, n + 1, text.len);
	*c = (struct course){ 0 };
	if (end && (!target || str_eq(of, target)) && take_all(c, str_cut(text, 0, n)))
		return true;
	*c = (struct course){ 0 };
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/schedule.h"

#include <string.h>

enum { HINT_WORDS_APART = 24 /* bytes between the word and its number */ };

/* Pauses are spread over a quarter of their length to either side. */
static const double spread = 0.5;

static double pause_of(const struct relay_retry *r, unsigned tries)
{
	double pause = (double)r->first_s;
	for (unsigned i = 1; i < tries && pause < (double)r->most_s; i++)
		pause *= r->factor;
	return pause < (double)r->most_s ? pause : (double)r->most_s;
}

long long schedule_next(const struct relay_retry *r, const struct schedule_case *c)
{
	long long ends = c->arrived_s + r->expire_s;
	bool late = c->now_s >= ends, held = c->due_s > ends && c->tries == 1;
	if (late && !held)
		return -1;
	double pause = pause_of(r, c->tries) * (1 - spread / 2 + spread * c->dice);
	if (pause < (double)c->hint_s) /* never earlier than asked; the herd is kept apart all the same */
		pause = (double)c->hint_s * (1 + spread / 2 * c->dice);
	long long next = c->now_s + (pause < 1 ? 1 : (long long)pause);
	return late || next < ends ? next : ends; /* one last try when its time is over */
}

bool schedule_begins_elsewhere(unsigned tries)
{
	return tries >= 2 && tries % 2 == 0;
}

/* Where a wait is asked for, and in which unit a bare number there is; 0: in none. */
static const struct ask {
	const char *words;
	long bare_s;
} asks[] = {
	{ "again in", 0 },    { "again (in", 0 },      { "again after", 0 },  { "later in", 0 },
	{ "later after", 0 }, { "later (in", 0 },      { "retry in", 0 },     { "retry-after", 1 },
	{ "retry after", 0 }, { "greylisted for", 0 }, { "blocked for", 0 },  { "throttled for", 0 },
	{ "wait", 0 },        { "greylist", 0 },       { "come back in", 0 }, { "delayed for", 0 },
};

static const struct unit {
	const char *word;
	long seconds;
} units[] = { { "sec", 1 },     { "min", 60 }, { "hour", 3600 }, { "hr", 3600 },
	      { "day", 86400 }, { "s", 1 },    { "m", 60 },      { "h", 3600 } };

/* Said without a digit. */
static const struct unit spoken[] = { { " half an hour", 1800 }, { " half hour", 1800 },
				      { " an hour", 3600 },      { " one hour", 3600 },
				      { " a minute", 60 },       { " one minute", 60 },
				      { " a day", 86400 },       { " one day", 86400 } };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Digits at the front of *s, which moves behind them. */
static long take_number(struct str *s)
{
	long n = 0;
	while (s->len && is_digit(*s->p)) {
		if (n < SCHEDULE_HINT_MOST_S)
			n = n * 10 + (*s->p - '0');
		*s = str_cut(*s, 1, s->len);
	}
	return n;
}

/* The seconds of the unit at the front of *s, which moves behind its whole word; 0: there is none. */
static long take_unit(struct str *s)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		size_t len = strlen(units[i].word);
		bool letter_follows = len == 1 && s->len > 1 && is_letter(s->p[1]);
		if (!str_istarts(*s, units[i].word) || letter_follows)
			continue;
		for (*s = str_cut(*s, len, s->len); s->len && (is_letter(*s->p) || *s->p == '.');)
			*s = str_cut(*s, 1, s->len);
		return units[i].seconds;
	}
	return 0;
}

/* What stands between the parts of "1 hour 30 minutes", "1 min, 10 sec", "1 hour and 5 minutes". */
static struct str behind_joint(struct str s)
{
	while (s.len && (*s.p == ' ' || *s.p == ','))
		s = str_cut(s, 1, s.len);
	return str_istarts(s, "and ") ? str_cut(s, 4, s.len) : s;
}

/* The smaller parts that follow one of this unit. */
static long take_rest(struct str s, long unit)
{
	long sum = 0;
	for (;;) {
		s = behind_joint(s);
		long n = take_number(&s);
		s = str_trim(s);
		long smaller = n ? take_unit(&s) : 0;
		if (!smaller || smaller >= unit)
			return sum;
		sum += n * smaller;
		unit = smaller;
	}
}

/* "300 seconds", "5min", "00:05:00", "1 hour 30 minutes", a bare number where it has a unit; 0: nothing of
 * the kind */
static long take_time(struct str s, long bare_s)
{
	long n = take_number(&s);
	for (int parts = 1; parts < 3 && s.len > 1 && *s.p == ':' && is_digit(s.p[1]); parts++) {
		s = str_cut(s, 1, s.len);
		n = n * 60 + take_number(&s);
		if (parts == 2)
			return n;
	}
	s = str_trim(s);
	long unit = take_unit(&s);
	if (unit)
		return n * unit + take_rest(s, unit);
	bool is_date = s.len && (is_letter(*s.p) || *s.p == '-' || *s.p == '/');
	return is_date ? 0 : n * bare_s;
}

/* What is said of a time soon behind the words that ask for it. */
static long time_behind(struct str rest, long bare_s)
{
	size_t digit = 0, word = rest.len;
	long s = 0;
	while (digit < rest.len && !is_digit(rest.p[digit]))
		digit++;
	for (size_t i = 0; i < ARRAY_LEN(spoken); i++) {
		size_t at = str_ifind(rest, spoken[i].word);
		if (at < word) {
			word = at;
			s = spoken[i].seconds;
		}
	}
	if (word < digit)
		return word < HINT_WORDS_APART ? s : 0;
	return digit < HINT_WORDS_APART ? take_time(str_cut(rest, digit, rest.len), bare_s) : 0;
}

long schedule_hint_s(struct str reply)
{
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		size_t at = str_ifind(reply, asks[i].words);
		if (at == reply.len)
			continue;
		struct str rest = str_cut(reply, at + strlen(asks[i].words), reply.len);
		long s = time_behind(rest, asks[i].bare_s);
		if (s > 0)
			return s < SCHEDULE_HINT_MOST_S ? s : SCHEDULE_HINT_MOST_S;
	}
	return 0;
}

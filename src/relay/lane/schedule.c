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

static const char *const asks[] = { "again in",    "again after",    "retry in",
				    "retry after", "greylisted for", "wait",
				    "greylist",    "come back in",   "delayed for" };

static const struct {
	const char *word;
	long seconds;
} units[] = { { "sec", 1 },     { "min", 60 }, { "hour", 3600 }, { "hr", 3600 },
	      { "day", 86400 }, { "s", 1 },    { "m", 60 },      { "h", 3600 } };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
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

/* "300 seconds", "5min", "00:05:00"; 0: nothing of the kind */
static long take_time(struct str s)
{
	long n = take_number(&s);
	for (int parts = 1; parts < 3 && s.len > 1 && *s.p == ':' && is_digit(s.p[1]); parts++) {
		s = str_cut(s, 1, s.len);
		n = n * 60 + take_number(&s);
		if (parts == 2)
			return n;
	}
	s = str_trim(s);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		size_t len = strlen(units[i].word);
		bool letter_follows = len == 1 && s.len > 1 && ((s.p[1] | 32) >= 'a' && (s.p[1] | 32) <= 'z');
		if (str_istarts(s, units[i].word) && !letter_follows)
			return n * units[i].seconds;
	}
	return 0;
}

long schedule_hint_s(struct str reply)
{
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		size_t at = str_ifind(reply, asks[i]);
		if (at == reply.len)
			continue;
		at += strlen(asks[i]);
		size_t end = at + HINT_WORDS_APART;
		while (at < reply.len && at < end && !is_digit(reply.p[at]))
			at++;
		long s = at < reply.len && at < end ? take_time(str_cut(reply, at, reply.len)) : 0;
		if (s > 0)
			return s < SCHEDULE_HINT_MOST_S ? s : SCHEDULE_HINT_MOST_S;
	}
	return 0;
}

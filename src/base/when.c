/* SPDX-License-Identifier: Apache-2.0 */
#include "base/when.h"

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400, WEEK_S = 7 * DAY_S, SPAN_MAX = 1000 * 1000 * 1000 };

static bool digits(struct str *s, size_t n, unsigned long max, long long *out)
{
	unsigned long v;
	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
	if (!str_number(str_cut(*s, 0, n), max, &v))
		return false;
	*out = (long long)v;
	*s = str_cut(*s, n, s->len);
	return true;
}

static bool mark(struct str *s, char c)
{
	if (!s->len || *s->p != c)
		return false;
	*s = str_cut(*s, 1, s->len);
	return true;
}

/* HH:MM[:SS[.digits]] */
static bool read_clock(struct str *s, long long *out)
{
	long long h, m, sec = 0, fraction;
	struct str rest = *s;
	if (!digits(&rest, 2, 23, &h) || !mark(&rest, ':') || !digits(&rest, 2, 59, &m))
		return false;
	if (mark(&rest, ':') && !digits(&rest, 2, 60, &sec))
		return false;
	if (mark(&rest, '.'))
		while (digits(&rest, 1, 9, &fraction))
			;
	*out = h * HOUR_S + m * MINUTE_S + sec;
	*s = rest;
	return true;
}

/* Days from 1970-01-01 of the proleptic Gregorian calendar (H. Hinnant's days_from_civil). */
static long long days_of(long long y, long long m, long long d)
{
	y -= m <= 2;
	long long era = y / 400, yoe = y - era * 400;
	long long doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static long long month_days(long long y, long long m)
{
	static const long long days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return m == 2 && leap ? 29 : days[m - 1];
}

/* YYYY-MM-DD, as seconds of its beginning in UTC. */
static bool read_date(struct str *s, long long *out)
{
	long long y, m, d;
	struct str rest = *s;
	if (!digits(&rest, 4, 9999, &y) || !mark(&rest, '-') || !digits(&rest, 2, 12, &m) ||
	    !mark(&rest, '-') || !digits(&rest, 2, 31, &d))
		return false;
	if (y < 1970 || m < 1 || d < 1 || d > month_days(y, m))
		return false;
	*out = days_of(y, m, d) * DAY_S;
	*s = rest;
	return true;
}

bool when_zone_read(struct str s, long long *zone_s)
{
	long long h, m = 0, sign = 1;
	if (str_ieq(s, "z") || str_ieq(s, "utc") || str_ieq(s, "gmt")) {
		*zone_s = 0;
		return true;
	}
	if (mark(&s, '-'))
		sign = -1;
	else if (!mark(&s, '+'))
		return false;
	if (!digits(&s, 2, 14, &h))
		return false;
	mark(&s, ':');
	if (s.len && (!digits(&s, 2, 59, &m) || s.len))
		return false;
	*zone_s = sign * (h * HOUR_S + m * MINUTE_S);
	return true;
}

static bool read_span(struct str s, const struct when_base *base, long long *out)
{
	static const struct {
		const char *unit;
		long long seconds;
	} units[] = { { "s", 1 },         { "sec", 1 },       { "m", MINUTE_S },   { "min", MINUTE_S },
		      { "h", HOUR_S },    { "hour", HOUR_S }, { "hours", HOUR_S }, { "d", DAY_S },
		      { "day", DAY_S },   { "days", DAY_S },  { "w", WEEK_S },     { "week", WEEK_S },
		      { "weeks", WEEK_S } };
	size_t n = 0;
	unsigned long count;
	if (str_iends(s, "ago"))
		s = str_trim(str_cut(s, 0, s.len - 3));
	while (n < s.len && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	if (!str_number(str_cut(s, 0, n), SPAN_MAX, &count))
		return false;
	struct str unit = str_trim(str_cut(s, n, s.len));
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (str_ieq(unit, units[i].unit)) {
			*out = base->now_s - (long long)count * units[i].seconds;
			return true;
		}
	return false;
}

static bool read_word(struct str s, const struct when_base *base, long long *out)
{
	long long local = base->now_s + base->zone_s, today = local - local % DAY_S - base->zone_s;
	if (str_ieq(s, "now"))
		*out = base->now_s;
	else if (str_ieq(s, "today"))
		*out = base->end ? today + DAY_S - 1 : today;
	else if (str_ieq(s, "yesterday"))
		*out = base->end ? today - 1 : today - DAY_S;
	else
		return false;
	return true;
}

bool when_read(struct str s, const struct when_base *base, long long *unix_s)
{
	long long day, clock = 0, zone = base->zone_s;
	s = str_trim(s);
	if (read_word(s, base, unix_s) || read_span(s, base, unix_s))
		return true;
	if (!read_date(&s, &day)) { /* a clock of today */
		long long local = base->now_s + base->zone_s;
		*unix_s = local - local % DAY_S - base->zone_s;
		return read_clock(&s, &clock) && !s.len && ((*unix_s += clock), true);
	}
	if (!s.len) {
		*unix_s = day - zone + (base->end ? DAY_S - 1 : 0);
		return true;
	}
	if (!mark(&s, 'T') && !mark(&s, 't') && !mark(&s, ' '))
		return false;
	if (!read_clock(&s, &clock) || (s.len && !when_zone_read(s, &zone)))
		return false;
	*unix_s = day + clock - zone;
	return true;
}

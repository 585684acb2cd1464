/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/time.h"

#include <string.h>

enum {
	DAY_S = 86400,
	YEAR_FIRST = 1970,
	TAI64N_BYTES = 25,
	TAI_MINUS_UTC_S = 10, /* what multilog adds; leap seconds since 1972 it does not know */
	EPOCH_DIGITS = 10     /* 2001 to 2286 */
};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static int two(const char *p)
{
	return digit(p[0]) && digit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

/* Days since 1970-01-01 (proleptic Gregorian; H. Hinnant's days_from_civil). */
static long long days_of(long long y, int m, int d)
{
	y -= m <= 2;
	long long era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	long long doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static long year_of(long long t)
{
	long y = YEAR_FIRST + (long)(t / (365LL * DAY_S));
	while (days_of(y, 1, 1) * DAY_S > t)
		y--;
	return y;
}

/* "08:49:38" as seconds of the day, or -1. */
static int clock_of(const char *p)
{
	int h = two(p), m = two(p + 3), s = two(p + 6);
	if (p[2] != ':' || p[5] != ':' || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60)
		return -1;
	return h * 3600 + m * 60 + s;
}

/* 1..12, or 0. */
static int month_of(const char *p)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	for (int i = 0; i < 12; i++)
		if (!memcmp(p, names + i * 3, 3))
			return i + 1;
	return 0;
}

/* A fraction after the seconds. */
static size_t fraction(struct str s, size_t at)
{
	size_t i = at;
	if (i >= s.len || (s.p[i] != '.' && s.p[i] != ','))
		return 0;
	for (i++; i < s.len && digit(s.p[i]); i++)
		;
	return i > at + 1 ? i - at : 0;
}

/* The year a stamp belongs to: the latest that is not in the future; without
 * `now`, the last one's, or the next when the months go back far. */
static long long place_in_year(struct log_clock *c, int month, int day, int second)
{
	long year = c->year ? c->year : YEAR_FIRST;
	if (c->now_s) {
		year = year_of(c->now_s + DAY_S);
		if (days_of(year, month, day) * DAY_S + second - c->zone_s > c->now_s + DAY_S)
			year--;
	} else if (c->month - month > 6) {
		year++;
	} else if (c->year > YEAR_FIRST && month - c->month > 6) {
		year--;
	}
	c->year = year;
	c->month = month;
	return days_of(year, month, day) * DAY_S + second - c->zone_s;
}

size_t log_time_stamp(struct log_clock *c, struct str s, long long *t)
{
	if (s.len < LOG_STAMP_BYTES)
		return 0;
	if (memcmp(s.p, c->stamp, LOG_STAMP_BYTES) != 0) {
		int month = month_of(s.p), second = clock_of(s.p + 7);
		int day = s.p[4] == ' ' && digit(s.p[5]) ? s.p[5] - '0' : two(s.p + 4);
		if (!month || day < 1 || day > 31 || second < 0 || s.p[3] != ' ' || s.p[6] != ' ')
			return 0;
		c->stamp_s = place_in_year(c, month, day, second);
		memcpy(c->stamp, s.p, LOG_STAMP_BYTES);
	}
	*t = c->stamp_s;
	return LOG_STAMP_BYTES + fraction(s, LOG_STAMP_BYTES);
}

/* "Z", "+01:00", "+0100", " +0100", " UTC" after a time; how many bytes, seconds east in *zone. */
static size_t zone_of(struct str s, size_t at, long long *zone)
{
	size_t i = at + (at < s.len && s.p[at] == ' ');
	if (i < s.len && s.p[i] == 'Z' && i == at)
		return *zone = 0, 1;
	if (s.len - i >= 3 && (!memcmp(s.p + i, "UTC", 3) || !memcmp(s.p + i, "GMT", 3)))
		return *zone = 0, i + 3 - at;
	if (s.len - i < 5 || (s.p[i] != '+' && s.p[i] != '-'))
		return 0;
	size_t colon = s.p[i + 3] == ':' && s.len - i >= 6;
	int h = two(s.p + i + 1), m = two(s.p + i + 3 + colon);
	if (h < 0 || m < 0)
		return 0;
	*zone = (h * 3600 + m * 60) * (s.p[i] == '-' ? -1 : 1);
	return i + 5 + colon - at;
}

/* The day of "2026-11-21" or "2026/11/21" in seconds, or -1. */
static long long iso_day(struct log_clock *c, const char *p)
{
	if (!memcmp(p, c->day, sizeof(c->day)))
		return c->day_s;
	int hi = two(p), lo = two(p + 2), m = two(p + 5), d = two(p + 8);
	if (hi < 0 || lo < 0 || m < 1 || m > 12 || d < 1 || d > 31 || (p[4] != '-' && p[4] != '/') ||
	    p[7] != p[4])
		return -1;
	c->day_s = days_of(hi * 100 + lo, m, d) * DAY_S;
	memcpy(c->day, p, sizeof(c->day));
	return c->day_s;
}

size_t log_time_iso(struct log_clock *c, struct str s, long long *t)
{
	enum { BYTES = 19 };
	if (s.len < BYTES || !digit(s.p[0]) || (s.p[10] != 'T' && s.p[10] != ' '))
		return 0;
	long long day = iso_day(c, s.p);
	int second = clock_of(s.p + 11);
	if (day < 0 || second < 0)
		return 0;
	size_t n = BYTES + fraction(s, BYTES);
	long long zone = c->zone_s;
	n += zone_of(s, n, &zone);
	*t = day + second - zone;
	return n;
}

static int hex(char c)
{
	return digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "@400000005f..." of multilog */
static size_t tai64n(struct str s, long long *t)
{
	unsigned long long v = 0;
	if (s.len < TAI64N_BYTES || s.p[0] != '@' || s.p[1] != '4')
		return 0;
	for (size_t i = 1; i <= 16; i++) {
		if (hex(s.p[i]) < 0)
			return 0;
		v = v << 4 | (unsigned)hex(s.p[i]);
	}
	for (size_t i = 17; i < TAI64N_BYTES; i++)
		if (hex(s.p[i]) < 0)
			return 0;
	*t = (long long)(v & 0xffffffffffffff) - TAI_MINUS_UTC_S;
	return TAI64N_BYTES;
}

/* "1704164645", "1704164645.123456" and milliseconds. */
static size_t epoch(struct str s, long long *t)
{
	size_t n = 0;
	long long v = 0;
	while (n < s.len && digit(s.p[n]) && n < EPOCH_DIGITS + 4)
		v = v * 10 + (s.p[n++] - '0');
	if (n == EPOCH_DIGITS + 3)
		v /= 1000;
	else if (n != EPOCH_DIGITS)
		return 0;
	n += fraction(s, n);
	if (n < s.len && s.p[n] != ' ' && s.p[n] != '\t' && s.p[n] != ':' && s.p[n] != ']')
		return 0;
	*t = v;
	return n;
}

/* "02-Jan-2024 03:04:05 UTC" (PHP), "02/Jan/2024:03:04:05 +0000" (web servers). */
static size_t day_first(struct log_clock *c, struct str s, long long *t)
{
	enum { BYTES = 20 };
	if (s.len < BYTES || two(s.p) < 1 || (s.p[2] != '-' && s.p[2] != '/') || s.p[6] != s.p[2])
		return 0;
	int month = month_of(s.p + 3), hi = two(s.p + 7), lo = two(s.p + 9), second = clock_of(s.p + 12);
	if (!month || hi < 0 || lo < 0 || second < 0)
		return 0;
	long long zone = c->zone_s;
	size_t n = BYTES + zone_of(s, BYTES, &zone);
	*t = days_of(hi * 100 + lo, month, two(s.p)) * DAY_S + second - zone;
	return n;
}

/* "Tue Jan  2 03:04:05 2024" (asctime) and "Tue 2024-01-02 03:04:05 CET" (journalctl short-full). */
static size_t weekday_first(struct log_clock *c, struct str s, long long *t)
{
	if (s.len < 4 || s.p[3] != ' ' || s.p[0] < 'A' || s.p[0] > 'Z')
		return 0;
	struct str rest = str_cut(s, 4, s.len);
	size_t n = log_time_iso(c, rest, t);
	if (n) {
		size_t i = n + 1; /* a zone's short name, which says nothing sure */
		while (i < rest.len && rest.p[i] >= 'A' && rest.p[i] <= 'Z')
			i++;
		return 4 + (i > n + 1 && i < rest.len && rest.p[i] == ' ' ? i : n);
	}
	enum { WITH_YEAR = LOG_STAMP_BYTES + 5 };
	int month = rest.len >= WITH_YEAR ? month_of(rest.p) : 0;
	if (!month || rest.p[LOG_STAMP_BYTES] != ' ')
		return 0;
	int second = clock_of(rest.p + 7), hi = two(rest.p + 16), lo = two(rest.p + 18);
	int day = rest.p[4] == ' ' ? rest.p[5] - '0' : two(rest.p + 4);
	if (second < 0 || hi < 0 || lo < 0 || day < 1 || day > 31)
		return 0;
	*t = days_of(hi * 100 + lo, month, day) * DAY_S + second - c->zone_s;
	return 4 + WITH_YEAR;
}

size_t log_time_any(struct log_clock *c, struct str s, long long *t)
{
	size_t open = s.len && (s.p[0] == '[' || s.p[0] == '(');
	struct str in = str_cut(s, open, s.len);
	size_t n = log_time_iso(c, in, t);
	if (!n)
		n = log_time_stamp(c, in, t);
	if (!n)
		n = epoch(in, t);
	if (!n)
		n = day_first(c, in, t);
	if (!n)
		n = weekday_first(c, in, t);
	if (!n)
		n = tai64n(in, t);
	if (!n || !open)
		return n;
	return open + n + (n < in.len && (in.p[n] == ']' || in.p[n] == ')'));
}

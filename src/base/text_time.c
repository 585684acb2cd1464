/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text_time.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Days since 1970-01-01 of a date in the Gregorian calendar. */
static long long days_from_date(long long y, int m, int d)
{
	y -= m <= 2;
	long long era = (y >= 0 ? y : y - 399) / 400;
	long long yoe = y - era * 400;
	long long doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void date_from_days(long long z, long long *y, int *m, int *d)
{
	z += 719468;
	long long era = (z >= 0 ? z : z - 146096) / 146097;
	long long doe = z - era * 146097;
	long long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	long long doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (int)((5 * doy + 2) / 153);
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = mp + (mp < 10 ? 3 : -9);
	*y = yoe + era * 400 + (*m <= 2);
}

const char *text_time(long long unix_s, char out[TEXT_TIME_BYTES])
{
	long long days = unix_s / 86400, rest = unix_s % 86400, y;
	int m, d;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	date_from_days(days, &y, &m, &d);
	snprintf(out, TEXT_TIME_BYTES, "%04lld-%02d-%02dT%02d:%02d:%02dZ", y, m, d, (int)(rest / 3600),
		 (int)(rest / 60 % 60), (int)(rest % 60));
	return out;
}

static bool date_fits(int y, int mo, int d, int h, int mi, int s)
{
	return y >= 1 && mo >= 1 && mo <= 12 && d >= 1 && d <= 31 && h >= 0 && h < 24 && mi >= 0 && mi < 60 &&
	       s >= 0 && s <= 60;
}

bool text_time_read(struct str s, long long *unix_s)
{
	char z[TEXT_TIME_BYTES];
	int y, mo, d, h, mi, sec, used = 0;
	if (s.len >= sizeof(z))
		return false;
	memcpy(z, s.p, s.len);
	z[s.len] = 0;
	if (sscanf(z, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &y, &mo, &d, &h, &mi, &sec, &used) != 6 ||
	    (size_t)used != s.len || !date_fits(y, mo, d, h, mi, sec))
		return false;
	*unix_s = days_from_date(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec;
	return true;
}

static int month_number(const char *name)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	for (int i = 0; i < 12; i++)
		if (!strncasecmp(months + (ptrdiff_t)i * 3, name, 3))
			return i + 1;
	return 0;
}

/* [day-name ","] day month year hour ":" minute [":" second] zone */
const char *text_mail_date(long long unix_s, char out[TEXT_MAIL_DATE_BYTES])
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	/* Most messages come in the second of the one before. */
	static _Thread_local time_t second = -1;
	static _Thread_local char text[TEXT_MAIL_DATE_BYTES];
	struct tm tm;
	time_t t = (time_t)unix_s;
	if (t == second && *text)
		return memcpy(out, text, sizeof(text));
	gmtime_r(&t, &tm);
	snprintf(text, sizeof(text), "%s, %02d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
		 months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	second = t;
	return memcpy(out, text, sizeof(text));
}

static struct str without_day_name(struct str s)
{
	for (size_t i = 0; i < s.len && i < 6; i++)
		if (s.p[i] == ',')
			return str_trim(str_cut(s, i + 1, s.len));
	return s;
}

/* "+0130" or "-0800"; a zone that has a name only counts as UTC. */
static long long zone_seconds(const char *zone)
{
	int h = 0, m = 0;
	if (zone[0] != '+' && zone[0] != '-')
		return 0;
	int read = sscanf(zone + 1, "%2d%2d", &h, &m);
	long long ahead = h * 3600 + m * 60;
	return read == 2 && zone[0] == '-' ? -ahead : ahead;
}

bool text_mail_date_read(struct str s, long long *unix_s)
{
	char z[96], month[4], zone[8] = "";
	int y, d, h, mi, sec = 0;
	s = without_day_name(str_trim(s));
	if (s.len >= sizeof(z))
		s.len = sizeof(z) - 1;
	memcpy(z, s.p, s.len);
	z[s.len] = 0;
	if (sscanf(z, "%2d %3s %4d %2d:%2d:%2d %7s", &d, month, &y, &h, &mi, &sec, zone) < 6 &&
	    sscanf(z, "%2d %3s %4d %2d:%2d %7s", &d, month, &y, &h, &mi, zone) < 5)
		return false;
	if (y < 100)
		y += y < 50 ? 2000 : 1900;
	int mo = month_number(month);
	if (!date_fits(y, mo, d, h, mi, sec))
		return false;
	*unix_s = days_from_date(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec - zone_seconds(zone);
	return true;
}

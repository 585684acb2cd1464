/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <strings.h>

/* Length of the well-formed UTF-8 sequence at s, or 0 (RFC 3629, 4). */
static size_t utf8_sequence(struct str s)
{
	const unsigned char *u = (const unsigned char *)s.p;
	size_t n = u[0] < 0x80   ? 1
		   : u[0] < 0xc2 ? 0
		   : u[0] < 0xe0 ? 2
		   : u[0] < 0xf0 ? 3
		   : u[0] < 0xf5 ? 4
				 : 0;
	if (n == 0 || n > s.len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) || (u[0] == 0xf0 && u[1] < 0x90) ||
	    (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	return n;
}

/* How many bytes below 128 s begins with. */
static size_t ascii_run(struct str s)
{
	size_t i = 0;
	for (uint64_t eight; i + sizeof(eight) <= s.len; i += sizeof(eight)) {
		memcpy(&eight, s.p + i, sizeof(eight));
		if (eight & 0x8080808080808080u)
			break;
	}
	while (i < s.len && (unsigned char)s.p[i] < 0x80)
		i++;
	return i;
}

bool text_is_utf8(struct str s)
{
	for (size_t i = ascii_run(s), n; i < s.len; i += n + ascii_run(str_cut(s, i + n, s.len))) {
		n = utf8_sequence(str_cut(s, i, s.len));
		if (!n)
			return false;
	}
	return true;
}

bool text_is_ascii(struct str s)
{
	return ascii_run(s) == s.len;
}

/* C1 controls and the direction marks that could disguise text on a screen. */
static bool is_hidden(struct str seq)
{
	const unsigned char *u = (const unsigned char *)seq.p;
	if (seq.len == 1)
		return (u[0] < 0x20 && u[0] != '\t') || u[0] == 0x7f;
	if (seq.len == 2)
		return u[0] == 0xc2 && u[1] < 0xa0;
	return seq.len == 3 && u[0] == 0xe2 &&
	       ((u[1] == 0x80 && u[2] >= 0x8b && u[2] <= 0x8f) ||
		(u[1] == 0x80 && u[2] >= 0xa8 && u[2] <= 0xae) ||
		(u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9));
}

static void add_hex(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_addf(b, "\\x%02x", (unsigned char)s.p[i]);
}

/* False: none of the eight bytes is a control byte, DEL, a backslash or above 127. */
static bool has_special(uint64_t eight)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;
	uint64_t backslash = eight ^ ones * '\\';
	return ((eight - ones * ' ') | eight | (eight + ones) | ((backslash - ones) & ~backslash)) & high;
}

/* How many bytes at the front of s stand as they are and need no look at their neighbours. */
static size_t plain_run(struct str s)
{
	size_t i = 0;
	for (uint64_t eight; i + sizeof(eight) <= s.len; i += sizeof(eight)) {
		memcpy(&eight, s.p + i, sizeof(eight));
		if (has_special(eight))
			break;
	}
	while (i < s.len && s.p[i] >= ' ' && s.p[i] < 0x7f && s.p[i] != '\\')
		i++;
	return i;
}

static void add_printable(struct buf *b, struct str s)
{
	for (size_t i = 0, n; i < s.len; i += n) {
		n = utf8_sequence(str_cut(s, i, s.len));
		struct str seq = str_cut(s, i, i + (n ? n : 1));
		if (!n || is_hidden(seq))
			add_hex(b, seq);
		else if (*seq.p == '\\')
			buf_adds(b, "\\\\");
		else
			buf_add(b, seq.p, seq.len);
		n = seq.len;
	}
}

const char *text_printable(struct arena *a, struct str s)
{
	if (plain_run(s) == s.len)
		return arena_dup(a, s.p, s.len);
	CLEANUP(buf_clear) struct buf b = { 0 };
	add_printable(&b, s);
	return arena_dup(a, buf_str(&b).p, buf_waiting(&b));
}

char *text_printable_new(struct str s)
{
	if (plain_run(s) == s.len)
		return mem_dup(s.p, s.len);
	CLEANUP(buf_clear) struct buf b = { 0 };
	add_printable(&b, s);
	return mem_dup(buf_str(&b).p, buf_waiting(&b));
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

enum { DISTANCE_CHARS_MAX = 255 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

unsigned text_distance(const char *a, const char *b, unsigned most)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned rows[3][DISTANCE_CHARS_MAX + 1];
	if (la > DISTANCE_CHARS_MAX || lb > DISTANCE_CHARS_MAX)
		return most + 1;
	for (unsigned j = 0; j <= lb; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		now[0] = i;
		for (unsigned j = 1; j <= lb; j++) {
			char ca = lower(a[i - 1]), cb = lower(b[j - 1]);
			now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == lower(b[j - 2]) && lower(a[i - 2]) == cb &&
			    before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
	}
	unsigned d = rows[la % 3][lb];
	return d > most ? most + 1 : d;
}

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, struct str in)
{
	for (size_t i = 0; i < in.len; i += 3) {
		uint32_t v = 0;
		size_t n = in.len - i < 3 ? in.len - i : 3;
		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (k < n ? (unsigned char)in.p[i + k] : 0);
		char q[4] = { b64[v >> 18], b64[v >> 12 & 63], n > 1 ? b64[v >> 6 & 63] : '=',
			      n > 2 ? b64[v & 63] : '=' };
		buf_add(out, q, sizeof(q));
	}
}

static bool decode(struct buf *out, struct str in, const char *extra, bool pad)
{
	uint32_t v = 0;
	unsigned bits = 0;
	size_t len = in.len;
	while (len && in.p[len - 1] == '=' && in.len - len < 2)
		len--;
	if ((pad && in.len % 4) || len % 4 == 1 || (in.len != len && in.len % 4))
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = in.p[i];
		const char *at = c == extra[0] ? b64 + 62 : c == extra[1] ? b64 + 63 : memchr(b64, c, 62);
		if (!at)
			return false;
		v = (v << 6 | (uint32_t)(at - b64)) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			char byte = (char)(v >> bits & 0xff);
			if (!buf_add(out, &byte, 1))
				return false;
		}
	}
	return true;
}

bool base64_decode(struct buf *out, struct str in)
{
	return decode(out, in, "+/", true);
}

bool base64url_decode(struct buf *out, struct str in)
{
	return decode(out, in, "-_", false);
}

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

bool text_mail_date_read(struct str s, long long *unix_s)
{
	char z[96], month[4], zone[8] = "";
	int y, d, h, mi, sec = 0;
	s = str_trim(s);
	for (size_t i = 0; i < s.len && i < 6; i++)
		if (s.p[i] == ',') {
			s = str_trim(str_cut(s, i + 1, s.len));
			break;
		}
	if (s.len >= sizeof(z))
		s.len = sizeof(z) - 1;
	memcpy(z, s.p, s.len);
	z[s.len] = 0;
	if (sscanf(z, "%2d %3s %4d %2d:%2d:%2d %7s", &d, month, &y, &h, &mi, &sec, zone) < 6 &&
	    sscanf(z, "%2d %3s %4d %2d:%2d %7s", &d, month, &y, &h, &mi, zone) < 5)
		return false;
	if (y < 100)
		y += y < 50 ? 2000 : 1900;
	int mo = month_number(month), zh = 0, zm = 0;
	if (!date_fits(y, mo, d, h, mi, sec))
		return false;
	if ((zone[0] == '+' || zone[0] == '-') && sscanf(zone + 1, "%2d%2d", &zh, &zm) == 2 &&
	    zone[0] == '-') {
		zh = -zh;
		zm = -zm;
	}
	*unix_s = days_from_date(y, mo, d) * 86400 + (h - zh) * 3600 + (mi - zm) * 60 + sec;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_line.h"

#include <stdio.h>
#include <string.h>

#include "base/eight.h"
#include "base/text.h"
#include "base/text_time.h"

enum { MS = 1000 };

/* True when none of the 8 bytes at p is a control character, a quote, a backslash or beyond ASCII. */
static bool is_plain8(const char *p)
{
	uint64_t w = eight_at(p);
	uint64_t quote = w ^ EIGHT_ONES * '"', back = w ^ EIGHT_ONES * '\\';
	uint64_t del = w ^ EIGHT_ONES * 0x7f;
	uint64_t odd =
		(w - EIGHT_ONES * 0x20) | (quote - EIGHT_ONES) | (back - EIGHT_ONES) | (del - EIGHT_ONES) | w;
	return !(odd & EIGHT_TOPS);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static size_t plain_length(struct str s, size_t from)
{
	size_t i = from;
	while (i + 8 <= s.len && is_plain8(s.p + i))
		i += 8;
	while (i < s.len && is_plain((unsigned char)s.p[i]))
		i++;
	return i - from;
}

/* Length of the character of several bytes at the front, 0 when it is none (RFC 3629, 3). */
static size_t wide_length(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	return c >= 0xc2 && n <= s.len && text_is_utf8(str_cut(s, 0, n)) ? n : 0;
}

static void add_odd(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char named[] = "\"\"\\\\\nn\rr\tt";
	for (size_t i = 0; named[i]; i += 2)
		if ((unsigned char)named[i] == c) {
			char two[2] = { '\\', named[i + 1] };
			buf_add(b, two, sizeof(two));
			return;
		}
	char text[] = { '\\', '\\', 'x', hex[c >> 4], hex[c & 15] };
	buf_add(b, text, sizeof(text));
}

void json_quote(struct buf *b, struct str s)
{
	buf_add(b, "\"", 1);
	for (size_t i = 0; i < s.len;) {
		size_t n = plain_length(s, i);
		buf_add(b, s.p + i, n);
		i += n;
		if (i == s.len)
			break;
		n = (unsigned char)s.p[i] >= 0x80 ? wide_length(str_cut(s, i, s.len)) : 0;
		if (n)
			buf_add(b, s.p + i, n);
		else
			add_odd(b, (unsigned char)s.p[i]);
		i += n ? n : 1;
	}
	buf_add(b, "\"", 1);
}

void json_line_begin(struct buf *b)
{
	buf_add(b, "{", 1);
}

void json_line_end(struct buf *b)
{
	buf_add(b, "}\n", 2);
}

enum { KEY_MARKS = sizeof(",\"\":") };

/* The key with all that goes around it, where there is room; gives the end. */
static char *put_key(const struct buf *b, char *to, struct str key)
{
	bool first = b->len > b->start && b->data[b->len - 1] == '{';
	*to = ',';
	to += !first;
	*to++ = '"';
	memcpy(to, key.p, key.len);
	to += key.len;
	*to++ = '"';
	*to++ = ':';
	return to;
}

static void add_key(struct buf *b, struct str key)
{
	bool first = b->len > b->start && b->data[b->len - 1] == '{';
	buf_adds(b, first ? "\"" : ",\"");
	buf_add(b, key.p, key.len);
	buf_add(b, "\":", 2);
}

/* Copies what stands for itself; how much that is. */
static size_t copy_plain(char *to, struct str s)
{
	size_t i = 0;
	while (i + 8 <= s.len && is_plain8(s.p + i)) {
		memcpy(to + i, s.p + i, 8);
		i += 8;
	}
	for (; i < s.len && is_plain((unsigned char)s.p[i]); i++)
		to[i] = s.p[i];
	return i;
}

/* Texts that stand for themselves: true when it was added. */
static bool add_plain(struct buf *b, struct str key, struct str value)
{
	char *from = buf_reserve(b, key.len + value.len + KEY_MARKS + 2);
	char *to = from ? put_key(b, from, key) : NULL;
	if (!to)
		return false;
	*to++ = '"';
	if (copy_plain(to, value) < value.len)
		return false;
	to += value.len;
	*to++ = '"';
	buf_added(b, (size_t)(to - from));
	return true;
}

void json_line_put_text(struct buf *b, struct str key, struct str value)
{
	if (add_plain(b, key, value))
		return;
	add_key(b, key);
	json_quote(b, value);
}

void json_line_put_number(struct buf *b, struct str key, long long n)
{
	char digits[1 + STR_DECIMAL_BYTES]; /* a sign, and those */
	unsigned long long size = n < 0 ? 0 - (unsigned long long)n : (unsigned long long)n;
	struct str text = str_decimal(size, digits + 1);
	char *p = digits + (text.p - digits);
	if (n < 0)
		*--p = '-';
	size_t len = text.len + (n < 0);
	char *from = buf_reserve(b, key.len + len + KEY_MARKS);
	if (from) {
		char *to = put_key(b, from, key);
		memcpy(to, p, len);
		buf_added(b, (size_t)(to + len - from));
		return;
	}
	add_key(b, key);
	buf_add(b, p, len);
}

void json_line_bool(struct buf *b, const char *key, bool yes)
{
	add_key(b, json_line_key(key));
	buf_adds(b, yes ? "true" : "false");
}

const char *json_time(long long unix_ms, char out[JSON_TIME_BYTES])
{
	char whole[TEXT_TIME_BYTES];
	long long s = unix_ms / MS - (unix_ms % MS < 0), ms = unix_ms - s * MS;
	text_time(s, whole);
	size_t n = strlen(whole);
	n -= n && whole[n - 1] == 'Z';
	snprintf(out, JSON_TIME_BYTES, "%.*s.%03dZ", (int)(n < 24 ? n : 24), whole, (int)(ms % MS));
	return out;
}

void json_line_put_time(struct buf *b, struct str key, long long unix_ms)
{
	/* Most lines of a log are of the same second. */
	static _Thread_local long long second = -1;
	static _Thread_local char text[JSON_TIME_BYTES];
	static _Thread_local size_t length;
	if (unix_ms < 0 || unix_ms / MS != second) {
		length = strlen(json_time(unix_ms, text));
		second = unix_ms / MS;
	}
	int ms = (int)(unix_ms % MS);
	if (unix_ms >= 0 && length > 5) {
		text[length - 4] = (char)('0' + ms / 100);
		text[length - 3] = (char)('0' + ms / 10 % 10);
		text[length - 2] = (char)('0' + ms % 10);
	}
	json_line_put_text(b, key, (struct str){ text, length });
}

/* SPDX-License-Identifier: Apache-2.0 */
/* base/json_line.h - writes JSON by hand: flat objects, one a line, where there are many (logs).
 *
 * Always valid JSON in UTF-8 (RFC 8259): bytes that are neither printable nor UTF-8
 * stand as \xNN, as they do in evidence; line ends within a text as \n.
 * Keys are the program's own words and need no escapes.  Whoever adds to a
 * buffer with a limit gives it room for the whole line first. */
#ifndef BASE_JSON_LINE_H
#define BASE_JSON_LINE_H

#include "base/buf.h"

void json_line_begin(struct buf *b); /* { */
void json_line_end(struct buf *b);   /* } and the line's end */
void json_line_put_text(struct buf *b, struct str key, struct str value);
void json_line_put_number(struct buf *b, struct str key, long long n);
void json_line_put_time(struct buf *b, struct str key, long long unix_ms);
void json_line_bool(struct buf *b, const char *key, bool yes);

/* Here, so that a key's length is known when it is compiled. */
static inline struct str json_line_key(const char *key)
{
	return (struct str){ key, __builtin_strlen(key) };
}

static inline void json_line_text(struct buf *b, const char *key, struct str value) /* "key":"value" */
{
	json_line_put_text(b, json_line_key(key), value);
}

static inline void json_line_given(struct buf *b, const char *key,
				   struct str value) /* not when it is empty */
{
	if (value.len)
		json_line_put_text(b, json_line_key(key), value);
}

static inline void json_line_number(struct buf *b, const char *key, long long n)
{
	json_line_put_number(b, json_line_key(key), n);
}

/* Milliseconds of Unix time, as RFC 3339 in UTC: "2026-11-21T08:49:38.123Z". */
static inline void json_line_time(struct buf *b, const char *key, long long unix_ms)
{
	json_line_put_time(b, json_line_key(key), unix_ms);
}

/* The value alone, quotes around it. */
void json_quote(struct buf *b, struct str s);

enum { JSON_TIME_BYTES = 32 };
const char *json_time(long long unix_ms, char out[JSON_TIME_BYTES]);

#endif

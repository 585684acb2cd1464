/* SPDX-License-Identifier: Apache-2.0 */
/* base/text.h - text for people and files made of bytes nobody promised anything about. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"
#include "base/buf.h"

/* Makes printable UTF-8 of any bytes: what is neither is written \xNN, a
 * backslash \\.  TAB stays.  This is how wire text stands in evidence. */
const char *text_printable(struct arena *a, struct str s) MUST_USE;
char *text_printable_new(struct str s) MUST_USE; /* the same: the caller owns it */

/* True when s is well-formed UTF-8 (RFC 3629). */
bool text_is_utf8(struct str s);
bool text_is_ascii(struct str s);

/* Levenshtein distance with a transposition as one step, ASCII case ignored;
 * stops counting above `most` and returns most + 1. */
unsigned text_distance(const char *a, const char *b, unsigned most);

/* Base64 (RFC 4648, 4).  Decoding is strict about the alphabet and padding. */
void base64_encode(struct buf *out, struct str in);
bool base64_decode(struct buf *out, struct str in) MUST_USE;
bool base64url_decode(struct buf *out, struct str in) MUST_USE; /* padding optional */

/* RFC 3339 in UTC with milliseconds off: "2026-11-21T08:49:38Z". */
enum { TEXT_TIME_BYTES = 32 };
const char *text_time(long long unix_s, char out[TEXT_TIME_BYTES]);
bool text_time_read(struct str s, long long *unix_s) MUST_USE; /* the same form */
/* "Sat, 21 Nov 2026 08:49:38 +0000" (RFC 5322, 3.3). */
enum { TEXT_MAIL_DATE_BYTES = 48 };
const char *text_mail_date(long long unix_s, char out[TEXT_MAIL_DATE_BYTES]);
/* The Date: form of RFC 5322, 3.3, and of HTTP; comments and old zones allowed. */
bool text_mail_date_read(struct str s, long long *unix_s) MUST_USE;

#endif

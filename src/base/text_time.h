/* SPDX-License-Identifier: Apache-2.0 */
/* base/text_time.h - a moment as programs write it: RFC 3339 for files and documents, RFC 5322 for mail.
 *
 * Seconds since 1970 in UTC.  What people type is base/when's. */
#ifndef BASE_TEXT_TIME_H
#define BASE_TEXT_TIME_H

#include "base/str.h"

/* "2026-11-21T08:49:38Z"; milliseconds are not written. */
enum { TEXT_TIME_BYTES = 32 };
const char *text_time(long long unix_s, char out[TEXT_TIME_BYTES]);
bool text_time_read(struct str s, long long *unix_s) MUST_USE; /* the same form */

/* "Sat, 21 Nov 2026 08:49:38 +0000" (RFC 5322, 3.3). */
enum { TEXT_MAIL_DATE_BYTES = 48 };
const char *text_mail_date(long long unix_s, char out[TEXT_MAIL_DATE_BYTES]);
/* The Date: form of RFC 5322, 3.3, and of HTTP; comments and old zones allowed. */
bool text_mail_date_read(struct str s, long long *unix_s) MUST_USE;

#endif

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
/* A byte below the blank, or DEL: no line, name or key may carry one. */
bool text_has_control(struct str s);

#endif

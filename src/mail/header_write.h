/* SPDX-License-Identifier: Apache-2.0 */
/* mail/header_write.h - one header field, written so that nothing in its value can end it.
 *
 * Line ends and other controls in a value become blanks; long values are folded at
 * blanks (RFC 5322, 2.2.3). */
#ifndef MAIL_HEADER_WRITE_H
#define MAIL_HEADER_WRITE_H

#include "base/buf.h"

enum {
	HEADER_LINE_GOOD = 76, /* columns we fold at */
	HEADER_LINE_MAX = 998  /* a word longer than this is broken (RFC 5322, 2.1.1) */
};

enum header_form {
	HEADER_ASCII, /* other bytes as \xNN: where nothing but ASCII may stand */
	HEADER_WORDS, /* unstructured text: encoded words (RFC 2047) where it is not ASCII */
	HEADER_UTF8   /* as it is (RFC 6532) where it is UTF-8, else as HEADER_ASCII */
};

/* Appends UTF-8 text as encoded words, a blank before each. */
void header_encode_words(struct buf *out, struct str text);

void header_write(struct buf *out, const char *name, struct str value, enum header_form form);

#endif

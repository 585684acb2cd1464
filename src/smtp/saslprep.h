/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/saslprep.h - names and passwords made comparable before they are hashed (RFC 4013).
 *
 * Only text that the preparation leaves as it is, or changes by dropping or
 * blanking single characters, is prepared here: ASCII, precomposed Latin, Greek
 * and Cyrillic letters, Hangul syllables, kana and unified ideographs.  What
 * would need Unicode normalisation (KC) or the rules for right-to-left text is
 * refused by name, never hashed wrongly. */
#ifndef SMTP_SASLPREP_H
#define SMTP_SASLPREP_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the prepared form of in to out; false with *e naming the first code
 * point that cannot be prepared or is prohibited, or when nothing is left. */
bool saslprep(struct str in, struct buf *out, struct err *e) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* mail/charset.h - text of any charset as UTF-8, as well as it goes.
 *
 * What iconv(3) doesn't know stays as it is; bytes that don't fit the charset
 * are passed over one by one.  Bytes that are UTF-8 already are believed, whatever
 * the label says: relays re-encode texts and leave the label. */
#ifndef MAIL_CHARSET_H
#define MAIL_CHARSET_H

#include "base/arena.h"

/* Text in the arena or s itself; charset may be "" or NULL. */
struct str charset_utf8(struct arena *a, struct str s, const char *charset) MUST_USE;

#endif

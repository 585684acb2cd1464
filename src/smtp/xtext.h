/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/xtext.h - how ENVID, ORCPT and AUTH= carry any byte (RFC 3461, 4). */
#ifndef SMTP_XTEXT_H
#define SMTP_XTEXT_H

#include "base/buf.h"

enum { SMTP_ORCPT_CHARS_MAX = 500 }; /* RFC 3461, 4.2 */

/* Appends s with +XX for what may not stand. */
void smtp_xtext_encode(struct buf *out, struct str s);
/* Appends what s means; false: s is no xtext, or out's limit was reached. */
bool smtp_xtext_decode(struct buf *out, struct str s) MUST_USE;
bool smtp_xtext_is(struct str s); /* well-formed and not empty */
/* Appends an address of type utf-8 with \x{HEX} for what is no ASCII, so that any server takes it (RFC 6533,
 * 3); s is UTF-8.  What has only ASCII is xtext already and stays; where there is more a "+" is but a "+". */
void smtp_xtext_unicode(struct buf *out, struct str s);

#endif

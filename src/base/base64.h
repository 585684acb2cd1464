/* SPDX-License-Identifier: Apache-2.0 */
/* base/base64.h - bytes as letters (RFC 4648, 4 and 5).
 *
 * Decoding is strict about the alphabet and the padding; what was decoded before a fault stays in *out. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

void base64_encode(struct buf *out, struct str in);
bool base64_decode(struct buf *out, struct str in) MUST_USE;
bool base64url_decode(struct buf *out, struct str in) MUST_USE; /* padding optional */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* mail/header_drop.h - the fields that no mail may leave with: blind copies (RFC 5322, 3.6.3), and what is
 * the last server's to write (Return-Path: RFC 5321, 4.4) or says what is true no more (Content-Length). */
#ifndef MAIL_HEADER_DROP_H
#define MAIL_HEADER_DROP_H

#include "base/buf.h"
#include "mail/header.h"

bool header_is_dropped(struct str name);

/* h was read from head.  True: out has got head without those fields.  False: there are none, which costs no
 * copy. */
bool header_drop(const struct header *h, struct str head, struct buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* mail/address_xtext.h - an address in UTF-8 as a report in ASCII writes it (RFC 6533, 3). */
#ifndef MAIL_ADDRESS_XTEXT_H
#define MAIL_ADDRESS_XTEXT_H

#include "base/arena.h"
#include "base/str.h"

/* "j\x{FC}rgen@example.com"; s is UTF-8. */
const char *address_xtext(struct arena *a, struct str s);
/* What it means; s itself where nothing in it is written so. */
struct str address_xtext_read(struct arena *a, struct str s);

#endif

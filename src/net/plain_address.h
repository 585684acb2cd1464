/* SPDX-License-Identifier: Apache-2.0 */
/* net/plain_address.h - an address that every server takes, where it has such a form (RFC 5891). */
#ifndef NET_PLAIN_ADDRESS_H
#define NET_PLAIN_ADDRESS_H

#include "base/arena.h"

/* "info@müller.example" -> "info@xn--mller-kva.example" in a: only the domain is not ASCII, so no SMTPUTF8
 * is needed.  What is ASCII already, or is not before the @, comes back as it is.  NULL with *why: what stands
 * behind the @ is no domain. */
const char *plain_address(struct arena *a, const char *address, const char **why) MUST_USE;

enum { ADDRESS_FORMS_MAX = 2 };
/* The other ways to write the domain of an address or "@domain", in a: with A-labels, with U-labels (RFC 5890,
 * 2.3.2.1).  Returns how many: 0 where there is but one. */
size_t plain_address_forms(struct arena *a, struct str given, struct str out[ADDRESS_FORMS_MAX]);

#endif

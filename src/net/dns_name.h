/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_name.h - domain names as they are asked for (RFC 1035, 2.3.4; RFC 5891). */
#ifndef NET_DNS_NAME_H
#define NET_DNS_NAME_H

#include "base/arena.h"

/* Lower case, no final dot, U-labels converted; "." is the root.  NULL with
 * *why (static or in a) when this cannot be a name. */
const char *dns_name_clean(const char *name, struct arena *a, const char **why) MUST_USE;
/* With U-labels in place of A-labels; what are none stay as they are. */
const char *dns_name_in_letters(const char *name, struct arena *a);

#endif

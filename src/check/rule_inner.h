/* SPDX-License-Identifier: Apache-2.0 */
/* check/rule_inner.h - addresses of an inner network, and name servers that may know them. */
#ifndef CHECK_RULE_INNER_H
#define CHECK_RULE_INNER_H

#include "check/verdict.h"

/* Private, loopback, link-local: no address of the internet. */
bool rule_is_internal(const char *address);
/* The answer came from a name server with such an address. */
bool rule_asked_inside(struct verdict *v, const struct fact *answer);
/* An inner resolver that may know inner addresses.  A stub on this machine passes on
 * what the world sees, so a loopback address from it is no view of its own. */
bool rule_is_own_view(struct verdict *v, const struct fact *answer, const char *address);

#endif

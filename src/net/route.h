/* SPDX-License-Identifier: Apache-2.0 */
/* net/route.h - where an address leads, by this machine's own tables.  No packet is sent. */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include <stdbool.h>

/* 0: there is a route to the numeric address (of either version); else the errno
 * that connecting would give (ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL). */
int net_route_errno(const char *address);

/* Whether the numeric address is this machine's: who talks to one of his own does so from it.  "0.0.0.0" and
 * "::" lead here, too. */
bool net_route_is_here(const char *address);

#endif

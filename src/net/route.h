/* SPDX-License-Identifier: Apache-2.0 */
/* net/route.h - is there a way out, by this machine's own tables?  No packet is sent. */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

/* 0: there is a route to the numeric address (of either version); else the errno
 * that connecting would give (ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL). */
int net_route_errno(const char *address);

#endif

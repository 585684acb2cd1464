/* SPDX-License-Identifier: Apache-2.0 */
/* lab/isolate.h - a network of its own for one scenario, without root.
 *
 * A user, network and mount namespace (Linux).  Loopback carries every address
 * the scenario speaks of, so ports 25, 465 and 587 need no privilege, and
 * scenarios run side by side. */
#ifndef LAB_ISOLATE_H
#define LAB_ISOLATE_H

#include "lab/spec.h"

/* Enters new namespaces and brings the scenario's addresses and routes up.
 * False with *e: not permitted here; the process is as it was (errno tells). */
bool isolate_enter(const struct spec *s, struct err *e) MUST_USE;

/* Puts the scenario's hosts file and resolver over /etc, for this namespace only. */
bool isolate_files(const char *dir, const struct strlist *hosts, struct err *e) MUST_USE;

/* One route: "unreachable|prohibit|blackhole|drop ADDR[/BITS]".  For isolate.c. */
bool isolate_route(int netlink, const char *text, struct err *e) MUST_USE;
bool isolate_address(int netlink, const char *address, struct err *e) MUST_USE;
bool isolate_link_up(int netlink, struct err *e) MUST_USE;

#endif

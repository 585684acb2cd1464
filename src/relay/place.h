/* SPDX-License-Identifier: Apache-2.0 */
/* relay/place.h - a place where the relay listens (net/listen.h), and what leads to it. */
#ifndef RELAY_PLACE_H
#define RELAY_PLACE_H

#include "mail/ipaddr.h"

struct place {
	struct ipaddr address;
	bool both; /* "*": IPv4 and IPv6; address is IPv4's any */
	unsigned long port;
};

/* False where the kernel chooses the port, or there is none. */
bool place_read(const char *where, struct place *out) MUST_USE;
/* Two that cannot both be had. */
bool place_is_shared(const struct place *a, const struct place *b);
/* Who connects to that address and the place's port is there.  Asks the machine's own tables. */
bool place_takes(const struct place *p, const struct ipaddr *to);

#endif

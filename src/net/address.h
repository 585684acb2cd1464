/* SPDX-License-Identifier: Apache-2.0 */
/* net/address.h - what kind of place a numeric address is. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>

/* True for an address of the public internet; false for every special-purpose block (RFC 6890 and
 * IANA's registries: loopback, private, link-local, shared, multicast, documentation, this network),
 * for IPv6 forms that hold such an IPv4 address (mapped, NAT64, 6to4, Teredo), and for what is no
 * address. */
bool net_address_is_public(const char *numeric);

#endif

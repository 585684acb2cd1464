/* SPDX-License-Identifier: Apache-2.0 */
/* mail/ipaddr.h - an IPv4 or IPv6 address as a value. */
#ifndef MAIL_IPADDR_H
#define MAIL_IPADDR_H

#include "base/arena.h"

enum { IPADDR_TEXT_BYTES = 48 };

struct ipaddr {
	unsigned family;         /* 4 or 6; 0: none */
	unsigned char bytes[16]; /* the first 4 for IPv4 */
};

/* Reads a dotted quad or an IPv6 address.  A mapped one (::ffff:1.2.3.4) is
 * kept as IPv6; ipaddr_unmapped makes it the IPv4 address it stands for. */
bool ipaddr_read(struct str s, struct ipaddr *out) MUST_USE;
struct ipaddr ipaddr_unmapped(struct ipaddr a);

/* RFC 5952 text; "" for family 0. */
const char *ipaddr_text(const struct ipaddr *a, char out[IPADDR_TEXT_BYTES]);

bool ipaddr_eq(const struct ipaddr *a, const struct ipaddr *b);
/* Same family and the first `bits` bits equal. */
bool ipaddr_in(const struct ipaddr *a, const struct ipaddr *net, unsigned bits);

/* Loopback, private, link-local or shared address space (RFC 6890): nobody outside reaches it. */
bool ipaddr_is_internal(const struct ipaddr *a);

/* "4.3.2.1", or 32 nibbles with dots, lowest first: what stands before
 * ".in-addr.arpa", ".ip6.arpa" or the zone of a blocklist. */
const char *ipaddr_reversed(struct arena *ar, const struct ipaddr *a) MUST_USE;
/* "4.3.2.1.in-addr.arpa" */
const char *ipaddr_ptr_name(struct arena *ar, const struct ipaddr *a) MUST_USE;
/* Nibbles highest first ("2.0.0.1.0.d..."), or the dotted quad (SPF's %{i}). */
const char *ipaddr_dotted(struct arena *ar, const struct ipaddr *a) MUST_USE;

#endif

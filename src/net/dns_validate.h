/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_validate.h - proof by DNSSEC (RFC 4035), made here with libunbound.
 *
 * Asks the same resolver as everybody, but believes only signatures that lead
 * to the trust anchor.  A resolver that strips signatures makes libunbound say
 * "bogus" as forged data does, and so do an old anchor and a wrong clock: the
 * caller must tell these apart (dns_keys.c asks for the anchor's DNSKEY, dns_prove.c
 * whether the anchor itself can be proven). */
#ifndef NET_DNS_VALIDATE_H
#define NET_DNS_VALIDATE_H

#include "base/err.h"
#include "net/dns_conf.h"
#include "net/dns_wire.h"
#include "net/loop.h"

struct dns_validator;

/* The one of this loop, resolver and anchor (NULL: the system's), as long as anybody uses it: what it has
 * found out of the keys above a name serves all.  NULL with *e when there is no anchor or the library
 * refuses; ERR_SYS when this machine has no descriptor or no memory for it. */
struct dns_validator *dns_validator_use(struct net_loop *l, const struct dns_server *servers, size_t n,
					const char *anchor_file, struct err *e) MUST_USE;
void dns_validator_leave(struct dns_validator **v); /* after all proofs of this user */

/* Owner name of the anchor in the file (NULL: the system's), "." mostly; "": there is none. */
const char *dns_anchor_owner(const char *anchor_file, struct arena *a);

enum dns_proof_result { DNS_PROOF_UNKNOWN, DNS_PROOF_SECURE, DNS_PROOF_INSECURE, DNS_PROOF_BOGUS };

struct dns_proof; /* one question under proof */

/* done(ctx) runs once, in the loop; it may free the proof.  NULL: could not be asked. */
struct dns_proof *dns_proof_start(struct dns_validator *v, const char *name, const char *type,
				  struct arena *a, void (*done)(void *ctx), void *ctx) MUST_USE;
void dns_proof_free(struct dns_proof **p); /* cancels */

enum dns_proof_result dns_proof_result(const struct dns_proof *p);
const char *dns_proof_why(const struct dns_proof *p); /* of bogus; printable */
/* The proven answer itself; NULL unless secure. */
const struct dns_wire_reply *dns_proof_reply(const struct dns_proof *p);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* lab/pki.h - certificates made when a scenario starts, good and bad ones.
 *
 * "root" and "intermediate" are always there; `cert` sections add others by
 * name, each issued by another.  Files NAME.pem (chain and key) are left in the
 * scenario's folder for real servers.  OpenSSL's types are used only in
 * pki.c, tls.c and wire.c. */
#ifndef LAB_PKI_H
#define LAB_PKI_H

#include "lab/spec.h"

struct lab_pki;
struct lab_tls; /* what a server shakes hands with */

struct lab_pki *lab_pki_new(const struct spec *s, const char *dir, struct err *e) MUST_USE;
void lab_pki_free(struct lab_pki **p);

/* Makes a good certificate for one host under the intermediate, by the host's name; kept. */
bool lab_pki_host(struct lab_pki *p, const char *host, struct err *e) MUST_USE;

/* Writes the trusted roots to DIR/ca.pem. */
bool lab_pki_write_trust(struct lab_pki *p, const struct strlist *names, struct err *e) MUST_USE;

/* "3 1 1 ab12..." for a TLSA record; NULL: no such certificate. */
const char *lab_pki_tlsa(struct lab_pki *p, const char *name, const char *usage, struct arena *a);

/* The public key in base64 for a DKIM record's p=; NULL: no such certificate. */
const char *lab_pki_dkim(struct lab_pki *p, const char *name, struct arena *a);

/* A server's side of TLS from its settings; NULL with *e. */
struct lab_tls *lab_tls_server(struct lab_pki *p, const struct spec_section *server, const char *cert,
			       struct err *e) MUST_USE;
struct lab_tls *lab_tls_client(void) MUST_USE; /* trusts everybody */
void lab_tls_free(struct lab_tls **t);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/made_cert.h - certificates made on the spot, each with one thing wrong. */
#ifndef TESTS_UNIT_MADE_CERT_H
#define TESTS_UNIT_MADE_CERT_H

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/tls.h"

#define MADE_NOW 1795250978LL /* 2026-11-21 */

struct made_spec {
	const char *cn, *san, *eku, *aia; /* NULL: none; san and aia as in openssl.cnf */
	long from_days, to_days;          /* relative to MADE_NOW; both 0: -1 .. 90 */
	int bits;                         /* RSA; 0: EC P-256 */
	bool ca, sha1;
};

struct made {
	X509 *x;
	EVP_PKEY *key;
};

/* issuer NULL: self-signed. */
struct made made_new(const struct made_spec *s, const struct made *issuer);
void made_free(struct made *m);
struct str made_der(const struct made *m, struct arena *a);
/* Writes PEM to a new temporary file; the path is in a and the caller unlinks it. */
const char *made_pem_file(const struct made *m, struct arena *a);

#endif

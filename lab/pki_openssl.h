/* SPDX-License-Identifier: Apache-2.0 */
/* lab/pki_openssl.h - what pki.c, tls.c and wire.c share of OpenSSL; no one else includes this. */
#ifndef LAB_PKI_OPENSSL_H
#define LAB_PKI_OPENSSL_H

#include <openssl/ssl.h>

#include "lab/pki.h"

struct pki_cert {
	const char *name;
	X509 *x509;
	EVP_PKEY *key;
	struct pki_cert *issuer; /* itself when self-signed */
	const char *chain;       /* leaf | full | with-root | wrong-order */
	struct pki_cert *next;
};

struct lab_pki {
	struct arena *arena;
	const struct spec *spec;
	const char *dir;
	struct pki_cert *all;
};

struct lab_tls {
	SSL_CTX *ctx;
};

struct pki_cert *pki_find(const struct lab_pki *p, const char *name);

#endif

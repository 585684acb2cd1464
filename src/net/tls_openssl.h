/* SPDX-License-Identifier: Apache-2.0 */
/* net/tls_openssl.h - what the tls_*.c files share; OpenSSL's types stop here. */
#ifndef NET_TLS_OPENSSL_H
#define NET_TLS_OPENSSL_H

#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "net/tls.h"
#include "net/tls_identity.h"

void tls_x509_free(X509 **x);
void tls_x509_list_free(STACK_OF(X509) * *list); /* and its certificates */

X509 *tls_x509_parse(struct str der); /* NULL: trailing bytes or no certificate */

/* Plain values of x; der becomes a copy in a. */
void tls_cert_fill(X509 *x, struct arena *a, struct tls_cert *out);

SSL_CTX *tls_identity_ctx(const struct tls_identity *i);

X509_STORE *tls_trust_store(struct tls_trust *t);

#endif

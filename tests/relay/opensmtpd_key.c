/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into OpenSMTPD: its TLS gets the real private key.
 *
 * Debian 12's OpenSMTPD 6.8.0p2 keeps the key in a process of its own and gives TLS one that asks there.
 * OpenSSL 3 does not ask it, and every handshake fails with "EVP lib" (OpenSMTPD's issues 1171 and 1239;
 * mended in 7.0). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>

static EVP_PKEY *key;

/* While it is root and sees the file. */
__attribute__((constructor)) static void read_key(void)
{
	const char *path = getenv("OPENSMTPD_KEY");
	FILE *f = path ? fopen(path, "re") : NULL;
	if (!f)
		return;
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
}

int SSL_CTX_use_PrivateKey(SSL_CTX *ctx, EVP_PKEY *asked)
{
	int (*real)(SSL_CTX *, EVP_PKEY *) =
		(int (*)(SSL_CTX *, EVP_PKEY *))dlsym(RTLD_NEXT, "SSL_CTX_use_PrivateKey");
	return real(ctx, key ? key : asked);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* net/tls_identity.h - a server's certificate and key, as files and as they are used.
 *
 * Loaded once and shared by every connection; a reload makes a new one, and
 * connections that are up keep the old until they end.  TLS 1.2 and 1.3 only
 * (RFC 8996; RFC 9325). */
#ifndef NET_TLS_IDENTITY_H
#define NET_TLS_IDENTITY_H

#include "net/tls.h"

struct tls_identity;

/* cert: PEM, the server's first, then its intermediates.  key: PEM without a
 * passphrase.  NULL with *e (ERR_USAGE, the detail says the mend): unreadable, no
 * certificate, run out at now_s, key of another certificate. */
struct tls_identity *tls_identity_load(const char *cert, const char *key, long long now_s,
				       struct err *e) MUST_USE;
void tls_identity_free(struct tls_identity **i); /* NULL is fine */

const struct tls_cert *tls_identity_cert(const struct tls_identity *i);
/* True when the files are others than those that were loaded (size, time or inode), or cannot be seen. */
bool tls_identity_changed(const struct tls_identity *i);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile server sends in a handshake, in pieces of a size it chose; and the
 * same bytes read as a certificate. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "net/tls_conn.h"
#include "net/tls_openssl.h"

static void shake(struct str wire, size_t piece)
{
	CLEANUP(tls_conn_free) struct tls_conn *t = tls_conn_new(&(struct tls_offer){ .sni = "mx.example" });
	enum tls_step step = tls_conn_shake(t);
	for (size_t at = 0; at < wire.len && step == TLS_STEP_MORE; at += piece) {
		tls_conn_feed(t, str_cut(wire, at, at + piece));
		step = tls_conn_shake(t);
	}
	const struct tls_report *r = tls_conn_report(t);
	if (r->result >= TLS_RESULTS || !r->reason || !r->first_bytes || r->nchain > TLS_CHAIN_MAX)
		abort();
	if (step == TLS_STEP_FAILED && r->result == TLS_OK)
		abort();
}

static void read_cert(struct str der)
{
	CLEANUP(tls_x509_free) X509 *x = tls_x509_parse(der);
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct tls_cert cert;
	if (!x)
		return;
	tls_cert_fill(x, a, &cert);
	if (!cert.subject || !cert.key || cert.der.len != der.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct str rest = { (const char *)data + 1, size - 1 };
	read_cert(rest);
	shake(rest, data[0] ? data[0] : 256);
	return 0;
}

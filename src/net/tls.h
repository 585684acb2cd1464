/* SPDX-License-Identifier: Apache-2.0 */
/* net/tls.h - what a TLS handshake showed, in plain values.
 *
 * The handshake itself never judges: old versions and weak keys are let in to
 * be named.  Judgement (tls_verify) is separate, strict and pure.  A password
 * goes out only when it is .trusted; that is the caller's rule. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/arena.h"
#include "base/err.h"

enum {
	TLS_CHAIN_MAX = 20,                  /* certificates kept of a chain */
	TLS_HANDSHAKE_BYTES_MAX = 256 * 1024 /* bytes taken from a peer before the handshake is done */
};

enum tls_result {
	TLS_OK,
	TLS_ALERT,
	TLS_EOF,
	TLS_RESET,
	TLS_TIMEOUT,
	TLS_NOT_TLS,
	TLS_ERROR,
	TLS_LIMIT,
	TLS_RESULTS
};

struct tls_cert {
	struct str der;
	const char *subject, *issuer, *cn, *issuer_cn, *issuer_org; /* printable */
	struct strlist names;                                       /* dNSName, iPAddress of subjectAltName */
	long long not_before, not_after;                            /* unix time */
	const char *key;                                            /* RSA EC Ed25519 ... */
	int bits;
	const char *signature;
	bool self_signed, server_auth;
	const char *serial, *sha256, *spki_sha256, *aia;
};

struct tls_report { /* owned by the session */
	enum tls_result result;
	const char *version, *cipher, *sni, *reason, *first_bytes;
	int alert_sent, alert_received; /* -1 none */
	bool cert_requested;
	size_t received;
	struct tls_cert *chain; /* as sent, the server's first */
	size_t nchain;
	long elapsed_ms;
};

struct tls_offer {       /* what we say in the ClientHello */
	const char *sni; /* NULL or "": none */
	int min, max;    /* 0x0301..0x0304; 0: library's widest, 1.0 and 1.3 */
};

struct tls_trust;                                                             /* trusted roots */
struct tls_trust *tls_trust_new(const char *ca_file, struct err *e) MUST_USE; /* NULL: the system's store */
void tls_trust_free(struct tls_trust **t);
/* Reads the system's store now (20 ms for a bundle), where there is time to spare;
 * else tls_verify() does it. */
void tls_trust_ready(struct tls_trust *t);
bool tls_trust_anybody(struct tls_trust *t); /* Reads it now.  False: it trusts nobody */

struct tls_verify_error {
	int code, depth;
	const char *words;
};

struct tls_verdict {
	bool trusted;
	bool name_matches;
	struct tls_verify_error errors[16];
	size_t nerrors;
	size_t chain;
};

/* Judges a chain as sent (DER) for host (a name or an address) at a time, with
 * security level 2 and purpose sslserver; collects every error, not just the
 * first.  extra: further untrusted intermediates (AIA), may be NULL.  Texts go to a. */
struct tls_verdict tls_verify(struct tls_trust *t, const struct tls_cert *chain, size_t nchain,
			      const struct str *extra, size_t nextra, const char *host, long long at,
			      struct arena *a) MUST_USE;

const char *tls_result_name(enum tls_result r);
const char *tls_alert_name(int alert); /* "handshake_failure"; "" for -1 */

#endif

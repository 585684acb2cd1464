/* SPDX-License-Identifier: Apache-2.0 */
/* net/tls_conn.h - TLS without a socket: bytes of the wire in and out, plain bytes
 * in and out.  RFC 8446, 5246.  As a client old versions are let in, to be named. */
#ifndef NET_TLS_CONN_H
#define NET_TLS_CONN_H

#include "base/buf.h"
#include "net/tls.h"
#include "net/tls_identity.h"

struct tls_conn;

struct tls_conn *tls_conn_new(const struct tls_offer *o) MUST_USE;
/* The server's side; i is not needed any longer after this. */
struct tls_conn *tls_conn_new_server(const struct tls_identity *i) MUST_USE;
void tls_conn_free(struct tls_conn **t);

enum tls_step {
	TLS_STEP_MORE,  /* write what tls_conn_output() has, then feed */
	TLS_STEP_DONE,  /* the handshake is over and good */
	TLS_STEP_FAILED /* tls_conn_report() says why; write the output (our alert), then close */
};

/* Takes bytes from the wire (all of them; bounded during the handshake). */
void tls_conn_feed(struct tls_conn *t, struct str wire);
/* Goes on with the handshake as far as the bytes reach. */
enum tls_step tls_conn_shake(struct tls_conn *t);
/* The transport ended during the handshake. */
void tls_conn_fail(struct tls_conn *t, enum tls_result why);

enum tls_read {
	TLS_READ_NONE,   /* nothing more for now */
	TLS_READ_CLOSED, /* close_notify */
	TLS_READ_ALERT,  /* a fatal alert; the report has its number */
	TLS_READ_BROKEN  /* not TLS any more; the report has the reason */
};
/* After the handshake: appends plain bytes to out (until its limit). */
enum tls_read tls_conn_read(struct tls_conn *t, struct buf *out);
/* Encrypts; at most 16 MB a call.  False when the connection is broken. */
bool tls_conn_write(struct tls_conn *t, struct str plain) MUST_USE;
void tls_conn_close(struct tls_conn *t); /* queues close_notify */

/* Wire bytes to be written; then say how many went out. */
struct str tls_conn_output(const struct tls_conn *t);
void tls_conn_sent(struct tls_conn *t, size_t n);

/* Texts live as long as t. */
struct tls_report *tls_conn_report(struct tls_conn *t);

#endif

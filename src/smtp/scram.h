/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/scram.h - what both sides of SCRAM-SHA-256 compute (RFC 5802, 3; RFC 7677).
 *
 * Pure functions; the exchanges are in sasl_scram.c and sasl_server_scram.c. */
#ifndef SMTP_SCRAM_H
#define SMTP_SCRAM_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	SCRAM_HASH_BYTES = 32,
	SCRAM_ITERATIONS_MIN = 4096,    /* RFC 7677, 4 */
	SCRAM_ITERATIONS_MAX = 1000000, /* about a second of work; more is an attack or a mistake */
	SCRAM_SALT_BYTES_MAX = 1024,
	SCRAM_NONCE_BYTES = 18 /* random bytes of our nonce, before base64 */
};

struct scram_key {
	unsigned char b[SCRAM_HASH_BYTES];
};

/* What a server keeps of a password. */
struct scram_stored {
	unsigned iterations;
	struct str salt; /* raw */
	struct scram_key stored, server;
};

/* Keys of a password (UTF-8, prepared here).  Either out may be NULL; the
 * caller wipes them.  False with *e when it cannot be prepared or hashed. */
bool scram_derive(const char *password, struct str salt, unsigned iterations, struct scram_key *client,
		  struct scram_key *server, struct err *e) MUST_USE;
bool scram_hash(struct str in, struct scram_key *out) MUST_USE;
/* HMAC-SHA-256 (RFC 2104) with a key of any length. */
bool scram_sign(struct str key, struct str in, struct scram_key *out) MUST_USE;
bool scram_hmac(const struct scram_key *key, struct str in, struct scram_key *out) MUST_USE;
void scram_xor(struct scram_key *a, const struct scram_key *b);         /* a ^= b */
bool scram_same(const struct scram_key *a, const struct scram_key *b);  /* in constant time */
bool scram_read_key(struct str base64, struct scram_key *out) MUST_USE; /* exactly 32 bytes */
void scram_add_key(struct buf *out, const struct scram_key *k);         /* as base64 */

/* Takes "x=value" up to the next comma off *rest when its letter is `letter`;
 * false otherwise, with *rest as it was.  Values may be empty. */
bool scram_attribute(struct str *rest, char letter, struct str *value) MUST_USE;
bool scram_nonce_is_legal(struct str nonce);                   /* printable, no comma, not empty */
bool scram_nonce_new(struct buf *out, struct err *e) MUST_USE; /* random, base64 */

/* A user name with "," and "=" written =2C and =3D, and back (strict). */
bool scram_name_encode(struct str name, struct buf *out) MUST_USE;
bool scram_name_decode(struct str name, struct buf *out) MUST_USE;

#endif

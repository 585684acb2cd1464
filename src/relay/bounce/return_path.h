/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/return_path.h - return paths of our own making, one for each recipient of a message, signed
 * (VERP).
 *
 *   token = "b" id rcpt mac        id: 18 characters (store/id.h); rcpt: 4; mac: 16
 *
 * all in Crockford's base32 in small letters, so that a server which changes the case changes nothing.
 * The mac is HMAC-SHA256 over id and recipient, cut to 80 bits: who was sent a mail can bounce it in his own
 * name, and nobody else's.  A pattern says where the token stands: "*@bounces.example.com",
 * "bounces+*@example.com". */
#ifndef RELAY_RETURN_PATH_H
#define RELAY_RETURN_PATH_H

#include "base/arena.h"
#include "base/err.h"
#include "smtp/scram.h"
#include "store/id.h"

enum {
	RETURN_PATH_LOCAL_MAX = 64, /* RFC 5321, 4.5.3.1.1 */
	RETURN_PATH_TOKEN = 1 + 18 + 4 + 16
};

/* In a; "" when it cannot be computed. */
const char *return_path_make(const struct scram_key *key, const char *pattern, struct store_id id,
			     uint32_t rcpt, struct arena *a);

enum return_path_verdict {
	RETURN_PATH_NONE,   /* its local part ends in no token */
	RETURN_PATH_FORGED, /* in something that looks like one */
	RETURN_PATH_GOOD
};

/* Whatever the pattern was when it was made. */
enum return_path_verdict return_path_read(const struct scram_key *key, struct str address,
					  struct store_id *id, uint32_t *rcpt);

/* The key of this data folder, made at its first use (DATA/return-path.key, 0600). */
bool return_path_key(const char *data, struct scram_key *out, struct err *e) MUST_USE;

#endif

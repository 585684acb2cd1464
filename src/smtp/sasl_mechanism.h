/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/sasl_mechanism.h - inside of the client's exchanges: one row of functions a mechanism. */
#ifndef SMTP_SASL_MECHANISM_H
#define SMTP_SASL_MECHANISM_H

#include "smtp/sasl.h"
#include "smtp/scram.h"

enum { SASL_MESSAGE_BYTES_MAX = 12288 }; /* one decoded challenge or response; RFC 4954, 4 */

/* nothing -> FIRST -> FINAL -> PROVEN | DENIED */
enum scram_state { SCRAM_START, SCRAM_FIRST, SCRAM_FINAL, SCRAM_PROVEN, SCRAM_DENIED };

struct scram_client {
	enum scram_state state;
	struct buf nonce;
	struct buf first_bare;        /* client-first-message-bare */
	struct scram_key want_server; /* the signature the server must show */
	char error[64];               /* the server's e=, printable */
};

struct sasl_client {
	enum sasl_mechanism mechanism;
	struct sasl_credentials c;
	unsigned answered; /* challenges so far, the initial response included */
	bool gave_user, gave_secret;
	struct scram_client scram;
};

typedef enum sasl_step sasl_respond_fn(struct sasl_client *s, struct str challenge, struct buf *out,
				       struct err *e);

bool sasl_scram_begin(struct sasl_client *s, struct err *e) MUST_USE;
sasl_respond_fn sasl_scram_respond;
bool sasl_scram_accept(const struct sasl_client *s, struct err *e) MUST_USE;
void sasl_scram_wipe(struct scram_client *c);

/* Fills *e as ERR_PROTOCOL and returns SASL_FAILED. */
enum sasl_step sasl_protocol_error(const struct sasl_client *s, struct err *e, const char *what);
/* SASL_SEND, or SASL_FAILED with *e when not all fitted into the buffer. */
enum sasl_step sasl_sent(bool all, const struct sasl_client *s, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/sasl_server_mechanism.h - inside of the server's exchanges. */
#ifndef SMTP_SASL_SERVER_MECHANISM_H
#define SMTP_SASL_SERVER_MECHANISM_H

#include "smtp/sasl_mechanism.h"
#include "smtp/sasl_server.h"

struct scram_server {
	enum scram_state state;
	bool known;            /* the user exists */
	struct buf gs2;        /* the client's gs2-header, which c= must repeat */
	struct buf nonce;      /* both parts */
	struct buf transcript; /* client-first-bare "," server-first "," */
	struct scram_key stored, server;
};

struct sasl_server {
	enum sasl_mechanism mechanism;
	struct sasl_server_options o;
	unsigned answered; /* responses so far */
	bool acknowledging, over;
	char *user, *secret;
	const char *why;
	struct buf challenge; /* CRAM-MD5: as sent */
	struct scram_server scram;
};

typedef enum sasl_server_step sasl_server_fn(struct sasl_server *s, struct str response,
					     struct buf *challenge);

sasl_server_fn sasl_server_scram, sasl_server_xoauth2, sasl_server_bearer;
void sasl_server_scram_wipe(struct scram_server *c);

/* Each keeps `why` and returns the step it is named after. */
enum sasl_server_step sasl_server_refuse(struct sasl_server *s, const char *why);
enum sasl_server_step sasl_server_malformed(struct sasl_server *s, const char *why);

/* Keep a name or secret; false when it cannot be one (empty, over-long, a NUL;
 * for names also controls and what is not UTF-8). */
bool sasl_server_set_user(struct sasl_server *s, struct str user) MUST_USE;
bool sasl_server_set_secret(struct sasl_server *s, struct str secret) MUST_USE;

void sasl_server_wipe(char **z); /* overwrites and frees */

bool sasl_server_lookup(const struct sasl_server *s, struct sasl_account *out) MUST_USE;

#endif

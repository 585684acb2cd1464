/* SPDX-License-Identifier: Apache-2.0 */
/* lab/smtp_talk.h - what the SMTP speaker's files share. */
#ifndef LAB_SMTP_TALK_H
#define LAB_SMTP_TALK_H

#include "lab/talk.h"

enum smtp_stage { STAGE_COMMAND, STAGE_AUTH, STAGE_DATA, STAGE_BDAT };

struct sasl_server;

struct smtp_talk {
	enum smtp_stage stage;
	bool start_tls_next, mail, esmtp;
	size_t nrcpt;
	size_t chunk; /* bytes of BDAT still to come */
	bool last_chunk;
	struct buf message;
	struct strlist rcpts;
	struct sasl_server *engine; /* of CRAM-MD5 and SCRAM; NULL: none under way */
	int auth_step;
	struct strlist claims;
};

/* The mechanisms offered now; NULL none. */
const struct strlist *smtp_talk_mechanisms(const struct talk *t);
void smtp_auth_begin(struct talk *t, struct str args);
void smtp_auth_line(struct talk *t, char *line); /* takes the answer to a 334 */

/* Keeps an accepted message in DIR/mail/. */
void smtp_talk_save(struct talk *t);

#endif

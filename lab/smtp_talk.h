/* SPDX-License-Identifier: Apache-2.0 */
/* lab/smtp_talk.h - what the SMTP speaker's files share.
 *
 * The server engine (smtp/server.h) reads commands and messages and keeps order.
 * Each of its events becomes a look-up in the rules.  A rule's bytes go out past
 * the engine, which is told afterwards by their code what they meant; `default`
 * is the engine's own answer. */
#ifndef LAB_SMTP_TALK_H
#define LAB_SMTP_TALK_H

#include "lab/talk.h"
#include "smtp/server.h"

struct sasl_server;

struct smtp_talk {
	struct smtp_server *engine;
	bool up;       /* the engine knows of the connection */
	unsigned code; /* what the pending actions say */
	struct buf message;
	struct strlist rcpts;
	struct sasl_server *login; /* NULL: none under way */
	struct strlist claims;
};

void smtp_offer(struct talk *t);             /* tells the engine what is offered now */
const char *smtp_offer_text(struct talk *t); /* the usual answer to EHLO, as rule text */

uint64_t smtp_talk_now(const struct talk *t); /* as the engine is told */

/* Carries the engine's output to the wire and does what it announces. */
void smtp_talk_hand_over(struct talk *t);

void smtp_auth_begin(struct talk *t);    /* answers AUTH */
void smtp_auth_response(struct talk *t); /* answers the answer to a 334 */

/* Keeps an accepted message in DIR/mail/. */
void smtp_talk_save(struct talk *t);

#endif

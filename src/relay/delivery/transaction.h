/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/transaction.h - the envelope of one transaction: MAIL, RCPTs and DATA, in one breath where
 * the server lets us (RFC 2920), and what each reply means for whom. */
#ifndef RELAY_TRANSACTION_H
#define RELAY_TRANSACTION_H

#include "relay/delivery/delivery.h"

/* What was said and not yet answered, in order. */
struct said_step {
	enum smtp_command said;
	size_t rcpt;
};

struct transaction {
	struct delivery *d;
	struct job *j;
	struct smtp_client *c;
	struct said_step steps[JOB_RCPTS_MAX + 3];
	size_t nsteps, heard;
	size_t taken; /* recipients accepted */
	bool mail_ok, data_ok;
	bool any_rcpt_ok;         /* also behind a refused MAIL: the server may hold recipients */
	bool too_many;            /* a recipient was turned away since there were enough */
	unsigned stops;           /* that one after the other were refused by what is not theirs alone */
	struct failure stop;      /* the last of them: nothing more goes there after this transaction */
	bool open[JOB_RCPTS_MAX]; /* was its fate, when it began? */
};

bool transaction_offers(const struct delivery *d, enum smtp_extension x);
/* Says it and hears what is answered.  MAIL_ENDED: t->data_ok and t->taken tell how it goes on. */
enum mail_end transaction_envelope(struct transaction *t);
/* What one recipient's refusal says of the destination holds for what comes after this transaction: those
 * accepted before it get their message, and one accepted after it shows that it was about that one alone. */
bool transaction_is_stopped(const struct transaction *t);
/* How a refusal ends this transaction, MAIL_ENDED: it does not. */
enum mail_end transaction_refused(struct transaction *t, struct job_rcpt *r, enum trouble_at at);

#endif

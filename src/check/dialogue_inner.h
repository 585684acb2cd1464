/* SPDX-License-Identifier: Apache-2.0 */
/* check/dialogue_inner.h - pieces of one dialogue, shared by dialogue*.c. */
#ifndef CHECK_DIALOGUE_INNER_H
#define CHECK_DIALOGUE_INNER_H

#include "check/dialogue.h"

struct dialogue {
	struct probe *p;
	const struct dialogue_plan *plan;
	struct dialogue_result *out;
	struct session *s;
	unsigned no;
	bool encrypted;
	bool alive;
	bool withheld;         /* the message is larger than the server takes: not declared, not sent */
	size_t body_sent;      /* bytes of the message given to the transport */
	bool dot_sent;         /* and its end with them */
	const char *recipient; /* the RCPT in hand, for the reply's fact */
	uint64_t step_ms;      /* when the step in hand began */
};

/* dialogue_record.c */
void dialogue_record_bytes(struct dialogue *d, enum step step, struct str bytes); /* none: nothing */
void dialogue_drain(struct dialogue *d); /* transcript lines into the evidence */
void dialogue_broke(struct dialogue *d, enum step step, enum session_event ev);
/* Our own engine would not say it: recorded as not tested. False. */
bool dialogue_cannot(struct dialogue *d, enum step step, const struct err *e);

/* dialogue_tls.c */
bool dialogue_tls(struct dialogue *d); /* the handshake is due; records TLS, CERT, VERIFY */
bool dialogue_record_tls(struct dialogue *d, bool starttls);

/* dialogue_reply.c: waits for the answer to what was said; records it.  True when a reply
 * came (its code is in *code); false when the dialogue ended (recorded). */
bool dialogue_reply(struct dialogue *d, enum step step, unsigned *code);
void dialogue_record_reply(struct dialogue *d, enum step step);

/* dialogue_open.c: opens the session and its facts; raw: no SMTP engine. True when TCP is up. */
bool dialogue_open(struct dialogue *d, bool raw, uint64_t handshake_ms);
void dialogue_leave_later(struct dialogue *d); /* says QUIT; dialogue_leave() closes */

/* The steps, a file each. True: the dialogue goes on. */
bool dialogue_ehlo(struct dialogue *d);
bool dialogue_starttls(struct dialogue *d);
bool dialogue_login(struct dialogue *d);
bool dialogue_envelope(struct dialogue *d);
void dialogue_message(struct dialogue *d);

/* A password may go out here: verified TLS, or loopback, or the user insists. */
bool dialogue_may_login(const struct dialogue *d);

#endif

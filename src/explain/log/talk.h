/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/talk.h - lines of programs that belong together: a dialogue's, a stack trace's.
 *
 * PHPMailer, nodemailer, JavaMail, MailKit, smtplib, msmtp, swaks and curl write what was
 * said line by line, and then complain about it in other words; one failure is one event.
 * A block is kept until its end is seen, at most LOG_TALK_MAX bytes of it. */
#ifndef EXPLAIN_LOG_TALK_H
#define EXPLAIN_LOG_TALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct log_context;
struct log_line;
struct finding_entry;

enum { LOG_TALK_MAX = 32 * 1024 };

struct log_talk {
	struct buf text;
	unsigned long long lines, quiet; /* of the block; since the last that belongs to it for sure */
	unsigned long long failed_line;  /* the first that tells of a failure; 0 none */
	long long failed_s, last_s;
	bool dialogue;                     /* commands and replies are in it */
	bool parted;                       /* QUIT was said */
	bool traced;                       /* a stack trace stands in it */
	bool leads_over;                   /* the last line asks for the next one */
	bool indented;                     /* the last line was, or was a frame */
	bool dated;                        /* its first line has a time */
	unsigned long long told_line;      /* where the last block that was told ended */
	uint64_t failed_words, told_words; /* of the line that told: now, and of the block before */
	bool told_talk;                    /* ... and by a dialogue */
	uint64_t told_to;                  /* ... and about whom */
	uint64_t session;                  /* nodemailer\'s name of it, hashed; 0 none */
	const struct finding_entry *told;  /* what it was; NULL none */
};

/* Takes a line that no format claims.  failing: it may tell of a failure.  False: it is
 * nothing of mail. */
bool log_talk_line(struct log_context *x, const struct log_line *l, bool failing);
/* The block ends here: tells what is in it. */
void log_talk_end(struct log_context *x);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* explain/answer.h - one thing asked about, answered: a text of one or several replies, a mail, a
 * sending service's notice (explain/notice.h).
 *
 * Pure.  A bounce is answered recipient by recipient; recipients with the same
 * cause are brought together, so that it is told once.  Everything is in the
 * arena or static. */
#ifndef EXPLAIN_ANSWER_H
#define EXPLAIN_ANSWER_H

#include "catalog/cause.h"
#include "explain/explain.h"
#include "mail/dsn.h"

enum { ANSWER_ITEMS_MAX = 40 }; /* different causes in one text or mail; what comes after is not told */

/* One cause, and in a bounce whom it concerns. */
struct answer_item {
	struct explanation x;
	struct cause cause; /* of x, its places filled */
	const struct dsn_recipient **who;
	size_t nwho;
};

enum answer_word { ANSWER_WELL, ANSWER_REFUSED, ANSWER_DELAYED, ANSWER_FAILED, ANSWER_UNKNOWN, ANSWER_WORDS };

struct answer {
	struct arena *arena;
	const char *input;         /* the text, or the name of the file */
	const char *name;          /* the file's name; "" a text */
	unsigned long long line;   /* of a file that is read line by line, from 1; else 0 */
	const struct dsn *mail;    /* a mail, or a notice; NULL: a text */
	struct answer_item *items; /* items[0] is the answer, the rest is what else was said */
	size_t n;                  /* >= 1 */
	/* The bounce that a mail, itself none, quotes: told, and no reason to call the mail a failure. */
	const struct answer *quoted;
	size_t *item_of; /* of mail->v[i]: its place in items; n when nothing failed for it */
};

void answer_text(struct arena *a, const char *name, struct str text, const struct explain_hint *hint,
		 struct answer *out);
/* One line, taken as one reply or error whatever it holds. */
void answer_line(struct arena *a, struct str line, unsigned long long number, const struct explain_hint *hint,
		 struct answer *out);
void answer_mail(struct arena *a, const char *name, struct str message, const struct explain_hint *hint,
		 struct answer *out);

/* True when something in it was refused or put off: exit status 1. */
bool answer_is_failure(const struct answer *x);
enum answer_word answer_word(const struct explanation *x);

/* The explanation as a cause, its places filled. */
struct cause answer_cause(struct arena *a, const struct explanation *x);

#endif

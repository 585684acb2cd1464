/* SPDX-License-Identifier: Apache-2.0 */
/* batch/batch.h - a table and a template: checked as a whole, then handed to the relay row by row.
 *
 * Two passes over the table: the first finds everything that is wrong, before anything is sent; the
 * second makes each mail and hands it in.  Neither keeps more than SEEN_BYTES of a row.  A batch has an
 * id, kept in its journal; from it and the row comes each mail's key, so that the same batch begun again
 * goes on where it broke off. */
#ifndef BATCH_BATCH_H
#define BATCH_BATCH_H

#include "batch/hand.h"
#include "batch/journal.h"
#include "batch/roll.h"

enum { BATCH_PROBLEMS_SHOWN = 100 }; /* rows with problems that are kept; all are counted */

struct batch_options {
	const char *table, *template; /* files */
	const char *journal;
	const char *from, *from_name; /* NULL: the template's */
	const char *fields; /* put into each header as they are, in place of the template's X-Postrider-*;
			       NULL none */
	const char *to_column, *attach_column, *key_column; /* NULL: by their usual names */
	struct strlist attach_all;                          /* files for every mail */
	uint64_t size_max;                                  /* of one mail; 0 no limit */
	bool resume;                                        /* go on though the template was changed */
	bool again; /* a new batch (there is no journal): also those get it whose key was sent before */
	bool look;  /* nothing will be sent: the journal is not locked */
	struct roll *roll; /* gets a copy of the journal; NULL none */
	int64_t now_ms;
};

struct batch;

/* False with *e; faults: sentences about template and table that each forbid the batch (texts in a);
 * with faults *out is NULL. */
bool batch_open(const struct batch_options *o, struct arena *a, struct batch **out, struct strlist *faults,
		struct err *e) MUST_USE;
void batch_free(struct batch **b);

bool batch_is_windows(const struct batch *b); /* the table was read as Windows-1252 */
uint64_t batch_size(const struct batch *b);   /* bytes of the table */
const char *batch_id(const struct batch *b);  /* the journal's, made when it is begun first */
int64_t batch_began_ms(const struct batch *b);
bool batch_has_begun(const struct batch *b); /* there is a journal */

/* How far a pass has come. */
struct batch_at {
	uint64_t rows, bytes;                     /* looked at; bytes of the table */
	uint64_t taken, before, refused, skipped; /* the second pass */
};

struct batch_watch {
	bool (*tick)(void *ctx, const struct batch_at *at); /* a few times a second; false: stop */
	void *ctx;
};

struct batch_problem {
	uint64_t row;
	const char *words; /* several with "; " between them */
};

struct batch_checked {
	uint64_t rows, good, bad, before; /* before: of the good ones, taken when it was sent last */
	uint64_t bytes;                   /* of all good mails */
	uint64_t files;                   /* good mails with an attachment */
	struct batch_problem *problems;   /* in a */
	size_t nproblems;
	bool stopped;
};

bool batch_check(struct batch *b, const struct batch_watch *w, struct arena *a, struct batch_checked *out,
		 struct err *e) MUST_USE;

/* What a mail of the batch is to a reader of the first pass: the dry run. */
struct batch_each {
	void (*mail)(void *ctx, const struct letter *l);
	void *ctx;
};
void batch_on_each(struct batch *b, const struct batch_each *each); /* for good mails not sent before */

enum batch_end { BATCH_DONE, BATCH_STOPPED, BATCH_TROUBLE };

struct batch_sent {
	enum batch_end end;
	struct batch_at at;
	const char *trouble; /* BATCH_TROUBLE; in a */
	bool reached;        /* the relay has answered at all */
};

bool batch_send(struct batch *b, struct net_loop *l, const struct hand_way *way, const struct batch_watch *w,
		struct arena *a, struct batch_sent *out, struct err *e) MUST_USE;

#endif

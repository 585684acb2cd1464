/* SPDX-License-Identifier: Apache-2.0 */
/* batch/journal.h - what became of each row when it was handed in: a file beside the results, only
 * appended to.
 *
 * What a killed sender wrote last may be half a line: it is cut off at the next start. The relay knows
 * a letter whose line is missing by its key.  One sender at a time: the file is locked.
 *
 *   file = head *line        head = "postrider-batch" TAB version TAB id TAB began_ms TAB template TAB
 * separator LF line = run row mark id code at_ms recipient key words, TAB between, LF */
#ifndef BATCH_JOURNAL_H
#define BATCH_JOURNAL_H

#include "base/err.h"
#include "batch/seen.h"

enum { JOURNAL_ID_BYTES = 17, JOURNAL_LINE_MAX = 16 * 1024 };

struct journal_head {
	char id[JOURNAL_ID_BYTES]; /* of the batch: random */
	int64_t began_ms;
	struct seen_mark template; /* of the template's bytes */
	char separator;            /* of the table: the results have the same */
};

struct journal_line {
	unsigned run; /* 1: the first time the batch was sent */
	uint64_t row;
	struct seen_mark mark;
	struct str id; /* in the relay's queue; "" not taken */
	unsigned code;
	int64_t at_ms;
	struct str recipient, key, words; /* words: the reply, or what is wrong with the row */
};

struct journal;

enum journal_mode { JOURNAL_LOOK, JOURNAL_SEND };

/* 1: open; 0: there is none (with JOURNAL_SEND then journal_begin()); -1: *e.  JOURNAL_SEND locks. */
int journal_open(const char *path, enum journal_mode mode, struct journal **out, struct err *e) MUST_USE;
/* A new one, on disk when this returns. */
bool journal_begin(const char *path, const struct journal_head *head, struct journal **out,
		   struct err *e) MUST_USE;
void journal_free(struct journal **j);

const struct journal_head *journal_head(const struct journal *j);

/* Calls fn for each line, in order, until it returns false; what it gets is valid during the call. */
bool journal_each(struct journal *j, bool (*fn)(void *ctx, const struct journal_line *l, long offset),
		  void *ctx, struct err *e) MUST_USE;
/* The line at an offset that journal_each() told. */
bool journal_at(struct journal *j, long offset, struct journal_line *out, struct err *e) MUST_USE;

/* What is in it so far, and all that is added, goes to fd, too, which it takes; -1: to none.  What cannot be
 * written there is no trouble: the copy ends then, empty. */
void journal_copy(struct journal *j, int fd);

/* Lines of one letter, together.  What a kill cannot take away any more. */
bool journal_add(struct journal *j, const struct journal_line *v, size_t n, struct err *e) MUST_USE;
/* What a loss of power cannot take away any more. */
bool journal_sync(struct journal *j, struct err *e) MUST_USE;

#endif

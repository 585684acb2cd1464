/* SPDX-License-Identifier: Apache-2.0 */
/* batch/row.h - a row of the table judged: can a mail be made of it, and what is wrong if not. */
#ifndef BATCH_ROW_H
#define BATCH_ROW_H

#include "batch/attachment.h"
#include "batch/csv.h"
#include "batch/seen.h"
#include "batch/template.h"

/* A batch whose id begins so (no hexadecimal digit) sends what was sent before: the column's key counts
 * within it only. */
#define ROW_AGAIN 'r'

struct row_rules {
	const struct template *template;
	const struct strlist *columns;
	const char *folder;        /* of the table: attachments are named from there */
	size_t attach_column;      /* HOLE_NONE: no attachments */
	size_t key_column;         /* HOLE_NONE: keys are made of the batch's name and the row */
	const char *batch;         /* the batch's id */
	uint64_t size_max;         /* bytes of a mail; 0: no limit */
	struct strlist attach_all; /* files that go with every mail */
	enum attachment_use attachments;
};

/* Makes the mail of a row in l, bytes and all.  Adds what is wrong to problems (texts in l's
 * arena): then it cannot be sent. */
void row_make(const struct row_rules *r, const struct csv_row *row, long long date_s, struct letter *l,
	      struct strlist *problems);

#endif

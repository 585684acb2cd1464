/* SPDX-License-Identifier: Apache-2.0 */
/* batch/csv_inner.h - what was found out about a table's file; for batch/csv*.c only. */
#ifndef BATCH_CSV_INNER_H
#define BATCH_CSV_INNER_H

#include "batch/csv.h"

struct csv_kind {
	char separator;
	bool windows;  /* Windows-1252 */
	long start;    /* where the header begins: behind a mark and a line "sep=" */
	uint64_t size; /* bytes */
};

/* Looks the whole file through.  False with *e. */
bool csv_look(FILE *f, const char *name, struct csv_kind *out, struct err *e) MUST_USE;

#endif

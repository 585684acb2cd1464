/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a table: rows in UTF-8 that go on in the file, or an error with row and byte; twice the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "batch/csv.h"
#include "batch/seen.h"
#include "tests/fuzz/fuzz.h"

static struct seen_mark mark_of(const struct csv_row *r, struct seen_mark so_far)
{
	struct str texts[CSV_CELLS_MAX + 1];
	texts[0] = (struct str){ (const char *)&so_far, sizeof(so_far) };
	for (size_t i = 0; i < r->n; i++) {
		if (!text_is_utf8(r->v[i]))
			__builtin_trap();
		texts[i + 1] = r->v[i];
	}
	return seen_mark(texts, r->n + 1);
}

static struct seen_mark read_all(struct csv *c, size_t size, struct err *e)
{
	struct seen_mark m = { 0 };
	const struct csv_row *row;
	uint64_t number = 1, offset = 0;
	int got;
	while ((got = csv_next(c, &row, e)) > 0) {
		if (row->number <= number || row->offset < offset || row->offset >= size || !row->n)
			__builtin_trap();
		number = row->number;
		offset = row->offset;
		m = mark_of(row, m);
	}
	if (got < 0 && (e->kind != ERR_SYNTAX || !strstr(e->what, "byte") || !*e->detail))
		__builtin_trap();
	return m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv *c = NULL;
	struct err e = { 0 };
	void *copy = malloc(size + 1);
	memcpy(copy, data, size);
	FILE *f = size ? fmemopen(copy, size, "r") : fopen("/dev/null", "r");
	if (f && csv_open(f, "t", &c, &e)) {
		struct seen_mark one = read_all(c, size, &e);
		e = (struct err){ 0 };
		if (!csv_rewind(c, &e))
			__builtin_trap();
		struct seen_mark two = read_all(c, size, &e);
		if (one.high != two.high || one.low != two.low)
			__builtin_trap();
	} else if (!*e.detail) {
		__builtin_trap();
	}
	csv_free(&c);
	free(copy);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/evidence_saved.h"

#include <stdio.h>
#include <stdlib.h>

void saved_clear(struct saved *s)
{
	free(s->text);
}

void save(const struct evidence *ev, struct saved *out)
{
	struct err e = { 0 };
	FILE *f = open_memstream(&out->text, &out->len);
	assert_true(evidence_save(ev, f, &e));
	fclose(f);
}

struct evidence *load(struct str text, struct err *e)
{
	struct evidence *ev = NULL;
	FILE *f = text.len ? fmemopen((void *)(uintptr_t)text.p, text.len, "r") : fopen("/dev/null", "r");
	bool ok = evidence_load(f, "case.json", &ev, e);
	fclose(f);
	assert_int_equal(ok, ev != NULL);
	return ev;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What loads is saved to the same bytes ever after. */
#include <stdlib.h>
#include <string.h>

#include "check/evidence.h"
#include "tests/fuzz/fuzz.h"

struct saved {
	char *text;
	size_t len;
};

static void saved_clear(struct saved *s)
{
	free(s->text);
}

static bool load(const void *p, size_t n, struct evidence **out)
{
	struct err e = { 0 };
	CLEANUP(close_file) FILE *f = fmemopen((void *)(uintptr_t)p, n, "r");
	bool ok = f && evidence_load(f, "input", out, &e);
	if (f && !ok && e.kind == ERR_NONE)
		__builtin_trap(); /* no reason was given */
	return ok;
}

static void save(const struct evidence *ev, struct saved *out)
{
	struct err e = { 0 };
	FILE *f = open_memstream(&out->text, &out->len);
	if (!evidence_save(ev, f, &e))
		__builtin_trap();
	fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(evidence_free) struct evidence *one = NULL, *two = NULL;
	CLEANUP(saved_clear) struct saved first = { 0 }, second = { 0 };
	if (!size || !load(data, size, &one))
		return 0;
	save(one, &first);
	if (!load(first.text, first.len, &two))
		__builtin_trap();
	save(two, &second);
	if (first.len != second.len || memcmp(first.text, second.text, first.len) != 0)
		__builtin_trap();
	return 0;
}

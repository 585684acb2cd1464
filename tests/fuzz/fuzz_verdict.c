/* SPDX-License-Identifier: Apache-2.0 */
/* Any evidence that loads can be judged, twice the same, and shown in every form;
 * the JSON form is JSON, and nothing a terminal would obey is in the text. */
#include <string.h>

#include "check/render.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_shown.h"

static void show(const struct verdict *v, enum render_format f, bool brief, struct shown *out)
{
	struct render_options o = { .transcript = true, .brief = brief };
	struct err e = { 0 };
	FILE *m = shown_open(out);
	if (!render_verdict(v, f, &o, m, &e))
		__builtin_trap();
	fclose(m);
}

static void show_all(const struct verdict *v)
{
	for (enum render_format f = 0; f < RENDER_FORMATS; f++)
		for (int brief = 0; brief < 2; brief++) {
			CLEANUP(shown_clear) struct shown s = { 0 };
			show(v, f, brief, &s);
			if (f == RENDER_JSON)
				must_be_json(&s);
			else
				must_not_steer(&s);
		}
}

static void must_be_equal(const struct verdict *a, const struct verdict *b)
{
	CLEANUP(shown_clear) struct shown one = { 0 }, two = { 0 };
	show(a, RENDER_JSON, false, &one);
	show(b, RENDER_JSON, false, &two);
	if (one.len != two.len || memcmp(one.text, two.text, one.len) != 0)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(evidence_free) struct evidence *ev = evidence_of(data, size);
	if (!ev)
		return 0;
	CLEANUP(verdict_free) struct verdict *v = verdict_of(ev), *again = verdict_of(ev);
	show_all(v);
	must_be_equal(v, again);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any evidence that loads reads as a search, and makes a report, masked or not: what a server said
 * steers no terminal and becomes no markup. */
#include <string.h>

#include "check/render_discovery.h"
#include "report/report.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_shown.h"

static void show_search(const struct evidence *ev)
{
	CLEANUP(discovery_free) struct discovery *d = discovery_of(ev);
	CLEANUP(shown_clear) struct shown text = { 0 }, json = { 0 };
	struct render_options o = { .transcript = true };
	struct err e = { 0 };
	FILE *m = shown_open(&text), *j = shown_open(&json);
	if (!render_discovery_text(d, &o, m, &e) || !render_discovery_json(d, j, &e))
		__builtin_trap();
	fclose(m);
	fclose(j);
	must_not_steer(&text);
	must_be_json(&json);
}

static void show_report(const struct evidence *ev, bool mask)
{
	const struct report_options o = { .mask = mask, .now_s = 1700000000 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(report_free) struct report *r = report_evidence(ev, &o);
	struct report_disclosure d;
	struct err e = { 0 };
	for (enum render_format f = RENDER_HTML; f <= RENDER_MARKDOWN; f++) {
		CLEANUP(shown_clear) struct shown s = { 0 };
		FILE *m = shown_open(&s);
		if (!report_render(r, f, m, &e))
			__builtin_trap();
		fclose(m);
		must_not_steer(&s);
		if (f == RENDER_HTML && s.len && strstr(s.text, "<script"))
			__builtin_trap();
	}
	report_disclosed(r, a, &d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(evidence_free) struct evidence *ev = evidence_of(data, size);
	if (!ev)
		return 0;
	show_search(ev);
	show_report(ev, false);
	show_report(ev, true);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a monitor remembers, from a database that anybody may have written to: a course that reads back as it
 * was written, and answers of the DNS whose memory stays bounded. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "watch/course.h"
#include "watch/drift.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_course(struct str text, struct arena *a)
{
	struct course c, back;
	if (!course_read(&c, NULL, text)) {
		must(c.n == 0 && c.now == CONDITION_UNKNOWN);
		return;
	}
	must(c.n <= COURSE_LOOKS && c.now < CONDITIONS && c.told < CONDITIONS);
	const char *once = course_write(&c, "t", a);
	must(course_read(&back, "t", str_of(once)));
	must(z_eq(course_write(&back, "t", a), once));
	struct look l = { .at_ms = 1790000000000, .level = CONDITION_BAD, .step = 3 };
	must(course_take(&c, &l, 3600000) < NEWS_KINDS);
	must(course_next_ms(&c, l.at_ms, 900000, 60000, 0.5) >= l.at_ms);
}

static void check_drift(const char *recent, const char *now, struct arena *a)
{
	struct drift d = drift_of("192.0.2.1", recent, now, true, 1790000000000, a);
	size_t lines = 0;
	for (const char *p = d.recent; (p = strchr(p, '\n')); p++)
		lines++;
	must(lines <= DRIFT_ADDRESSES_MAX);
	d = drift_of(now, d.recent, now, true, 1790000000001, a);
	must(!d.changed || now[strspn(now, "0123456789abcdef.:\n")]); /* else these are no addresses */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *whole = arena_dup(a, data, size);
	size_t half = strnlen(whole, size) / 2;
	check_course((struct str){ whole, size }, a);
	check_drift(arena_dup(a, whole, half), whole + half, a);
	return 0;
}

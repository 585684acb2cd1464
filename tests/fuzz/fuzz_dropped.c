/* SPDX-License-Identifier: Apache-2.0 */
/* A file dropped into a pick-up folder; and the notes that are kept of such files and of mailboxes. */
#include <string.h>

#include "mail/dropped.h"
#include "relay/bounce/collect_memory.h"
#include "relay/pickup/pickup_result.h"
#include "tests/fuzz/fuzz.h"

static void check_dropped(struct arena *a, struct str in, bool eml)
{
	const struct dropped_options o = { .eml = eml, .home = "", .sender = "app@x.example" };
	struct dropped d;
	struct err e = { 0 };
	bool ok = dropped_read(a, in, &o, &d, &e);
	if (ok && (!d.rcpts.n || d.rcpts.n > DROPPED_RCPTS_MAX || d.attachments.n > DROPPED_ATTACHMENTS_MAX ||
		   !strchr(d.sender, '@')))
		__builtin_trap();
	if (!ok && e.kind != ERR_SYNTAX)
		__builtin_trap();
	if (ok && !d.is_text)
		must_be_smtp_lines(buf_str(&d.message));
	buf_clear(&d.message);
}

static void check_notes(struct arena *a, struct str in)
{
	struct pickup_note n;
	struct collect_memory m;
	if (pickup_note_read(in, a, &n) && (*n.folder != '/' || strchr(n.name, '/')))
		__builtin_trap();
	collect_memory_read(in, a, &m);
	for (size_t i = 1; i < m.names.n; i++)
		if (strcmp(m.names.v[i - 1], m.names.v[i]) >= 0)
			__builtin_trap();
	for (size_t i = 0; i < m.names.n; i++)
		if (!collect_memory_has(&m, m.names.v[i]))
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str in = { (const char *)data, size };
	check_dropped(a, in, true);
	check_dropped(a, in, false);
	check_notes(a, in);
	return 0;
}

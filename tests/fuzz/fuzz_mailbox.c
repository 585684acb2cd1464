/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "mail/mailbox.h"
#include "tests/fuzz/fuzz.h"

/* What was read and written again must read as the same addresses. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mailbox_list l, again;
	(void)!mailbox_parse(a, (struct str){ (const char *)data, size }, &l);
	for (size_t i = 0; i < l.n; i++) {
		if (!mailbox_parse(a, str_of(l.v[i].address), &again))
			continue; /* a domain may hold anything */
		if (again.n != 1 || strcmp(again.v[0].local, l.v[i].local) != 0)
			__builtin_trap();
	}
	return 0;
}

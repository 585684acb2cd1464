/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/lint.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct lint l;
	lint_message(a, (struct str){ (const char *)data, size }, &l);
	if (l.bytes != size || l.longest_line > size || l.nattachments > LINT_ATTACHMENTS_MAX)
		__builtin_trap();
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/attachment.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct attachment at;
	attachment_judge(a, "x.zip", (struct str){ (const char *)data, size }, &at);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dkim_key.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dkim_key k;
	dkim_key_parse(a, arena_dup(a, data, size), &k);
	if (k.usable && !k.der.len)
		__builtin_trap();
	return 0;
}

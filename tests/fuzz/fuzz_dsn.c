/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "mail/dsn.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dsn d;
	dsn_read(a, (struct str){ (const char *)data, size }, &d);
	if (d.n > DSN_RECIPIENTS_MAX || (unsigned)d.kind >= DSN_KINDS)
		__builtin_trap();
	for (size_t i = 0; i < d.n; i++)
		if (!text_is_utf8(str_of(d.v[i].address)) || strpbrk(d.v[i].reply, "\r\n"))
			__builtin_trap();
	if (dsn_quoted_read(a, (struct str){ (const char *)data, size }, &d) && d.kind != DSN_REPORT)
		__builtin_trap();
	return 0;
}

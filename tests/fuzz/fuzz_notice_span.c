/* SPDX-License-Identifier: Apache-2.0 */
/* Message-IDs that anybody may write: what is read as a report's name is that name, with any host. */

#include "relay/notice/notice_span.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct str id = { (const char *)data, size };
	struct notice_span got, again;
	if (!notice_span_read(id, &got))
		return 0;
	const char *name = arena_printf(a, "%s@", notice_span_name(&got, a));
	if (!notice_span_read(str_of(name), &again) || !store_id_same(got.about, again.about) ||
	    got.kind != again.kind || notice_place_compare(got.first, again.first) ||
	    notice_place_compare(got.last, again.last))
		__builtin_trap();
	return 0;
}

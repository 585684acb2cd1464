/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mta_sts.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mta_sts_policy p;
	mta_sts_policy_parse(a, "text/plain", (struct str){ (const char *)data, size }, &p);
	if (p.good && p.mode != MTA_STS_MODE_NONE && !p.mx.n)
		__builtin_trap();
	(void)mta_sts_allows(&p, "mx.example.com");
	return 0;
}

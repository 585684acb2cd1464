/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dmarc.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct fuzz_view v = { .arena = a, .rest = { (const char *)data, size } };
	struct dns_wants w = { .arena = a };
	struct dns_view view = fuzz_view_of(&v);
	struct dmarc_ask q = { .from_domain = "a.b.example.com",
			       .judge = true,
			       .spf_domain = "c.b.example.com",
			       .spf = DMARC_AUTH_PASSED,
			       .signers = { { "other.example.net", DMARC_AUTH_PASSED } },
			       .nsigners = 1 };
	struct dmarc_report r;
	FUZZ_RUN(&v, &w, dmarc_check(a, &q, &view, &w, &r));
	if (r.outcome == DMARC_PASS && !r.spf_aligned && !r.dkim_aligned)
		__builtin_trap();
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/spf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct fuzz_view v = { .arena = a, .rest = { (const char *)data, size } }, again = v;
	struct dns_wants w = { .arena = a };
	struct dns_view view = fuzz_view_of(&v), other = fuzz_view_of(&again);
	struct spf_ask q = { .helo = "h.example", .mail_from = "a.b-c+d@x.example" };
	struct spf_report r;
	if (!ipaddr_read(str_of(size % 2 ? "192.0.2.1" : "2001:db8::1"), &q.ip))
		return 0;
	FUZZ_RUN(&v, &w, spf_check(a, &q, &view, &w, &r));
	if (r.nproblems > SPF_PROBLEMS_MAX || (r.result == SPF_PERMERROR && !*r.problem))
		__builtin_trap();
	FUZZ_RUN(&again, &w, spf_lint(a, "x.example", &other, &w, &r));
	return 0;
}

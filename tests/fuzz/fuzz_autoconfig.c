/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/autoconfig.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct autoconfig x;
	autoconfig_read(a, (struct str){ (const char *)data, size }, "clerk@acme.example", &x);
	if ((x.n == 0) != (x.problem != NULL) || x.n > AUTOCONFIG_SERVERS_MAX)
		__builtin_trap();
	for (size_t i = 0; i < x.n; i++)
		if (!*x.v[i].host || !x.v[i].port || x.v[i].port > 65535 || !*x.v[i].security)
			__builtin_trap();
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The reply catalogue with any text, as explain gets it and as a session gives it. */
#include <stdlib.h>

#include "base/mem.h"
#include "catalog/reply_match.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct reply_context *c)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	size_t n = reply_meanings(c, m);
	if (n < 1 || n > REPLY_MEANINGS_MAX)
		abort();
	for (size_t i = 0; i < n; i++)
		if (!m[i].entry || m[i].confidence <= 0 || m[i].confidence >= 1 ||
		    (i && m[i].confidence > m[i - 1].confidence))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free) char *text = mem_dup(data, size);
	struct reply_context c = { .provider = "", .step = "", .enhanced = "", .text = text };
	check(&c);
	if (size < 2)
		return 0;
	c.step = step_name((enum step)(data[0] % STEP_COUNT));
	c.code = 200u + data[1] * 2u;
	c.enhanced = text;
	c.tls = data[0] & 0x80;
	check(&c);
	return 0;
}

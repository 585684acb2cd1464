/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "mail/tlsa.h"
#include "tests/fuzz/fuzz.h"

/* The first line is a record, the rest a certificate. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const uint8_t *end = memchr(data, '\n', size);
	size_t n = end ? (size_t)(end - data) : size;
	const char *record = arena_dup(a, data, n);
	struct tlsa_ask q = { .records = &record, .nrecords = 1, .names = { "mx.example.com" }, .nnames = 1 };
	struct tlsa_report r;
	if (n < size)
		q.chain[q.nchain++] = (struct str){ (const char *)data + n + 1, size - n - 1 };
	tlsa_match(a, &q, &r);
	return 0;
}

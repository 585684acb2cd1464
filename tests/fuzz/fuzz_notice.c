/* SPDX-License-Identifier: Apache-2.0 */
/* Sending services' notices of any bytes: every string is there, the same again is the same. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "explain/notice.h"

static size_t weigh(const struct dsn *d)
{
	size_t n = strlen(d->dialect) + strlen(d->reporter) + strlen(d->envelope_id) + strlen(d->arrival) +
		   strlen(d->said) + strlen(d->feedback) + strlen(d->original.message_id) +
		   strlen(d->original.subject) + strlen(d->original.from) + strlen(d->original.to);
	for (size_t i = 0; i < d->n; i++)
		n += strlen(d->v[i].address) + strlen(d->v[i].reply) + strlen(d->v[i].status) +
		     strlen(d->v[i].remote) + strlen(d->v[i].remote_ip) + strlen(d->v[i].reply_type);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct str text = { (const char *)data, size };
	struct dsn one, two;
	bool is = notice_read(a, text, &one), again = notice_read(a, text, &two);
	if (is != again || one.n != two.n || one.n > DSN_RECIPIENTS_MAX || weigh(&one) != weigh(&two))
		__builtin_trap();
	if (is && (one.kind == DSN_NONE || !notice_may_be(text)))
		__builtin_trap();
	return 0;
}

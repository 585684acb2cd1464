/* SPDX-License-Identifier: Apache-2.0 */
/* What an IMAP or POP3 server answers to the looks at a mailbox. */
#include <string.h>

#include "net/maildrop.h"
#include "tests/fuzz/fuzz.h"

enum { MAILS = 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str in = { (const char *)data, size };
	struct maildrop_mail v[MAILS];
	unsigned long uids[MAILS];
	size_t n = maildrop_read_search(in, uids, MAILS);
	for (size_t i = 0; i < n; i++)
		if (!uids[i])
			__builtin_trap();
	n = maildrop_read_pop3(in, false, a, v, 0, MAILS);
	maildrop_read_sizes(in, v, n);
	if (n > MAILS || maildrop_read_pop3(in, true, a, v, n, n) != n)
		__builtin_trap();
	for (size_t i = 0; i < n; i++)
		if (!*v[i].uid || !v[i].number)
			__builtin_trap();
	const char *junk = maildrop_read_junk(in, a);
	if (junk && (!*junk || strlen(junk) > size))
		__builtin_trap();
	return 0;
}

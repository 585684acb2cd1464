/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "mail/mailbox_plain.h"
#include "tests/fuzz/fuzz.h"

/* The short way of plain addresses: a comma behind makes them take the long one. */
static void check_plain(struct str value, struct arena *a)
{
	struct mailbox_list l, longer;
	if (!mailbox_plain(a, value, &l))
		return;
	const char *with_comma = arena_printf(a, STR_FMT ",", STR_ARG(value));
	bool sound = mailbox_parse(a, str_of(with_comma), &longer);
	if (!sound || longer.n != 1 || strcmp(l.v->name, longer.v->name) != 0 ||
	    strcmp(l.v->local, longer.v->local) != 0 || strcmp(l.v->domain, longer.v->domain) != 0 ||
	    strcmp(l.v->address, longer.v->address) != 0 || l.v->angled != longer.v->angled)
		__builtin_trap();
}

/* What was read and written again must read as the same addresses. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mailbox_list l, again;
	check_plain((struct str){ (const char *)data, size }, a);
	(void)!mailbox_parse(a, (struct str){ (const char *)data, size }, &l);
	for (size_t i = 0; i < l.n; i++) {
		if (!mailbox_parse(a, str_of(l.v[i].address), &again))
			continue; /* a domain may hold anything */
		if (again.n != 1 || strcmp(again.v[0].local, l.v[i].local) != 0)
			__builtin_trap();
	}
	return 0;
}

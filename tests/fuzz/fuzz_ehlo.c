/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a server answers to EHLO. */
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "smtp/ehlo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void all_printable(const struct strlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!text_is_utf8(str_of(l->v[i])))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(smtp_reply_parser_free) struct smtp_reply_parser *p = smtp_reply_parser_new();
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct smtp_reply *r = NULL;
	size_t used;
	if (smtp_reply_parser_feed(p, data, size, &used, &r, NULL) != 1)
		return 0;
	const struct smtp_ehlo *h = smtp_ehlo_read(r, a);
	all_printable(&h->keywords);
	all_printable(&h->auth);
	all_printable(&h->masked);
	if (h->keywords.n != r->nlines - 1 || h->size < -1)
		abort();
	return 0;
}

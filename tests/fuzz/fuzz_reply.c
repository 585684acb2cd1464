/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile server's replies, whole and cut in two: both ways must agree. */
#include <stdint.h>
#include <stdlib.h>

#include "smtp/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Feeds all; a number that depends on every reply. */
static unsigned long read_all(const uint8_t *data, size_t size, size_t cut)
{
	CLEANUP(smtp_reply_parser_free) struct smtp_reply_parser *p = smtp_reply_parser_new();
	unsigned long sum = 0;
	for (size_t at = 0, used = 0; at < size; at += used) {
		const struct smtp_reply *r = NULL;
		struct err e = { 0 };
		size_t end = at < cut ? cut : size;
		int got = smtp_reply_parser_feed(p, data + at, end - at, &used, &r, &e);
		if (got < 0)
			return sum * 31 + 1;
		if (got == 0)
			continue;
		if (!r->nlines || r->nlines > SMTP_REPLY_LINES_MAX || r->code < 100 || r->code > 999)
			abort();
		sum = sum * 31 + r->code + r->odd + r->enh[2];
		for (size_t i = 0; i < r->nlines; i++)
			for (size_t k = 0; k < r->lines[i].len; k++)
				sum = sum * 31 + (unsigned char)r->lines[i].p[k];
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut = size ? data[0] % size : 0;
	if (read_all(data, size, size) != read_all(data, size, cut))
		abort();
	return 0;
}

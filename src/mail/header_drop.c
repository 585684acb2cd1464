/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/header_drop.h"

static const struct str dropped[] = { STR_LIT("Bcc"), STR_LIT("Resent-Bcc"), STR_LIT("Return-Path"),
				      STR_LIT("Content-Length") };

bool header_is_dropped(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(dropped); i++)
		if (str_iequal(name, dropped[i]))
			return true;
	return false;
}

bool header_drop(const struct header *h, struct str head, struct buf *out)
{
	const char *at = head.p;
	for (size_t i = 0; i < h->n; i++) {
		struct str raw = h->v[i].raw;
		if (!header_is_dropped(h->v[i].name))
			continue;
		buf_add(out, at, (size_t)(raw.p - at));
		at = raw.p + raw.len;
	}
	if (at == head.p)
		return false;
	buf_add(out, at, (size_t)(head.p + head.len - at));
	return true;
}

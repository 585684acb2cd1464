/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_span.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* id "." kind "." time "-" recipient [ "." milliseconds later "-" recipient ] ".report"; numbers in hex */
enum { SPAN_TEXT_MAX = 80 /* behind the id */ };

int notice_place_compare(struct notice_place a, struct notice_place b)
{
	if (a.at_ms != b.at_ms)
		return a.at_ms < b.at_ms ? -1 : 1;
	return a.rcpt < b.rcpt ? -1 : a.rcpt > b.rcpt;
}

bool notice_span_has(const struct notice_span *s, enum notice_kind kind, struct notice_place p)
{
	return s->kind == kind && notice_place_compare(s->first, p) <= 0 &&
	       notice_place_compare(p, s->last) <= 0;
}

const char *notice_span_name(const struct notice_span *s, struct arena *a)
{
	char id[STORE_ID_TEXT];
	const char *first = arena_printf(a, "%s.%x.%" PRIx64 "-%" PRIx32, store_id_text(s->about, id),
					 (unsigned)s->kind, (uint64_t)s->first.at_ms, s->first.rcpt);
	if (!notice_place_compare(s->first, s->last))
		return arena_printf(a, "%s.report", first);
	return arena_printf(a, "%s.%" PRIx64 "-%" PRIx32 ".report", first,
			    (uint64_t)(s->last.at_ms - s->first.at_ms), s->last.rcpt);
}

/* What stands behind the id; no number is longer than it can be. */
static bool read_places(const char *text, struct notice_span *out)
{
	uint64_t from, more = 0;
	uint32_t first, last;
	unsigned kind;
	int end = 0;
	/* What sscanf takes besides digits: blanks, "+", "0x", and a "-" before a number. */
	if (text[strspn(text, "0123456789abcdef.-")] != 'r' || strstr(text, ".-") || strstr(text, "--"))
		return false;
	if (sscanf(text, ".%1x.%12" SCNx64 "-%8" SCNx32 ".report@%n", &kind, &from, &first, &end) == 3 && end)
		last = first;
	else if (sscanf(text, ".%1x.%12" SCNx64 "-%8" SCNx32 ".%12" SCNx64 "-%8" SCNx32 ".report@%n", &kind,
			&from, &first, &more, &last, &end) != 5 ||
		 !end)
		return false;
	out->kind = (enum notice_kind)kind;
	out->first = (struct notice_place){ (int64_t)from, first };
	out->last = (struct notice_place){ (int64_t)(from + more), last };
	return kind > NOTICE_NONE && kind < NOTICE_KINDS;
}

bool notice_span_read(struct str message_id, struct notice_span *out)
{
	bool angle = message_id.len && *message_id.p == '<';
	struct str s = str_cut(message_id, angle, message_id.len);
	char text[SPAN_TEXT_MAX + 1];
	*out = (struct notice_span){ 0 };
	if (!store_id_read(str_cut(s, 0, STORE_ID_TEXT - 1), &out->about))
		return false;
	s = str_cut(s, STORE_ID_TEXT - 1, STORE_ID_TEXT - 1 + SPAN_TEXT_MAX);
	snprintf(text, sizeof(text), STR_FMT, STR_ARG(s));
	return read_places(text, out);
}

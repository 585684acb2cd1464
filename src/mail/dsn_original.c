/* SPDX-License-Identifier: Apache-2.0 */
/* The message that a report is about: from its copy, its header, or what the report says of it. */
#include <string.h>

#include "mail/dsn_job.h"

enum { HEADER_LINES_SEEN = 12, HEADER_NAMES_LEAST = 3 };

/* Fields that begin a returned header; `sure` ones stand in no sentence for people. */
static const struct {
	const char *name;
	bool sure;
} known[] = {
	{ "received", true },
	{ "return-path", true },
	{ "message-id", false },
	{ "mime-version", true },
	{ "dkim-signature", true },
	{ "delivered-to", true },
	{ "x-mailer", true },
	{ "content-type", true },
	{ "from", false },
	{ "to", false },
	{ "subject", false },
	{ "date", false },
	{ "reply-to", false },
	{ "cc", false },
	{ "sender", false },
	{ "content-transfer-encoding", true },
	{ "x-received", true },
	{ "user-agent", true },
	{ "x-priority", true },
	{ "references", false },
	{ "in-reply-to", false },
	{ "arc-seal", true },
	{ "x-originating-ip", true },
	{ "importance", false },
};

/* 2: a field that is sure, 1: a known field, 0: neither. */
static unsigned field_rank(struct str low)
{
	const char *colon = memchr(low.p, ':', low.len);
	struct str name = str_cut(low, 0, colon ? (size_t)(colon - low.p) : 0);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (name.len && *name.p == *known[i].name && str_eq(name, known[i].name))
			return known[i].sure ? 2 : 1;
	return 0;
}

bool dsn_original_begins(const struct dsn_lines *l, size_t i, bool introduced)
{
	unsigned names = 0;
	bool sure = false;
	if (i >= l->n || !field_rank(l->v[i].low))
		return false;
	for (size_t k = i; k < l->n && k < i + HEADER_LINES_SEEN && !l->v[k].blank; k++) {
		unsigned rank = field_rank(l->v[k].low);
		names += rank > 0;
		sure = sure || rank == 2;
	}
	return introduced ? names > 1 : sure && names >= HEADER_NAMES_LEAST;
}

static void keep(struct arena *a, const char **at, const struct header *h, const char *name)
{
	const struct header_field *f = header_find(h, name, 0);
	if (!**at && f)
		*at = dsn_words(a, f->value);
}

static void keep_received(struct dsn_job *j, const struct header *h)
{
	struct strlist *l = &j->out->original.received;
	for (size_t i = 0; i < h->n && l->n < DSN_RECEIVED_MAX; i++) {
		const struct header_field *f = &h->v[i];
		if (str_ieq(f->name, "Received"))
			strlist_put(l, j->a, dsn_text(j->a, f->value, DSN_FIELD_MAX));
	}
}

static void keep_header(struct dsn_job *j, const struct header *h)
{
	struct dsn_original *o = &j->out->original;
	keep(j->a, &o->message_id, h, "Message-ID");
	keep(j->a, &o->subject, h, "Subject");
	keep(j->a, &o->from, h, "From");
	keep(j->a, &o->to, h, "To");
	keep(j->a, &o->date, h, "Date");
	keep(j->a, &o->return_path, h, "Return-Path");
	if (!o->received.n)
		keep_received(j, h);
}

/* Blanks and '>' at the beginning of line, at most `most`. */
static size_t lead_of(struct str line, size_t most)
{
	size_t n = 0;
	while (n < line.len && n < most && line.p[n] && strchr(" \t>", line.p[n]))
		n++;
	return n;
}

/* A copy that was indented or quoted as a whole, without that. */
static struct str dedented(struct arena *a, struct str s)
{
	size_t lead = lead_of(s, s.len), n = 0;
	char *out = arena_raw(a, s.len + 1);
	for (size_t i = 0; i < s.len;) {
		const char *lf = memchr(s.p + i, '\n', s.len - i);
		size_t next = lf ? (size_t)(lf - s.p) + 1 : s.len;
		size_t from = i + lead_of(str_cut(s, i, next), lead);
		memcpy(out + n, s.p + from, next - from);
		n += next - from;
		i = next;
	}
	return (struct str){ out, n };
}

static void keep_text(struct dsn_job *j, struct str s)
{
	struct header h;
	while (s.len && strchr("\r\n", *s.p))
		s = str_cut(s, 1, s.len);
	header_read(j->a, s.len && strchr(" \t>", *s.p) ? dedented(j->a, s) : s, &h);
	keep_header(j, &h);
}

/* The header of a message inside; an empty line too many before it made it the body (X3). */
static void keep_inner(struct dsn_job *j, const struct mime_part *p)
{
	if (p->header.n)
		keep_header(j, &p->header);
	else
		keep_text(j, str_cut(p->body, 0, DSN_TEXT_MAX));
}

void dsn_original_read(struct dsn_job *j)
{
	for (size_t i = 1; i < j->mime.n; i++) {
		const struct mime_part *p = &j->mime.v[i];
		bool header =
			z_iends(p->type, "rfc822-headers") || !strcmp(p->type, "message/rfc822-headers") ||
			!strcmp(p->type, "message/global-headers") || !strcmp(p->type, "message/global");
		if (dsn_part_is_inside(j, i) || !p->leaf) {
			const struct mime_part *up = &j->mime.v[i - 1];
			if (!up->leaf && z_istarts(up->type, "message/") && p->depth == up->depth + 1)
				keep_inner(j, p);
		} else if (header || !strcmp(p->type, "message/rfc822")) {
			keep_text(j, dsn_part_text(j, p));
		}
	}
}

void dsn_original_read_rest(struct dsn_job *j)
{
	if (j->rest.len)
		keep_text(j, j->rest);
}

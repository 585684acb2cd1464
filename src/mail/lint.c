/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/lint.h"

#include <string.h>

#include "base/text.h"
#include "mail/mailbox.h"
#include "mail/mime.h"

/* Line lengths and line ends; a bare LF ends a line too, as most servers read it. */
static void lint_lines(struct str m, struct lint *out)
{
	size_t from = 0;
	for (size_t i = 0; i <= m.len; i++) {
		bool end = i == m.len, lf = !end && m.p[i] == '\n', crlf = lf && i > 0 && m.p[i - 1] == '\r';
		if (!end && m.p[i] == '\r' && (i + 1 == m.len || m.p[i + 1] != '\n'))
			out->bare_cr++;
		out->bare_lf += lf && !crlf;
		if (!end && !lf)
			continue;
		size_t length = i - from - (crlf && i > from);
		if (length > out->longest_line)
			out->longest_line = length;
		from = i + 1;
	}
}

static size_t count_8bit(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += (unsigned char)s.p[i] > 127;
	return n;
}

static void lint_from(struct arena *a, const struct header *h, struct lint *out)
{
	const struct header_field *f;
	struct mailbox_list l;
	out->header_from = out->from_fault = "";
	for (size_t i = 0; (f = header_find(h, "From", i)); i++) {
		if (!mailbox_parse(a, header_unfold(a, f->value), &l) && !*out->from_fault)
			out->from_fault = l.bad;
		if (l.n && !*out->header_from)
			out->header_from = text_printable(a, str_of(l.v[0].address));
		out->from_addresses += (unsigned)l.n;
	}
}

static void lint_header(struct arena *a, const struct header *h, struct lint *out)
{
	out->from_headers = header_count(h, "From");
	out->date_headers = header_count(h, "Date");
	out->message_id_headers = header_count(h, "Message-ID");
	out->subject_headers = header_count(h, "Subject");
	out->to_headers = header_count(h, "To");
	for (size_t i = 0; i < h->n; i++)
		out->raw_header = out->raw_header || !text_is_ascii(h->v[i].raw);
	lint_from(a, h, out);
}

/* A leaf with a name, one called attachment, and whatever is neither text nor the body. */
static bool is_attachment(const struct mime_part *p)
{
	if (!p->leaf || z_istarts(p->type, "multipart/"))
		return false;
	return *p->name || !strcmp(p->disposition, "attachment") ||
	       !(z_istarts(p->type, "text/") || z_istarts(p->type, "message/"));
}

static void lint_part(struct arena *a, const struct mime_part *p, struct lint *out)
{
	struct str bytes;
	(void)!mime_decode(a, p, &bytes); /* a broken coding is among the problems already */
	out->eicar = out->eicar || attachment_has_eicar(bytes);
	if (!is_attachment(p) || out->nattachments == LINT_ATTACHMENTS_MAX)
		return;
	struct attachment *at = &out->attachments[out->nattachments++];
	attachment_judge(a, p->name, bytes, at);
	at->encoded_bytes = p->body.len;
	at->odd_name = at->odd_name || p->coded_name;
}

void lint_message(struct arena *a, struct str message, struct lint *out)
{
	struct mime m;
	*out = (struct lint){ .bytes = message.len };
	message = str_cut(message, 0, LINT_BYTES_MAX);
	out->attachments = arena_alloc(a, LINT_ATTACHMENTS_MAX * sizeof(*out->attachments));
	lint_lines(message, out);
	mime_read(a, message, &m);
	out->mime_problems = m.problems;
	lint_header(a, &m.v[0].header, out);
	out->eight_bit = count_8bit(m.v[0].header.body);
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i].leaf)
			lint_part(a, &m.v[i], out);
}

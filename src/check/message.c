/* SPDX-License-Identifier: Apache-2.0 */
#include "check/message.h"

#include <stdio.h>
#include <string.h>

#include "mail/compose.h"
#include "mail/lint.h"

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

static const char test_text[] = "This is a test message of Postrider.\n\n"
				"It was sent to prove that a mail set-up works. Nobody needs to answer it.\n";

static bool read_file(struct probe *p, const char *path, struct buf *out)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	char chunk[65536];
	out->max = FILE_BYTES_MAX;
	while (f) {
		size_t n = fread(chunk, 1, sizeof(chunk), f);
		if (!buf_add(out, chunk, n))
			break;
		if (n < sizeof(chunk))
			return !ferror(f);
	}
	probe_skip(p, "attachment", arena_printf(p->ev->arena, "%s cannot be read, or is over 64 MB", path));
	return false;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The name that changes nothing but what a filter on names sees. */
static const char *shown_name(enum message_variant v, const char *path)
{
	return v == MESSAGE_RENAMED ? "attachment.txt" : v == MESSAGE_TINY ? "tiny.txt" : base_name(path);
}

static void record_attachment(struct probe *p, const struct attachment *x)
{
	struct fact *f = probe_fact(p, FACT_ATTACHMENT, 0);
	f->attachment.name = probe_text(p, x->name);
	f->attachment.bytes = (long)x->bytes;
	f->attachment.encoded_bytes = (long)x->encoded_bytes;
	f->attachment.type = probe_text(p, x->type);
	f->attachment.extension = probe_text(p, x->extension);
	f->attachment.risky = x->risky;
	for (size_t i = 0; i < x->inside.n; i++)
		strlist_add(&f->attachment.inside, p->ev->arena, probe_text(p, x->inside.v[i]));
	f->attachment.encrypted = x->encrypted;
	f->attachment.eicar = x->eicar;
	f->attachment.odd_name = x->odd_name;
	probe_tell(p, f);
}

static void record_message(struct probe *p, struct str message, const char *source)
{
	struct lint l;
	lint_message(p->ev->arena, message, &l);
	struct fact *f = probe_fact(p, FACT_MESSAGE, 0);
	f->message.bytes = (long)l.bytes;
	f->message.longest_line = (long)l.longest_line;
	f->message.bare_lf = (long)l.bare_lf;
	f->message.bare_cr = (long)l.bare_cr;
	f->message.eight_bit = (long)l.eight_bit;
	f->message.from_headers = (long)l.from_headers;
	f->message.date_headers = (long)l.date_headers;
	f->message.message_id_headers = (long)l.message_id_headers;
	f->message.subject_headers = (long)l.subject_headers;
	f->message.to_headers = (long)l.to_headers;
	f->message.raw_header = l.raw_header;
	for (size_t i = 0; i < l.mime_problems.n; i++)
		strlist_add(&f->message.mime_problems, p->ev->arena, probe_text(p, l.mime_problems.v[i]));
	f->message.source = source;
	f->message.header_from = probe_text(p, l.header_from);
	probe_tell(p, f);
	for (size_t i = 0; i < l.nattachments; i++)
		record_attachment(p, &l.attachments[i]);
}

static const char *message_id(struct probe *p)
{
	const char *from = p->target->target.from, *at = strrchr(from, '@');
	return arena_printf(p->ev->arena, "postrider.%lld.%u%s", probe_now_s(p), p->sessions,
			    at ? at : "@localhost.localdomain");
}

static size_t attach(struct probe *p, enum message_variant v, struct buf *files,
		     struct compose_attachment *list)
{
	static const struct str tiny = { "tiny\n", 5 };
	size_t n = v == MESSAGE_NO_ATTACHMENT ? 0 : p->req->attach.n;
	for (size_t i = 0; i < n; i++) {
		const char *path = p->req->attach.v[i];
		if (v != MESSAGE_TINY && !read_file(p, path, &files[i]))
			return i;
		struct attachment x;
		attachment_judge(p->ev->arena, base_name(path), buf_str(&files[i]), &x);
		list[i] = (struct compose_attachment){ shown_name(v, path),
						       v == MESSAGE_REAL ? x.type : "text/plain",
						       v == MESSAGE_TINY ? tiny : buf_str(&files[i]) };
	}
	return n;
}

static bool build(struct probe *p, enum message_variant v, struct buf *out)
{
	const struct fact_target *t = &p->target->target;
	struct buf files[REQUEST_ATTACHMENTS_MAX] = { 0 };
	struct compose_attachment list[REQUEST_ATTACHMENTS_MAX];
	size_t n = attach(p, v, files, list);
	struct compose c = { .from = t->from,
			     .subject = "Postrider test message",
			     .text = test_text,
			     .to = t->to,
			     .date_s = probe_now_s(p),
			     .message_id = message_id(p),
			     .attachments = list,
			     .nattachments = n };
	struct err e = { 0 };
	bool ok = compose_message(&c, out, &e);
	char words[400];
	if (!ok)
		probe_skip(p, "content", err_text(&e, words, sizeof(words)));
	for (size_t i = 0; i < REQUEST_ATTACHMENTS_MAX; i++)
		buf_clear(&files[i]);
	return ok;
}

/* A file with Unix line ends throughout is an ordinary file: read with CRLF.  Bare
 * ones among CRLF are the message's own fault, and stay for the linter. */
static void crlf(struct buf *b, bool every)
{
	struct str s = buf_str(b);
	struct buf fixed = { .max = b->max };
	for (size_t i = 0; i < s.len; i++) {
		bool bare_lf = s.p[i] == '\n' && (!i || s.p[i - 1] != '\r');
		bool bare_cr = s.p[i] == '\r' && (i + 1 == s.len || s.p[i + 1] != '\n');
		if (bare_lf || (every && bare_cr))
			buf_add(&fixed, "\r\n", 2);
		else
			buf_add(&fixed, s.p + i, 1);
	}
	buf_clear(b);
	*b = fixed;
}

static bool is_unix_text(struct str s)
{
	return memchr(s.p, '\n', s.len) && !memmem(s.p, s.len, "\r\n", 2);
}

bool probe_message(struct probe *p, enum message_variant v, struct buf *out)
{
	bool own = p->req->message_file && *p->req->message_file;
	if (own ? !read_file(p, p->req->message_file, out) : !build(p, v, out))
		return false;
	if (own && is_unix_text(buf_str(out)))
		crlf(out, false);
	if (v == MESSAGE_REAL)
		record_message(p, buf_str(out), own ? "file" : "built");
	if (own)
		crlf(out, true); /* what is sent is repaired; what was found stays in the fact */
	return true;
}

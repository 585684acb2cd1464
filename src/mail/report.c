/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/report.h"

#include <string.h>

#include "base/text.h"
#include "base/text_time.h"
#include "mail/address_xtext.h"
#include "mail/header.h"
#include "mail/header_write.h"
#include "mail/quoted.h"

enum { LINE_BYTES_MAX = 998 };

struct writing {
	const struct report *r;
	struct buf *out;
	struct arena *a;
	const char *boundary;
	struct str header;     /* of the original, with its last line end */
	enum report_part part; /* what goes back after all */
	bool global;           /* the forms of RFC 6533 */
	enum header_form form; /* of addresses and replies */
	struct report_needs *needs;
};

static void put(struct writing *w, const char *name, const char *value)
{
	if (value && *value)
		header_write(w->out, name, str_of(value), w->form);
}

static void put_time(struct writing *w, const char *name, long long unix_s)
{
	char text[TEXT_MAIL_DATE_BYTES];
	if (unix_s)
		put(w, name, text_mail_date(unix_s, text));
}

/* "rfc822; you@example.com" */
static const char *typed(struct writing *w, const char *type, const char *address)
{
	struct str s = str_of(address);
	if (!s.len || text_is_ascii(s) || !text_is_utf8(s))
		return s.len ? arena_printf(w->a, "%s; %s", *type ? type : "rfc822", address) : "";
	return arena_printf(w->a, "utf-8; %s", w->global ? address : address_xtext(w->a, s));
}

static const char *remote(struct writing *w, const struct report_recipient *v)
{
	if (*v->remote && *v->remote_ip)
		return arena_printf(w->a, "dns; %s (%s)", v->remote, v->remote_ip);
	return *v->remote ? arena_printf(w->a, "dns; %s", v->remote) : "";
}

static void recipient(struct writing *w, const struct report_recipient *v)
{
	buf_adds(w->out, "\r\n");
	put(w, "Original-Recipient", typed(w, v->original_type, v->original));
	put(w, "Final-Recipient", typed(w, "rfc822", v->final));
	put(w, "Action", dsn_action_name(v->action));
	put(w, "Status", v->status);
	put(w, "Remote-MTA", remote(w, v));
	if (*v->reply)
		put(w, "Diagnostic-Code", arena_printf(w->a, "%s; %s", v->reply_type, v->reply));
	put_time(w, "Last-Attempt-Date", v->last_attempt_s);
	if (v->action == DSN_DELAYED)
		put_time(w, "Will-Retry-Until", v->retry_until_s);
}

static void begin_part(struct writing *w, const char *type, const char *coding)
{
	buf_addf(w->out, "\r\n--%s\r\n", w->boundary);
	header_write(w->out, "Content-Type", str_of(type), HEADER_ASCII);
	if (*coding)
		header_write(w->out, "Content-Transfer-Encoding", str_of(coding), HEADER_ASCII);
	buf_adds(w->out, "\r\n");
}

static void write_words(struct writing *w)
{
	begin_part(w, "text/plain; charset=utf-8", "quoted-printable");
	quoted_write(w->out, str_of(w->r->words));
}

static void write_status(struct writing *w)
{
	begin_part(w, w->global ? "message/global-delivery-status" : "message/delivery-status",
		   w->global ? "8bit" : "");
	put(w, "Reporting-MTA", arena_printf(w->a, "dns; %s", w->r->host));
	put(w, "Original-Envelope-Id", w->r->envelope_id);
	put_time(w, "Arrival-Date", w->r->arrival_s);
	for (size_t i = 0; i < w->r->n; i++)
		recipient(w, &w->r->v[i]);
}

/* Lines that every transport carries, ASCII or not. */
static bool has_sound_lines(struct str s)
{
	size_t from = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (!s.p[i] || (s.p[i] == '\n' && (!i || s.p[i - 1] != '\r')) ||
		    (s.p[i] == '\r' && (i + 1 == s.len || s.p[i + 1] != '\n')) || i - from > LINE_BYTES_MAX)
			return false;
		if (s.p[i] == '\n')
			from = i + 1;
	}
	return true;
}

static void write_header(struct writing *w)
{
	bool plain = has_sound_lines(w->header) && (w->global || text_is_ascii(w->header));
	begin_part(w, w->global ? "message/global-headers" : "text/rfc822-headers",
		   !plain      ? "quoted-printable"
		   : w->global ? "8bit"
			       : "");
	if (plain)
		buf_add(w->out, w->header.p, w->header.len);
	else
		quoted_write(w->out, w->header);
}

static void write_message(struct writing *w)
{
	bool ascii = text_is_ascii(w->r->original);
	bool global = w->r->utf8 && !text_is_ascii(w->header);
	w->needs->eightbit |= !ascii;
	begin_part(w, global ? "message/global" : "message/rfc822", ascii ? "" : "8bit");
	buf_add(w->out, w->r->original.p, w->r->original.len);
}

static void write_head(struct writing *w)
{
	const struct report *r = w->r;
	put(w, "From", arena_printf(w->a, "Mail relay <MAILER-DAEMON@%s>", r->host));
	put(w, "To", arena_printf(w->a, "<%s>", r->to));
	header_write(w->out, "Subject", str_of(r->subject), w->global ? HEADER_UTF8 : HEADER_WORDS);
	put_time(w, "Date", r->date_s);
	put(w, "Message-ID", arena_printf(w->a, "<%s>", r->message_id));
	if (w->global || text_is_ascii(str_of(r->answers))) {
		put(w, "In-Reply-To", r->answers);
		put(w, "References", r->answers);
	}
	put(w, "Auto-Submitted", "auto-replied"); /* RFC 3834, 5 */
	put(w, "MIME-Version", "1.0");
	put(w, "Content-Type",
	    arena_printf(w->a, "multipart/report; report-type=%s; boundary=\"%s\"",
			 w->global ? "global-delivery-status" : "delivery-status", w->boundary));
	buf_adds(w->out, "\r\nThis is a report about a mail of yours, in three parts (MIME).\r\n");
}

/* Must not occur in what is quoted. */
static const char *boundary(struct writing *w)
{
	const struct report *r = w->r;
	const char *b;
	unsigned n = 0;
	do {
		b = arena_printf(w->a, "=_report.%llx.%u", (unsigned long long)r->date_s, n++);
	} while (memmem(r->original.p, r->original.len, b, strlen(b)) || strstr(r->words, b));
	return b;
}

/* Whose address is ASCII gets a report that every server carries: the servers on the way back need
 * not know SMTPUTF8, and may be those that refused the mail for it. */
static bool needs_global(const struct writing *w)
{
	return w->r->utf8 && !text_is_ascii(str_of(w->r->to));
}

static struct str header_of(struct arena *a, struct str message)
{
	struct header h;
	header_read(a, message, &h);
	size_t n = h.has_body ? (size_t)(h.body.p - message.p) : message.len;
	size_t empty = n > 1 && message.p[n - 2] == '\r' ? 2 : 1;
	return str_cut(message, 0, h.has_body ? n - empty : n);
}

bool report_write(const struct report *r, struct buf *out, struct report_needs *needs, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf all = { 0 };
	struct writing w = { .r = r, .out = &all, .a = a, .needs = needs };
	*needs = (struct report_needs){ 0 };
	w.header = header_of(a, r->original);
	w.part = r->part == REPORT_MESSAGE && has_sound_lines(r->original) ? REPORT_MESSAGE : REPORT_HEADER;
	w.global = needs_global(&w);
	w.form = w.global ? HEADER_UTF8 : HEADER_ASCII;
	w.boundary = boundary(&w);
	needs->smtputf8 = needs->eightbit = w.global;
	write_head(&w);
	write_words(&w);
	write_status(&w);
	if (w.part == REPORT_MESSAGE)
		write_message(&w);
	else
		write_header(&w);
	buf_addf(&all, "\r\n--%s--\r\n", w.boundary);
	if (buf_add(out, all.data, all.len))
		return true;
	return ERR_FILL(e, ERR_LIMIT, 0, "write", "a delivery report of more than %zu bytes", out->max);
}

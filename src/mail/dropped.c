/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dropped.h"

#include <string.h>

#include "base/strset.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/handin.h"
#include "mail/header.h"
#include "mail/mailbox.h"
#include "mail/mime.h"

struct reading {
	struct arena *a;
	const struct dropped_options *o;
	struct dropped *out;
	struct err *e;
	struct header h;
	struct strset known; /* of out->rcpts */
};

static bool wrong(const struct reading *r, const char *what, const char *mend)
{
	ERR_FILL(r->e, ERR_SYNTAX, 0, "read", "%s", what);
	return err_detail(r->e, "%s", mend);
}

static bool is_attachment(struct str name)
{
	static const char *const names[] = { "Attachment", "Attachments", "Attach", "X-Attachment" };
	return str_is_among(name, names, ARRAY_LEN(names));
}

/* MIME speaks for itself; else what the older programs alone write, or what is not called a message. */
static bool is_text_form(const struct reading *r)
{
	if (header_find(&r->h, "MIME-Version", 0) || header_find(&r->h, "Received", 0))
		return false;
	for (size_t i = 0; i < r->h.n; i++)
		if (is_attachment(r->h.v[i].name))
			return true;
	return !r->o->eml;
}

/* ---- addresses ---- */

/* Semicolons part addresses too; in quotes and brackets they are left alone. */
static struct str with_commas(struct arena *a, struct str s)
{
	char *out = arena_dup(a, s.p, s.len);
	bool quoted = false, group = memchr(s.p, ':', s.len);
	for (size_t i = 0; i < s.len && !group; i++) {
		quoted = out[i] == '"' ? !quoted : quoted;
		if (out[i] == ';' && !quoted)
			out[i] = ',';
	}
	return (struct str){ out, s.len };
}

/* For SMTP, where its domain alone is not ASCII. */
static const char *plain_of(const struct reading *r, const char *address)
{
	const char *why, *plain = r->o->plain ? r->o->plain(r->a, address, &why) : NULL;
	return plain ? plain : address;
}

static bool add_addresses(struct reading *r, struct str value, struct strlist *shown)
{
	struct mailbox_list l = { 0 };
	struct str list = with_commas(r->a, str_trim(value));
	while (list.len && strchr(", ;\t", list.p[list.len - 1]))
		list.len--;
	if (!list.len)
		return true;
	if (list.len > DROPPED_FIELD_MAX || !mailbox_parse_at(r->a, list, r->o->home, &l) ||
	    (l.completed && !*r->o->home))
		return wrong(r, arena_printf(r->a, "the addresses \"%.200s\"", text_printable(r->a, list)),
			     "write them as you@example.com, parted by commas or semicolons");
	for (size_t i = 0; i < l.n; i++) {
		const char *address = plain_of(r, l.v[i].address);
		if (shown)
			strlist_add(shown, r->a, address);
		if (!strset_add(&r->known, address))
			continue;
		if (r->out->rcpts.n == DROPPED_RCPTS_MAX)
			return wrong(r, "the recipients", "more than 1000: write several files");
		strlist_add(&r->out->rcpts, r->a, address);
	}
	return true;
}

/* "<a@b>" or "a@b" */
static const char *one_address(struct reading *r, struct str value, const char **name)
{
	struct mailbox_list l = { 0 };
	bool sound = mailbox_parse_at(r->a, str_trim(value), r->o->home, &l) && l.n;
	if (!sound || (l.completed && !*r->o->home))
		return NULL;
	if (name)
		*name = l.v[0].name;
	return plain_of(r, l.v[0].address);
}

/* X-Sender, else From, else what the folder says. */
static bool read_sender(struct reading *r)
{
	static const char *const fields[] = { "X-Sender", "From" };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		struct str value = header_get(r->a, &r->h, fields[i]);
		if (!str_trim(value).len)
			continue;
		r->out->sender = one_address(r, value, i ? &r->out->from_name : NULL);
		return r->out->sender ||
		       wrong(r, arena_printf(r->a, "%s: %.200s", fields[i], text_printable(r->a, value)),
			     "write it as you@example.com");
	}
	r->out->sender = r->o->sender;
	return *r->out->sender ||
	       wrong(r, "the sender",
		     "add a line From: you@example.com, or sender = \"you@example.com\" to the pickup block");
}

/* ---- a message ---- */

/* The header without the lines that are the envelope's. */
static struct str without_envelope(struct reading *r, struct str raw)
{
	struct str rest = str_cut(raw, r->h.n ? (size_t)(r->h.v[0].raw.p - raw.p) : 0, raw.len);
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (size_t i = 0; i < r->h.n; i++) {
		const struct header_field *f = &r->h.v[i];
		bool ours = str_ieq(f->name, "X-Sender") || str_ieq(f->name, "X-Receiver");
		if (!ours)
			buf_add(&b, f->raw.p, f->raw.len);
	}
	const struct header_field *last = r->h.n ? &r->h.v[r->h.n - 1] : NULL;
	size_t end = last ? (size_t)(last->raw.p + last->raw.len - rest.p) : 0;
	struct str tail = str_cut(rest, end, rest.len);
	buf_add(&b, tail.p, tail.len);
	return arena_str(r->a, buf_str(&b));
}

static bool read_receivers(struct reading *r)
{
	const struct header_field *f;
	for (size_t i = 0; (f = header_find(&r->h, "X-Receiver", i)); i++)
		if (!add_addresses(r, header_unfold(r->a, f->value), NULL))
			return false;
	return true;
}

static bool read_message(struct reading *r, struct str raw)
{
	const struct handin_options o = {
		.recipients = !header_find(&r->h, "X-Receiver", 0),
		.home = r->o->home,
		.sender = r->out->sender,
		.name = "",
		.plain = r->o->plain,
		.rcpts_max = DROPPED_RCPTS_MAX,
	};
	return read_receivers(r) &&
	       handin_read(r->a, without_envelope(r, raw), &o, &r->out->message, &r->out->rcpts, r->e);
}

/* ---- a text ---- */

static const char *words_of(struct reading *r, const char *name)
{
	bool coded;
	struct str value = charset_utf8(r->a, header_get(r->a, &r->h, name), "windows-1252");
	return text_printable(r->a, str_of(mime_words(r->a, arena_str(r->a, value).p, &coded)));
}

static bool add_attachments(struct reading *r, struct str value)
{
	struct str name;
	value = charset_utf8(r->a, value, "windows-1252");
	while (str_next(&value, ";", &name)) {
		name = str_trim(name);
		if (name.len > 1 && *name.p == '"' && name.p[name.len - 1] == '"')
			name = str_cut(name, 1, name.len - 1);
		if (!name.len)
			continue;
		if (r->out->attachments.n == DROPPED_ATTACHMENTS_MAX)
			return wrong(r, "the attachments", "more than 50: pack them into one file");
		strlist_add(&r->out->attachments, r->a, arena_str(r->a, name).p);
	}
	return true;
}

static bool text_field(struct reading *r, const struct header_field *f)
{
	struct str value = header_unfold(r->a, f->value);
	if (str_ieq(f->name, "To"))
		return add_addresses(r, value, &r->out->to);
	if (str_ieq(f->name, "Cc"))
		return add_addresses(r, value, &r->out->cc);
	if (str_ieq(f->name, "Bcc") || str_ieq(f->name, "X-Receiver"))
		return add_addresses(r, value, NULL);
	return !is_attachment(f->name) || add_attachments(r, value);
}

static bool read_text(struct reading *r)
{
	struct dropped *out = r->out;
	struct str reply = header_get(r->a, &r->h, "Reply-To");
	for (size_t i = 0; i < r->h.n; i++)
		if (!text_field(r, &r->h.v[i]))
			return false;
	if (reply.len && !(out->reply_to = one_address(r, reply, NULL)))
		return wrong(r, "Reply-To", "write it as you@example.com");
	out->subject = words_of(r, "Subject");
	out->text = arena_str(r->a, charset_utf8(r->a, r->h.body, "windows-1252")).p;
	if (memchr(r->h.body.p ? r->h.body.p : "", '\0', r->h.body.len))
		return wrong(r, "the text", "it holds bytes that no text has: is this a mail?");
	return true;
}

bool dropped_read(struct arena *a, struct str raw, const struct dropped_options *o, struct dropped *out,
		  struct err *e)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct reading r = { .a = a, .o = o, .out = out, .e = e };
	*out = (struct dropped){ .sender = "", .from_name = "", .reply_to = NULL, .subject = "", .text = "" };
	if (raw.len >= 3 && !memcmp(raw.p, bom, 3))
		raw = str_cut(raw, 3, raw.len);
	header_read(a, raw, &r.h);
	if (!r.h.n)
		return wrong(&r, "the file",
			     "it does not begin like a mail: lines such as To: and Subject:, an empty line, "
			     "the text");
	out->is_text = is_text_form(&r);
	bool ok = read_sender(&r) && (out->is_text ? read_text(&r) : read_message(&r, raw));
	strset_clear(&r.known);
	if (!ok)
		return false;
	return out->rcpts.n || wrong(&r, "the recipients", "add a line To: you@example.com");
}

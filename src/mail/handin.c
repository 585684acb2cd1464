/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/handin.h"

#include <string.h>

#include "base/strset.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/header_drop.h"
#include "mail/header_write.h"
#include "mail/mailbox.h"

struct handin {
	struct arena *a;
	const struct handin_options *o;
	struct buf *out;
	struct strlist *to;
	struct strset known; /* of to */
	struct err *e;
	bool resent; /* it has Resent- recipients: only they count (RFC 5322, 3.6.6) */
	bool has_from;
};

static struct str line_at(struct str s)
{
	const char *end = s.len ? memchr(s.p, '\n', s.len) : NULL;
	return str_cut(s, 0, end ? (size_t)(end - s.p) + 1 : s.len);
}

/* Without its end; carriage returns before it are of the end. */
static struct str bare(struct str line)
{
	while (line.len && (line.p[line.len - 1] == '\n' || line.p[line.len - 1] == '\r'))
		line.len--;
	return line;
}

/* A carriage return or a NUL inside a line may not stand in SMTP (RFC 5321, 2.3.8). */
static void put_line(struct buf *out, struct str line)
{
	line = bare(line);
	for (size_t at = 0; at < line.len;) {
		size_t n = at;
		while (n < line.len && line.p[n] && line.p[n] != '\r')
			n++;
		buf_add(out, line.p + at, n - at);
		if (n < line.len)
			buf_add(out, " ", 1);
		at = n + 1;
	}
	buf_add(out, "\r\n", 2);
}

/* It may go out as it stands. */
static bool is_sound(struct str line)
{
	return line.len > 1 && line.p[line.len - 1] == '\n' &&
	       memchr(line.p, '\r', line.len) == line.p + line.len - 2 && !memchr(line.p, 0, line.len);
}

/* Its lines, such as stand side by side and are sound at once. */
static void put_lines(struct buf *out, struct str s)
{
	size_t n = 0;
	for (struct str line; (line = line_at(str_cut(s, n, s.len))).len;) {
		n += line.len;
		if (is_sound(line))
			continue;
		buf_add(out, s.p, n - line.len);
		put_line(out, line);
		s = str_cut(s, n, s.len);
		n = 0;
	}
	buf_add(out, s.p, n);
}

/* field-name [blanks] ":" */
static size_t name_length(struct str line)
{
	size_t n = 0;
	while (n < line.len && line.p[n] > ' ' && line.p[n] < 0x7f && line.p[n] != ':')
		n++;
	size_t colon = n;
	while (colon < line.len && (line.p[colon] == ' ' || line.p[colon] == '\t'))
		colon++;
	return n && colon < line.len && line.p[colon] == ':' ? n : 0;
}

/* Ends before an empty line, or before a line that is none of a header. */
static struct str header_of(struct str s)
{
	size_t n = 0;
	for (struct str line; (line = line_at(str_cut(s, n, s.len))).len; n += line.len) {
		bool folded = n && (*line.p == ' ' || *line.p == '\t');
		if (!bare(line).len || (!folded && !name_length(line)))
			break;
	}
	return str_cut(s, 0, n);
}

#define IS_ONE_OF(name, names) str_is_among((name), (names), ARRAY_LEN(names))

static const char *const blind[] = { "Bcc", "Resent-Bcc" };
static const char *const recipients[] = { "To", "Cc", "Bcc" };
static const char *const resent[] = { "Resent-To", "Resent-Cc", "Resent-Bcc" };
static const char *const addresses[] = { "From",        "Sender",        "Reply-To",  "To",       "Cc",
					 "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc" };

static void put_phrase(struct buf *out, const char *name)
{
	if (!text_is_ascii(str_of(name))) {
		header_encode_words(out, str_of(name));
		return;
	}
	if (strstr(name, "=?") && !strpbrk(name, "()<>[]:;@\\,\"")) { /* no quoted string (RFC 2047, 5) */
		buf_addf(out, " %s", name);
		return;
	}
	buf_adds(out, " \"");
	for (const char *c = name; *c; c++)
		buf_addf(out, strchr("\"\\", *c) ? "\\%c" : "%c", *c);
	buf_adds(out, "\"");
}

static void put_mailboxes(struct handin *h, const char *field, const struct mailbox_list *l)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	bool utf8 = false;
	for (size_t i = 0; i < l->n; i++) {
		const struct mailbox *m = &l->v[i];
		utf8 = utf8 || !text_is_ascii(str_of(m->address));
		if (*m->name)
			put_phrase(&b, m->name);
		buf_addf(&b, *m->name ? " <%s>" : " %s", m->address);
		buf_adds(&b, i + 1 < l->n ? "," : "");
	}
	header_write(h->out, field, buf_str(&b), utf8 ? HEADER_UTF8 : HEADER_ASCII);
}

/* Blanks before the colon are left out: "From :" at the top would be taken for an mbox's divider. */
static void copy(struct handin *h, const struct header_field *f)
{
	const char *colon = memchr(f->raw.p, ':', f->raw.len);
	struct str raw = str_cut(f->raw, (size_t)(colon - f->raw.p), f->raw.len);
	buf_add(h->out, f->name.p, f->name.len);
	put_lines(h->out, raw);
}

static bool add_recipient(struct handin *h, const char *address)
{
	if (h->o->rcpts_max && h->to->n >= h->o->rcpts_max) {
		ERR_FILL(h->e, ERR_SYNTAX, 0, "take", "so many recipients");
		return err_detail(h->e, "at most %zu in one message: write several", h->o->rcpts_max);
	}
	strlist_add(h->to, h->a, address);
	return true;
}

static bool take_recipients(struct handin *h, const struct header_field *f, const struct mailbox_list *l)
{
	bool wanted = h->resent ? IS_ONE_OF(f->name, resent) : IS_ONE_OF(f->name, recipients);
	if (!h->o->recipients || !wanted)
		return true;
	for (size_t i = 0; i < l->n; i++)
		if (strset_add(&h->known, l->v[i].address) && !add_recipient(h, l->v[i].address))
			return false;
	if (!l->bad)
		return true;
	ERR_FILL(h->e, ERR_SYNTAX, 0, "read the recipients in", STR_FMT ": " STR_FMT, STR_ARG(f->name),
		 STR_ARG(str_cut(header_unfold(h->a, f->value), 0, 80)));
	return err_detail(h->e, "%s", l->bad);
}

static void make_plain(const struct handin *h, struct mailbox_list *l)
{
	const char *why;
	for (size_t i = 0; h->o->plain && i < l->n; i++) {
		const char *plain = h->o->plain(h->a, l->v[i].address, &why);
		l->v[i].address = plain ? plain : l->v[i].address;
	}
}

/* A field whose addresses are whole and ASCII stays as it is. */
static bool field(struct handin *h, const struct header_field *f)
{
	struct mailbox_list l = { 0 };
	struct str value = header_unfold(h->a, f->value);
	const char *name = arena_dup(h->a, f->name.p, f->name.len);
	bool listed = IS_ONE_OF(f->name, addresses) || IS_ONE_OF(f->name, blind);
	bool sound = listed && mailbox_parse_at(h->a, value, h->o->home, &l);
	bool odd = !text_is_ascii(value) && text_is_utf8(value);
	make_plain(h, &l);
	h->has_from = h->has_from || str_ieq(f->name, "From");
	if (listed && !take_recipients(h, f, &l))
		return false;
	if (header_is_dropped(f->name))
		return true;
	if (sound && l.n && (l.completed || odd))
		put_mailboxes(h, name, &l);
	else if (odd && str_ieq(f->name, "Subject"))
		header_write(h->out, name, value, HEADER_WORDS);
	else
		copy(h, f);
	return true;
}

static bool fields(struct handin *h, struct str header)
{
	struct header all;
	header_read(h->a, header, &all);
	for (size_t i = 0; i < ARRAY_LEN(resent); i++)
		h->resent = h->resent || header_find(&all, resent[i], 0);
	for (size_t i = 0; i < all.n; i++)
		if (!field(h, &all.v[i]))
			return false;
	if (h->has_from)
		return true;
	struct mailbox me = { .name = h->o->name, .local = "", .domain = "", .address = h->o->sender };
	put_mailboxes(h, "From", &(struct mailbox_list){ .v = &me, .n = 1 });
	return true;
}

/* Everything before a line of ".", which may stand in the header too. */
static struct str up_to_dot(struct str s)
{
	size_t n = 0;
	for (struct str line; (line = line_at(str_cut(s, n, s.len))).len; n += line.len)
		if (str_eq(bare(line), "."))
			break;
	return str_cut(s, 0, n);
}

static bool read_all(struct handin *h, struct str raw)
{
	if (h->o->dot_ends)
		raw = up_to_dot(raw);
	if (header_has_divider(raw))
		raw = str_cut(raw, line_at(raw).len, raw.len);
	struct str header = header_of(raw);
	if (!fields(h, header))
		return false;
	struct str rest = str_cut(raw, header.len, raw.len);
	struct str first = line_at(rest);
	put_line(h->out, (struct str){ "", 0 });
	put_lines(h->out, bare(first).len ? rest : str_cut(rest, first.len, rest.len));
	return true;
}

bool handin_read(struct arena *a, struct str raw, const struct handin_options *o, struct buf *out,
		 struct strlist *to, struct err *e)
{
	struct handin h = { .a = a, .o = o, .out = out, .to = to, .e = e };
	for (size_t i = 0; i < to->n; i++)
		(void)!strset_add(&h.known, to->v[i]);
	bool ok = read_all(&h, raw);
	strset_clear(&h.known);
	return ok;
}

bool handin_addresses(struct arena *a, const char *typed, const char *home, struct strlist *out)
{
	struct mailbox_list l;
	bool sound = mailbox_parse_at(a, str_of(typed), home, &l) && l.n;
	for (size_t i = 0; sound && i < l.n; i++)
		strlist_add(out, a, l.v[i].address);
	return sound;
}

const char *handin_address(struct arena *a, const char *typed, const char *home)
{
	struct mailbox_list l;
	bool sound = mailbox_parse_at(a, str_of(typed), home, &l);
	return sound && l.n == 1 ? l.v[0].address : NULL;
}

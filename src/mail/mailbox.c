/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mailbox.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "mail/mailbox_plain.h"

struct reader {
	struct arena *a;
	struct str s;
	size_t at;
	struct mailbox_list *out;
	bool quoted;       /* the words read last hold a quoted string */
	bool angled;       /* inside <> */
	const char *home;  /* NULL: an address needs its domain */
	struct str remark; /* the comment passed last in this address, without its parentheses */
};

static char peek(const struct reader *r)
{
	return r->at < r->s.len ? r->s.p[r->at] : 0;
}

static bool at_end(const struct reader *r)
{
	return r->at >= r->s.len;
}

static void fault(struct reader *r, const char *why)
{
	if (!r->out->bad)
		r->out->bad = why;
}

/* Passes a comment; its parentheses may nest. */
static void skip_comment(struct reader *r)
{
	unsigned depth = 0;
	size_t begun = r->at + 1;
	for (; !at_end(r); r->at++) {
		char c = peek(r);
		if (c == '\\')
			r->at++;
		else if (c == '(' && ++depth > MAILBOX_COMMENT_DEPTH)
			fault(r, "comments inside comments inside comments");
		else if (c == ')' && !--depth) {
			r->remark = str_cut(r->s, begun, r->at++);
			return;
		}
	}
	fault(r, "a comment is not closed");
}

static void skip_blanks(struct reader *r)
{
	while (!at_end(r))
		if (peek(r) == '(')
			skip_comment(r);
		else if (strchr(" \t\r\n", peek(r)) && peek(r))
			r->at++;
		else
			return;
}

static bool is_special(char c)
{
	return !c || strchr("()<>[]:;@\\,\"", c) != NULL;
}

/* Adds a quoted string without its quotes to b. */
static void read_quoted(struct reader *r, struct buf *b)
{
	for (r->at++; !at_end(r) && peek(r) != '"'; r->at++) {
		if (peek(r) == '\\' && r->at + 1 < r->s.len)
			r->at++;
		buf_add(b, &r->s.p[r->at], 1);
	}
	if (at_end(r))
		fault(r, "a quoted string is not closed");
	else
		r->at++;
}

static void read_literal(struct reader *r, struct buf *b)
{
	for (; !at_end(r) && peek(r) != ']'; r->at++)
		buf_add(b, &r->s.p[r->at], 1);
	if (at_end(r))
		fault(r, "an address literal is not closed");
	else
		buf_add(b, &r->s.p[r->at++], 1);
}

/* Passes blanks and comments; true when a word of a domain or of an old
 * addr-spec goes on behind them: there is a dot on either side. */
static bool goes_on(struct reader *r, const struct buf *b)
{
	skip_blanks(r);
	return peek(r) == '.' || !buf_waiting(b) || buf_str(b).p[buf_waiting(b) - 1] == '.';
}

/* Words up to a special character, one blank between them; in a domain an
 * address literal too, and only as far as dots hold it together. */
static bool read_words(struct reader *r, struct buf *b, bool domain)
{
	bool any = false;
	for (;; any = true) {
		bool joined = goes_on(r, b), quoted = peek(r) == '"';
		if (at_end(r) || (quoted && domain) ||
		    (!quoted && is_special(peek(r)) && !(domain && peek(r) == '[')) || (domain && !joined))
			return any;
		if (any && !domain)
			buf_adds(b, " ");
		r->quoted = r->quoted || quoted;
		if (quoted)
			read_quoted(r, b);
		else if (peek(r) == '[')
			read_literal(r, b);
		else
			for (; !at_end(r) && !is_special(peek(r)) && !strchr(" \t\r\n", peek(r)); r->at++)
				buf_add(b, &r->s.p[r->at], 1);
	}
}

/* A local part without the blanks of its old form ("joe . bloggs"). */
static struct str local_part(struct reader *r, const struct buf *words)
{
	struct str in = buf_str(words);
	char *z = arena_alloc(r->a, in.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < in.len; i++) {
		bool by_dot = (i + 1 < in.len && in.p[i + 1] == '.') || (i && in.p[i - 1] == '.');
		if (r->quoted || in.p[i] != ' ' || !by_dot)
			z[n++] = in.p[i];
	}
	return (struct str){ z, n };
}

static bool needs_quotes(struct str local)
{
	for (size_t i = 0; i < local.len; i++)
		if (is_special(local.p[i]) || (unsigned char)local.p[i] <= ' ' ||
		    (local.p[i] == '.' && (i == 0 || i + 1 == local.len || local.p[i - 1] == '.')))
			return true;
	return !local.len;
}

static const char *quote(struct arena *a, struct str s)
{
	struct buf b = { 0 };
	buf_adds(&b, "\"");
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_adds(&b, "\\");
		buf_add(&b, &s.p[i], 1);
	}
	buf_adds(&b, "\"");
	const char *z = arena_dup(a, buf_str(&b).p, buf_str(&b).len);
	buf_clear(&b);
	return z;
}

/* Why the two cannot be an address; NULL when they can. */
static const char *address_fault(struct str local, struct str domain)
{
	if (!domain.len)
		return "an address without a domain";
	if (!local.len)
		return "an address without a local part";
	return memchr(local.p, 0, local.len) || memchr(domain.p, 0, domain.len) ? "a NUL byte in an address"
										: NULL;
}

static void add_mailbox(struct reader *r, struct str name, struct str local, struct str domain)
{
	struct mailbox_list *l = r->out;
	const char *why =
		l->n == MAILBOX_MAX ? "more addresses than anybody reads" : address_fault(local, domain);
	if (why) {
		fault(r, why);
		return;
	}
	l->v = arena_grow(r->a, l->v, l->n, &l->room, 2, sizeof(*l->v));
	struct mailbox *m = &l->v[l->n++];
	m->name = arena_dup(r->a, name.p, name.len);
	m->local = arena_dup(r->a, local.p, local.len);
	m->domain = arena_dup(r->a, domain.p, domain.len);
	m->angled = r->angled;
	m->address =
		arena_printf(r->a, "%s@%s", needs_quotes(local) ? quote(r->a, local) : m->local, m->domain);
}

/* One word without an @: a mailbox at home, where there is such a place. */
static void add_at_home(struct reader *r, struct str name, const struct buf *words, const char *why)
{
	struct str local = buf_str(words);
	if (!r->home || !local.len || (!r->quoted && memchr(local.p, ' ', local.len))) {
		fault(r, why);
		return;
	}
	add_mailbox(r, name, local, str_of(r->home));
	r->out->completed = true;
}

/* addr-spec, the local part already read or to be read into local. */
static void read_domain(struct reader *r, struct str name, struct buf *local)
{
	struct buf domain = { 0 };
	struct str local_words = local_part(r, local);
	r->at++; /* the @ */
	read_words(r, &domain, true);
	add_mailbox(r, name, local_words, buf_str(&domain));
	buf_clear(&domain);
}

/* "@a,@b:" (4.4): passed over */
static void skip_route(struct reader *r)
{
	r->out->routed = true;
	while (!at_end(r) && peek(r) != ':' && peek(r) != '>')
		r->at++;
	if (peek(r) == ':')
		r->at++;
}

/* Another address in the same <> would be the one that other programs read. */
static void close_angle(struct reader *r)
{
	skip_blanks(r);
	if (!at_end(r) && peek(r) != '>' && peek(r) != ',')
		fault(r, "something stands behind an address in <>");
	while (!at_end(r) && peek(r) != '>' && peek(r) != ',')
		r->at++;
	if (peek(r) == '>')
		r->at++;
	else
		fault(r, "an address without its closing >");
}

/* "<" [route] addr-spec ">" */
static void read_angle(struct reader *r, struct str name)
{
	struct buf local = { 0 };
	r->at++;
	r->angled = true;
	skip_blanks(r);
	if (peek(r) == '@')
		skip_route(r);
	r->quoted = false;
	read_words(r, &local, false);
	if (peek(r) == '@')
		read_domain(r, name, &local);
	else if (peek(r) == '>' && !buf_waiting(&local))
		fault(r, "an empty address <>");
	else
		add_at_home(r, name, &local, "an address without a domain");
	buf_clear(&local);
	r->angled = false;
	close_angle(r);
}

/* "root (Cron Daemon)": the older way to give a name, which local programs still write. */
static void name_by_remark(struct reader *r, size_t before)
{
	struct mailbox_list *l = r->out;
	if (!r->home || l->n == before || l->v[before].angled || *l->v[before].name || !text_is_utf8(r->remark))
		return;
	char *name = arena_dup(r->a, r->remark.p, r->remark.len), *to = name;
	for (const char *c = name; *c; c++)
		*to++ = *c == '\\' && c[1] ? *++c : *c;
	*to = 0;
	l->v[before].name = name;
}

/* One address, or the beginning or end of a group. */
static void read_address(struct reader *r)
{
	struct buf words = { 0 };
	size_t before = r->out->n;
	r->quoted = false;
	r->remark = (struct str){ "", 0 };
	bool any = read_words(r, &words, false);
	char c = peek(r);
	if (c == '<')
		read_angle(r, buf_str(&words));
	else if (c == '@')
		read_domain(r, (struct str){ "", 0 }, &words);
	else if (any && c != ':')
		add_at_home(r, (struct str){ "", 0 }, &words, "a word that is no address");
	buf_clear(&words);
	skip_blanks(r);
	name_by_remark(r, before);
	c = peek(r);
	if (c == ',' || c == ':' || c == ';') {
		r->at++;
		return;
	}
	if (!at_end(r)) {
		fault(r, "something stands behind an address without a comma");
		if (peek(r) == '<') /* "me@example.com <me@example.com>": both are told */
			read_angle(r, (struct str){ "", 0 });
		while (!at_end(r) && peek(r) != ',')
			r->at++;
	}
}

bool mailbox_parse_at(struct arena *a, struct str value, const char *home, struct mailbox_list *out)
{
	struct reader r = { .a = a, .s = value, .home = home, .out = out };
	if (mailbox_plain(a, value, out))
		return true;
	*out = (struct mailbox_list){ 0 };
	for (skip_blanks(&r); !at_end(&r); skip_blanks(&r)) {
		size_t before = r.at;
		read_address(&r);
		if (r.at == before)
			r.at++; /* never stand still */
	}
	return !out->bad;
}

bool mailbox_parse(struct arena *a, struct str value, struct mailbox_list *out)
{
	return mailbox_parse_at(a, value, NULL, out);
}

const char *mailbox_author(struct arena *a, struct str from)
{
	struct mailbox_list all = { 0 };
	size_t begun = 0;
	if (mailbox_parse(a, from, &all))
		return all.n ? all.v[0].address : "";
	for (size_t i = 0; i < from.len; i++)
		begun += from.p[i] == '<';
	for (size_t i = 0; i < all.n && begun == 1; i++)
		if (all.v[i].angled)
			return all.v[i].address;
	return "";
}

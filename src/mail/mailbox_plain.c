/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mailbox_plain.h"

#include <string.h>

#include "base/sixteen.h"

struct pieces {
	struct str name, local, domain;
};

/* Neither a blank, nor a control byte, nor one of ()<>[]:;@\," (RFC 5322, 3.2.3). */
static bool is_plain(char c)
{
	unsigned char b = (unsigned char)c;
	return b > ' ' && b != 127 && b != '(' && b != ')' && b != '<' && b != '>' && b != '[' && b != ']' &&
	       b != ':' && b != ';' && b != '@' && b != '\\' && b != ',' && b != '"';
}

/* The bytes that are no is_plain(). */
static unsigned odd_ones(struct sixteen b)
{
	return sixteen_between(b, 0, ' ') | sixteen_between(b, 127, 127) | sixteen_between(b, '(', ')') |
	       sixteen_between(b, ':', '<') | sixteen_between(b, '>', '>') | sixteen_between(b, '@', '@') |
	       sixteen_between(b, '[', ']') | sixteen_between(b, ',', ',') | sixteen_between(b, '"', '"');
}

static size_t word_length(struct str s)
{
	size_t n = 0;
	for (; n + SIXTEEN <= s.len; n += SIXTEEN) {
		unsigned odd = odd_ones(sixteen_at(s.p + n));
		if (odd)
			return n + (size_t)__builtin_ctz(odd);
	}
	while (n < s.len && is_plain(s.p[n]))
		n++;
	return n;
}

/* Dots at its ends, or two together, want quotes. */
static bool is_local(struct str s)
{
	return s.len && s.p[0] != '.' && s.p[s.len - 1] != '.' && !memmem(s.p, s.len, "..", 2);
}

/* LOCAL@DOMAIN at the beginning of s: its length, or 0. */
static size_t read_address(struct str s, struct pieces *out)
{
	size_t n = word_length(s);
	if (n >= s.len || s.p[n] != '@')
		return 0;
	out->local = str_cut(s, 0, n);
	struct str rest = str_cut(s, n + 1, s.len);
	out->domain = str_cut(rest, 0, word_length(rest));
	return is_local(out->local) && out->domain.len ? n + 1 + out->domain.len : 0;
}

/* Words with one blank after each, then "<": how many bytes before it; s.len: none. */
static size_t read_name(struct str s, struct pieces *out)
{
	size_t n = 0;
	while (n < s.len && s.p[n] != '<') {
		size_t word = word_length(str_cut(s, n, s.len));
		if (!word || n + word >= s.len || s.p[n + word] != ' ')
			return s.len;
		n += word + 1;
	}
	out->name = str_cut(s, 0, n ? n - 1 : 0);
	return n;
}

static bool read_pieces(struct str s, struct pieces *out)
{
	if (!s.len)
		return false;
	if (read_address(s, out) == s.len)
		return true;
	size_t n = read_name(s, out);
	if (n >= s.len || s.p[s.len - 1] != '>')
		return false;
	struct str inside = str_cut(s, n + 1, s.len - 1);
	return inside.len && read_address(inside, out) == inside.len;
}

bool mailbox_plain(struct arena *a, struct str value, struct mailbox_list *out)
{
	struct pieces p = { .name = { "", 0 } };
	if (!read_pieces(value, &p))
		return false;
	*out = (struct mailbox_list){ 0 };
	struct mailbox *m = out->v = arena_grow(a, NULL, 0, &out->room, 2, sizeof(*m));
	out->n = 1;
	m->name = arena_dup(a, p.name.p, p.name.len);
	m->local = arena_dup(a, p.local.p, p.local.len);
	m->domain = arena_dup(a, p.domain.p, p.domain.len);
	m->angled = value.p[value.len - 1] == '>';
	m->address = arena_dup(a, p.local.p, p.local.len + 1 + p.domain.len); /* they stand side by side */
	return true;
}

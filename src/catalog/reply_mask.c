/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_mask.h"

#include <string.h>

#include "base/sixteen.h"

/* What bytes may be in names; folded text has no capitals. */
enum kind { HOST = 1, LOCAL = 2, LETTER = 4 };
static const unsigned char kinds[256] = {
	['a' ... 'z'] = HOST | LOCAL | LETTER,
	['0' ... '9'] = HOST | LOCAL,
	['.'] = HOST | LOCAL,
	['-'] = HOST | LOCAL,
	['_'] = HOST | LOCAL,
	['+'] = LOCAL,
	['!'] = LOCAL,
	['#'] = LOCAL,
	['%'] = LOCAL,
	['*'] = LOCAL,
	['~'] = LOCAL,
	['|'] = LOCAL,
	['/'] = LOCAL,
	['^'] = LOCAL,
	['`'] = LOCAL,
	['{'] = LOCAL,
	['}'] = LOCAL,
	['$'] = LOCAL,
	[0x80 ... 0xff] = HOST | LOCAL | LETTER,
};

static bool is(char c, enum kind kind)
{
	return kinds[(unsigned char)c] & kind;
}

struct name {
	size_t from, to; /* from == to: none */
};

/* The bytes of the kind that end at `at`. */
static size_t begin_of(struct str s, size_t at, enum kind kind)
{
	while (at && is(s.p[at - 1], kind))
		at--;
	return at;
}

static size_t end_of(struct str s, size_t at, enum kind kind)
{
	while (at < s.len && is(s.p[at], kind))
		at++;
	return at;
}

/* "mx1.example.com": a dot inside, and a letter behind the last one. */
static bool is_host(struct str s)
{
	while (s.len && s.p[s.len - 1] == '.')
		s.len--;
	const char *dot = s.len ? memrchr(s.p, '.', s.len) : NULL;
	return dot && dot > s.p && is(dot[1], LETTER);
}

/* "user@example.com", the '@' at `at`. */
static struct name address_around(struct str s, size_t at)
{
	struct name n = { begin_of(s, at, LOCAL), end_of(s, at + 1, HOST) };
	bool whole = n.from < at && is_host(str_cut(s, at + 1, n.to));
	return whole ? n : (struct name){ 0 };
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_ip_begin(struct str s, size_t at)
{
	size_t n = at;
	while (n < s.len && is_hex(s.p[n]))
		n++;
	if (n == at || n == s.len)
		return str_istarts(str_cut(s, at, s.len), "ipv6:");
	return s.p[n] == ':' || (s.p[n] == '.' && s.p[at] <= '9');
}

/* "mx1.example.com[192.0.2.1]", "mx1.example.com[private/lmtp]", "mx1.example.com. [192.0.2.1]",
 * "mx1.example.com (192.0.2.1)", the bracket at `at`; no link. */
static struct name host_before(struct str s, size_t at)
{
	bool apart = at && s.p[at - 1] == ' ';
	if ((apart || s.p[at] == '(') && !is_ip_begin(s, at + 1))
		return (struct name){ 0 };
	size_t to = apart ? at - 1 : at;
	struct name n = { begin_of(s, to, HOST), to };
	bool link = n.from && (s.p[n.from - 1] == '/' || s.p[n.from - 1] == '@');
	return !link && is_host(str_cut(s, n.from, n.to)) ? n : (struct name){ 0 };
}

/* "<mx1.example.com>", "relay=mx1.example.com,", the sign at `at`. */
static struct name host_after(struct str s, size_t at)
{
	struct name n = { at + 1, end_of(s, at + 1, HOST) };
	bool closed = n.to == s.len || strchr(s.p[at] == '<' ? ">" : " ,;)]>", s.p[n.to]) != NULL;
	return closed && is_host(str_cut(s, n.from, n.to)) ? n : (struct name){ 0 };
}

static struct name name_by(struct str s, size_t at)
{
	switch (s.p[at]) {
	case '@':
		return address_around(s, at);
	case '[':
	case '(':
		return host_before(s, at);
	default:
		return host_after(s, at);
	}
}

/* The next of the signs that name_by() reads; s.len: none. */
static size_t next_sign(struct str s, size_t at)
{
	for (; at < s.len; at += SIXTEEN) {
		struct sixteen b = sixteen_at(s.p + at);
		unsigned signs = sixteen_between(b, '<', '=') | sixteen_between(b, '@', '@') |
				 sixteen_between(b, '[', '[') | sixteen_between(b, '(', '(');
		if (signs)
			return at + (unsigned)__builtin_ctz(signs);
	}
	return s.len;
}

struct str reply_mask(struct str text, char out[REPLY_FOLDED_MAX + REPLY_PAD])
{
	bool masked = false;
	for (size_t at = next_sign(text, 0); at < text.len; at = next_sign(text, at + 1)) {
		struct name n = name_by(text, at);
		if (n.from < n.to && !masked)
			memcpy(out, text.p, text.len + REPLY_PAD);
		masked = masked || n.from < n.to;
		for (size_t i = n.from; i < n.to; i++)
			if (is(text.p[i], LETTER))
				out[i] = 'x';
	}
	return masked ? (struct str){ out, text.len } : text;
}

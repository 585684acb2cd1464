/* SPDX-License-Identifier: Apache-2.0 */
/* Text out of HTML as people paste it: pieces of pages, never whole documents that could be parsed. */
#include <string.h>

#include "base/buf.h"
#include "explain/clean.h"
#include "explain/token.h"

enum { TAG_NAME_MAX = 12, ENTITY_MAX = 10, UNICODE_MAX = 0x10ffff };

enum tag_kind { TAG_INLINE, TAG_BREAK, TAG_DROP };

/* Only these are markup: "<user@example.com>" and "<EOF>" are not. */
static const struct tag {
	const char *name;
	enum tag_kind kind;
} tags[] = {
	{ "a", TAG_INLINE },      { "abbr", TAG_INLINE },      { "b", TAG_INLINE },
	{ "big", TAG_INLINE },    { "blockquote", TAG_BREAK }, { "body", TAG_BREAK },
	{ "br", TAG_BREAK },      { "button", TAG_INLINE },    { "code", TAG_INLINE },
	{ "dd", TAG_BREAK },      { "div", TAG_BREAK },        { "dl", TAG_BREAK },
	{ "dt", TAG_BREAK },      { "em", TAG_INLINE },        { "font", TAG_INLINE },
	{ "h1", TAG_BREAK },      { "h2", TAG_BREAK },         { "h3", TAG_BREAK },
	{ "h4", TAG_BREAK },      { "head", TAG_BREAK },       { "hr", TAG_BREAK },
	{ "html", TAG_BREAK },    { "i", TAG_INLINE },         { "img", TAG_INLINE },
	{ "kbd", TAG_INLINE },    { "label", TAG_INLINE },     { "li", TAG_BREAK },
	{ "link", TAG_INLINE },   { "meta", TAG_INLINE },      { "o:p", TAG_INLINE },
	{ "ol", TAG_BREAK },      { "p", TAG_BREAK },          { "pre", TAG_BREAK },
	{ "s", TAG_INLINE },      { "samp", TAG_INLINE },      { "script", TAG_DROP },
	{ "section", TAG_BREAK }, { "small", TAG_INLINE },     { "span", TAG_INLINE },
	{ "strong", TAG_INLINE }, { "style", TAG_DROP },       { "sub", TAG_INLINE },
	{ "sup", TAG_INLINE },    { "svg", TAG_DROP },         { "table", TAG_BREAK },
	{ "tbody", TAG_BREAK },   { "td", TAG_INLINE },        { "th", TAG_INLINE },
	{ "thead", TAG_BREAK },   { "title", TAG_BREAK },      { "tr", TAG_BREAK },
	{ "tt", TAG_INLINE },     { "u", TAG_INLINE },         { "ul", TAG_BREAK },
	{ "wbr", TAG_INLINE },    { "textarea", TAG_BREAK },
};

static const struct {
	const char *name, *text;
} entities[] = {
	{ "amp", "&" },         { "apos", "'" },          { "auml", "\xc3\xa4" },   { "bull", "*" },
	{ "copy", "(c)" },      { "eacute", "\xc3\xa9" }, { "egrave", "\xc3\xa8" }, { "gt", ">" },
	{ "hellip", "..." },    { "laquo", "\"" },        { "ldquo", "\"" },        { "lsquo", "'" },
	{ "lt", "<" },          { "mdash", "-" },         { "nbsp", " " },          { "ndash", "-" },
	{ "ouml", "\xc3\xb6" }, { "quot", "\"" },         { "raquo", "\"" },        { "rdquo", "\"" },
	{ "reg", "(R)" },       { "rsquo", "'" },         { "szlig", "\xc3\x9f" },  { "uuml", "\xc3\xbc" },
	{ "Auml", "\xc3\x84" }, { "Ouml", "\xc3\x96" },   { "Uuml", "\xc3\x9c" },   { "zwnj", "" },
};

/* A known tag at "<": its row; *close for "</". */
static const struct tag *tag_at(struct str s, bool *close)
{
	size_t at = 1;
	*close = at < s.len && s.p[at] == '/';
	at += *close;
	size_t n = 0;
	while (at + n < s.len && n <= TAG_NAME_MAX && (token_is_word(s.p[at + n]) || s.p[at + n] == ':'))
		n++;
	if (!n || at + n >= s.len || !strchr(" \t\n/>", s.p[at + n]))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (str_ieq(str_cut(s, at, at + n), tags[i].name))
			return &tags[i];
	return NULL;
}

/* To behind the tag's ">", quotes of attributes respected; the next line feed ends a broken one. */
static size_t tag_end(struct str s)
{
	char quote = 0;
	for (size_t at = 1; at < s.len; at++) {
		char c = s.p[at];
		if (quote) {
			quote = c == quote || c == '\n' ? 0 : quote;
			continue;
		}
		if (c == '>')
			return at + 1;
		if (c == '"' || (c == '\'' && s.p[at - 1] == '='))
			quote = c;
	}
	return s.len;
}

/* To behind "</name>". */
static size_t element_end(struct str s, const char *name)
{
	for (size_t at = 1; at + 1 < s.len; at++) {
		const char *hit = memmem(s.p + at, s.len - at, "</", 2);
		if (!hit)
			break;
		at = (size_t)(hit - s.p);
		if (str_istarts(token_rest(s, at + 2), name))
			return at + tag_end(token_rest(s, at));
	}
	return s.len;
}

static bool put_number(struct buf *out, struct str digits)
{
	unsigned u = 0, base = digits.len && (digits.p[0] | 0x20) == 'x' ? 16 : 10;
	for (size_t i = base == 16; i < digits.len; i++) {
		char c = (char)(digits.p[i] | 0x20);
		unsigned d = c >= 'a' && c <= 'f' && base == 16 ? (unsigned)(c - 'a') + 10
								: (unsigned)(digits.p[i] - '0');
		if (d >= base)
			return false;
		u = u * base + d;
		if (u > UNICODE_MAX)
			return false;
	}
	if (u < ' ' || u >= 0x10000 || (u >= 0xd800 && u < 0xe000))
		return buf_add(out, u == '\n' ? "\n" : " ", 1);
	char b[3] = { (char)(0xe0 | u >> 12), (char)(0x80 | (u >> 6 & 0x3f)), (char)(0x80 | (u & 0x3f)) };
	char two[2] = { (char)(0xc0 | u >> 6), b[2] }, one = (char)u;
	return u < 0x80    ? buf_add(out, u == 0xa0 ? " " : &one, 1)
	       : u < 0x800 ? buf_add(out, two, 2)
			   : buf_add(out, b, 3);
}

/* "&lt;" and "&#39;": its length, 0 when it is none; out may be NULL. */
static size_t put_entity(struct buf *out, struct str s)
{
	size_t n = 1;
	while (n < s.len && n <= ENTITY_MAX && s.p[n] != ';')
		n++;
	if (n >= s.len || s.p[n] != ';' || n < 3)
		return 0;
	struct str name = str_cut(s, 1, n);
	struct buf none = { .max = 8 };
	if (name.p[0] == '#') {
		bool fine = put_number(out ? out : &none, token_rest(name, 1));
		buf_clear(&none);
		return fine ? n + 1 : 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(entities); i++) {
		if (!str_eq(name, entities[i].name))
			continue;
		if (out)
			buf_adds(out, entities[i].text);
		return n + 1;
	}
	return 0;
}

/* What of markup there is. */
struct signs {
	bool any, breaks;
};

static struct signs look(struct str s)
{
	struct signs found = { false, false };
	for (size_t at = 0; at < s.len && !found.breaks; at++) {
		bool close;
		if (s.p[at] == '&' && put_entity(NULL, token_rest(s, at)))
			found.any = true;
		const struct tag *t = s.p[at] == '<' ? tag_at(token_rest(s, at), &close) : NULL;
		found.any = found.any || t;
		found.breaks = t && t->kind == TAG_BREAK;
	}
	return found;
}

static size_t put_tag(struct buf *out, struct str s, bool *pre)
{
	bool close;
	if (str_istarts(s, "<!--")) {
		const char *end = memmem(s.p, s.len, "-->", 3);
		return end ? (size_t)(end - s.p) + 3 : s.len;
	}
	if (str_istarts(s, "<!doctype"))
		return tag_end(s);
	const struct tag *t = tag_at(s, &close);
	if (!t)
		return 0;
	if (t->kind == TAG_DROP && !close)
		return element_end(s, t->name);
	if (!strcmp(t->name, "pre") || !strcmp(t->name, "textarea"))
		*pre = !close;
	if (t->kind == TAG_BREAK)
		buf_add(out, "\n", 1);
	else if (!strcmp(t->name, "td") || !strcmp(t->name, "th"))
		buf_add(out, " ", 1);
	return tag_end(s);
}

struct str clean_markup(struct arena *a, struct str s)
{
	if (!s.len || (!memchr(s.p, '<', s.len) && !memchr(s.p, '&', s.len)))
		return s;
	struct signs found = look(s);
	if (!found.any)
		return s;
	struct buf out = { 0 };
	bool pre = false;
	for (size_t at = 0; at < s.len;) {
		struct str here = token_rest(s, at);
		size_t n = s.p[at] == '<'   ? put_tag(&out, here, &pre)
			   : s.p[at] == '&' ? put_entity(&out, here)
					    : 0;
		if (!n) {
			bool wrap = s.p[at] == '\n' && found.breaks && !pre;
			buf_add(&out, wrap ? " " : s.p + at, 1);
			n = 1;
		}
		at += n;
	}
	struct str text = arena_str(a, buf_str(&out));
	buf_clear(&out);
	return text;
}

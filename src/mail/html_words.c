/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/html_words.h"

#include <string.h>

#include "base/utf8.h"

enum { ENTITY_MAX = 10, TAG_MAX = 4000 };

struct writer {
	char *out;
	size_t n;
	bool pre; /* line ends count */
};

static const char *const blocks[] = {
	"br", "p",  "div", "tr", "li", "td", "th", "table", "h1",         "h2",
	"h3", "h4", "pre", "ul", "ol", "hr", "dd", "dt",    "blockquote", "body"
};
static const char *const silent[] = { "style", "script", "head", "title" };

static const struct {
	const char *name, *text;
} entities[] = {
	{ "lt", "<" },     { "gt", ">" },     { "amp", "&" },    { "quot", "\"" },  { "nbsp", " " },
	{ "apos", "'" },   { "auml", "ä" },   { "ouml", "ö" },   { "uuml", "ü" },   { "szlig", "ß" },
	{ "eacute", "é" }, { "egrave", "è" }, { "agrave", "à" }, { "ccedil", "ç" },
};

static size_t name_length(struct str s)
{
	size_t n = 0;
	while (n < s.len && ((s.p[n] | 32) >= 'a' ? (s.p[n] | 32) <= 'z' : s.p[n] >= '0' && s.p[n] <= '9'))
		n++;
	return n;
}

/* Behind "</name ...>", the whole rest when it never comes. */
static size_t behind_close(struct str s, struct str name)
{
	for (size_t i = 0; i + name.len + 2 < s.len; i++) {
		const char *lt = memchr(s.p + i, '<', s.len - i);
		if (!lt)
			break;
		i = (size_t)(lt - s.p);
		struct str at = str_cut(s, i + 2, i + 2 + name.len);
		if (i + 1 < s.len && s.p[i + 1] == '/' && str_iequal(at, name)) {
			const char *gt = memchr(s.p + i, '>', s.len - i);
			return gt ? (size_t)(gt - s.p) + 1 : s.len;
		}
	}
	return s.len;
}

/* The tag or comment at s ('<'); its length.  "<a@b.c>" unescaped is none. */
static size_t take_tag(struct writer *w, struct str s)
{
	if (str_istarts(s, "<!--")) {
		const char *end = memmem(s.p, s.len, "-->", 3);
		return end ? (size_t)(end - s.p) + 3 : s.len;
	}
	size_t from = s.len > 1 && s.p[1] == '/' ? 2 : 1;
	struct str name = str_cut(s, from, from + name_length(str_cut(s, from, from + 20)));
	const char *gt = memchr(s.p, '>', s.len < TAG_MAX ? s.len : TAG_MAX);
	size_t end = gt ? (size_t)(gt - s.p) + 1 : s.len;
	if ((!name.len && s.len > 1 && s.p[1] != '!' && s.p[1] != '?') || !gt ||
	    (from + name.len < s.len && strchr("@.", s.p[from + name.len]))) {
		w->out[w->n++] = '<';
		return 1;
	}
	if (from == 1 && str_is_among(name, silent, ARRAY_LEN(silent)))
		return behind_close(s, name);
	if (str_ieq(name, "pre"))
		w->pre = from == 1;
	if (str_is_among(name, blocks, ARRAY_LEN(blocks)))
		w->out[w->n++] = '\n';
	return end;
}

static void put_number(struct writer *w, unsigned long c)
{
	if (c < 0x80 && c >= ' ') {
		w->out[w->n++] = (char)c;
	} else if (c == 160 || c < 0x80) {
		w->out[w->n++] = ' ';
	} else if (c < 0xffff && (c < 0xd800 || c > 0xdfff)) {
		w->n += utf8_put((uint32_t)c, w->out + w->n);
	}
}

/* "&name;" at s; its length. */
static size_t take_entity(struct writer *w, struct str s)
{
	const char *end = memchr(s.p, ';', s.len < ENTITY_MAX ? s.len : ENTITY_MAX);
	struct str name = str_cut(s, 1, end ? (size_t)(end - s.p) : 1);
	unsigned long number;
	for (size_t i = 0; i < ARRAY_LEN(entities); i++)
		if (str_eq(name, entities[i].name)) {
			memcpy(w->out + w->n, entities[i].text, strlen(entities[i].text));
			w->n += strlen(entities[i].text);
			return name.len + 2;
		}
	if (name.len > 1 && name.p[0] == '#' && str_number(str_cut(name, 1, name.len), 0x10ffff, &number)) {
		put_number(w, number);
		return name.len + 2;
	}
	w->out[w->n++] = '&';
	return 1;
}

struct str html_words(struct arena *a, struct str html)
{
	struct writer w = { arena_raw(a, html.len + 1), 0, false };
	for (size_t i = 0; i < html.len;) {
		struct str s = str_cut(html, i, html.len);
		if (*s.p == '<') {
			i += take_tag(&w, s);
		} else if (*s.p == '&') {
			i += take_entity(&w, s);
		} else {
			w.out[w.n++] = !w.pre && (*s.p == '\n' || *s.p == '\r') ? ' ' : *s.p;
			i++;
		}
	}
	return (struct str){ w.out, w.n };
}

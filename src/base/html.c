/* SPDX-License-Identifier: Apache-2.0 */
#include "base/html.h"

#include <stdlib.h>
#include <string.h>

#include "base/glyph.h"

void html_start(struct html *h, FILE *out)
{
	*h = (struct html){ .out = out };
	fputs("<!doctype html>\n", out);
}

static void end_tag(struct html *h)
{
	if (h->in_tag)
		fputc('>', h->out);
	h->in_tag = false;
}

void html_open(struct html *h, const char *element)
{
	end_tag(h);
	if (h->depth == HTML_DEPTH_MAX)
		abort();
	h->open[h->depth++] = element;
	fprintf(h->out, "<%s", element);
	h->in_tag = true;
}

static void escape(FILE *out, const char *text)
{
	char shown[GLYPH_SHOWN_BYTES];
	unsigned width;
	for (struct str s = str_of(text); s.len;) {
		struct glyph g = glyph_first(s);
		if (g.code == '<')
			fputs("&lt;", out);
		else if (g.code == '>')
			fputs("&gt;", out);
		else if (g.code == '&')
			fputs("&amp;", out);
		else if (g.code == '"')
			fputs("&quot;", out);
		else if (g.code == '\'')
			fputs("&#39;", out);
		else if (g.code == '\n' || g.code == '\t')
			fputc((int)g.code, out);
		else
			fputs(glyph_shown(s, g, false, shown, &width), out);
		s = str_cut(s, g.bytes, s.len);
	}
}

void html_attr(struct html *h, const char *name, const char *value)
{
	if (!h->in_tag)
		abort();
	fprintf(h->out, " %s=\"", name);
	escape(h->out, value);
	fputc('"', h->out);
}

void html_text(struct html *h, const char *text)
{
	end_tag(h);
	escape(h->out, text);
}

void html_style(struct html *h, const char *css)
{
	html_open(h, "style");
	end_tag(h);
	fputs(css, h->out);
	html_close(h);
}

/* A line end after what is a block: the file is read by people too. */
static bool is_block(const char *element)
{
	static const char *const inside[] = { "span", "b", "code", "bdi", "a", "time", "td", "th" };
	for (size_t i = 0; i < ARRAY_LEN(inside); i++)
		if (!strcmp(inside[i], element))
			return false;
	return true;
}

/* Elements without content have no end tag (HTML, 13.1.2). */
static bool is_void(const char *element)
{
	static const char *const names[] = { "meta", "br", "hr", "wbr", "input", "link" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], element))
			return true;
	return false;
}

void html_close(struct html *h)
{
	end_tag(h);
	const char *element = h->open[--h->depth];
	if (!is_void(element))
		fprintf(h->out, "</%s>", element);
	if (is_block(element))
		fputc('\n', h->out);
}

void html_end(struct html *h)
{
	while (h->depth)
		html_close(h);
}

void html_leaf(struct html *h, const char *element, const char *class, const char *text)
{
	html_open(h, element);
	if (class)
		html_attr(h, "class", class);
	html_text(h, text);
	html_close(h);
}

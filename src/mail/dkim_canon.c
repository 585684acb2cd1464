/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dkim_canon.h"

#include <ctype.h>
#include <string.h>

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* The line at *rest without its line end; *rest moves behind it. */
static struct str take_line(struct str *rest)
{
	const char *lf = memchr(rest->p, '\n', rest->len);
	size_t n = lf ? (size_t)(lf - rest->p) : rest->len;
	struct str line = str_cut(*rest, 0, n && lf && rest->p[n - 1] == '\r' ? n - 1 : n);
	*rest = str_cut(*rest, lf ? n + 1 : n, rest->len);
	return line;
}

static void simple_field(struct str raw, struct buf *out)
{
	while (raw.len) {
		struct str line = take_line(&raw);
		buf_add(out, line.p, line.len);
		buf_adds(out, "\r\n");
	}
}

/* Name in lower case, folds away, each run of blanks one blank, none at the
 * colon and at the end (3.4.2). */
static void relaxed_field(struct str raw, struct buf *out)
{
	const char *colon = memchr(raw.p, ':', raw.len);
	size_t name = colon ? (size_t)(colon - raw.p) : raw.len;
	bool gap = false, begun = false;
	for (size_t i = 0; i < name; i++) {
		char c = (char)tolower((unsigned char)raw.p[i]);
		if (!is_wsp(c))
			buf_add(out, &c, 1);
	}
	buf_adds(out, ":");
	for (size_t i = name + 1; i < raw.len; i++) {
		char c = raw.p[i];
		if (c == '\n' || (c == '\r' && (i + 1 == raw.len || raw.p[i + 1] == '\n')))
			continue;
		if (is_wsp(c)) {
			gap = true;
			continue;
		}
		if (gap && begun)
			buf_adds(out, " ");
		buf_add(out, &c, 1);
		gap = false;
		begun = true;
	}
	buf_adds(out, "\r\n");
}

void dkim_canon_field(struct str raw, enum dkim_canon canon, struct buf *out)
{
	if (canon == DKIM_SIMPLE)
		simple_field(raw, out);
	else
		relaxed_field(raw, out);
}

static void put(const struct dkim_sink *sink, const char *p, size_t n)
{
	if (n)
		sink->put(sink->ctx, p, n);
}

/* One blank for each run, none at the end (3.4.4). */
static void put_relaxed(const struct dkim_sink *sink, struct str line)
{
	while (line.len && is_wsp(line.p[line.len - 1]))
		line.len--;
	for (size_t i = 0, end; i < line.len; i = end) {
		end = i;
		bool blank = is_wsp(line.p[i]);
		while (end < line.len && is_wsp(line.p[end]) == blank)
			end++;
		put(sink, blank ? " " : line.p + i, blank ? 1 : end - i);
	}
}

static bool is_empty(struct str line, enum dkim_canon canon)
{
	for (size_t i = 0; canon == DKIM_RELAXED && i < line.len; i++)
		if (!is_wsp(line.p[i]))
			return false;
	return canon == DKIM_RELAXED || !line.len;
}

void dkim_canon_body(struct str body, enum dkim_canon canon, const struct dkim_sink *sink)
{
	size_t empty = 0;
	bool any = false;
	while (body.len) {
		struct str line = take_line(&body);
		if (is_empty(line, canon)) {
			empty++;
			continue;
		}
		for (; empty; empty--)
			put(sink, "\r\n", 2);
		if (canon == DKIM_SIMPLE)
			put(sink, line.p, line.len);
		else
			put_relaxed(sink, line);
		put(sink, "\r\n", 2);
		any = true;
	}
	if (!any && canon == DKIM_SIMPLE)
		put(sink, "\r\n", 2);
}

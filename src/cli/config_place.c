/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_place.h"

#include <ctype.h>

/* token = word | quoted | one of "{}=,()+" */
struct token {
	struct str text; /* of a quoted one, what is between */
	unsigned line;
};

struct scan {
	struct str rest;
	unsigned line;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

static void skip_blanks(struct scan *s)
{
	while (s->rest.len && isspace((unsigned char)*s->rest.p)) {
		s->line += *s->rest.p == '\n';
		s->rest = str_cut(s->rest, 1, s->rest.len);
	}
}

static size_t quoted_length(struct scan *s)
{
	size_t n = 1;
	while (n < s->rest.len && s->rest.p[n] != s->rest.p[0]) {
		n += s->rest.p[n] == '\\' && n + 1 < s->rest.len;
		s->line += s->rest.p[n] == '\n';
		n++;
	}
	return n;
}

static bool next(struct scan *s, struct token *t)
{
	skip_blanks(s);
	if (!s->rest.len)
		return false;
	size_t n = 0;
	char first = s->rest.p[0];
	t->line = s->line;
	if (first == '"' || first == '\'') {
		n = quoted_length(s);
		t->text = str_cut(s->rest, 1, n);
		s->rest = str_cut(s->rest, n + 1, s->rest.len);
		return true;
	}
	while (n < s->rest.len && is_word(s->rest.p[n]))
		n++;
	n += n == 0;
	t->text = str_cut(s->rest, 0, n);
	s->rest = str_cut(s->rest, n, s->rest.len);
	return true;
}

/* Within the block just entered: the option's line, 0 none; leaves behind its "}". */
static unsigned find_option(struct scan *s, const char *option)
{
	struct token t;
	unsigned line = 0;
	for (int depth = 1; depth > 0 && next(s, &t);) {
		if (depth == 1 && !line && str_eq(t.text, option))
			line = t.line;
		depth += str_eq(t.text, "{") ? 1 : str_eq(t.text, "}") ? -1 : 0;
	}
	return line;
}

/* Behind the block's word: true when this is the one, and then within it. */
static bool enter(struct scan *s, const char *title)
{
	struct token t;
	bool fits = !*title;
	while (next(s, &t) && !str_eq(t.text, "{"))
		fits = fits || str_eq(t.text, title);
	if (!fits)
		(void)find_option(s, "");
	return fits;
}

unsigned config_place(struct str text, const char *block, const char *title, const char *option)
{
	struct scan s = { text, 1 };
	struct token t;
	unsigned line;
	if (!*block)
		return (line = find_option(&s, option)) ? line : 1;
	for (int depth = 0; next(&s, &t);) {
		if (depth == 0 && str_eq(t.text, block)) {
			if (!enter(&s, title))
				continue;
			line = *option ? find_option(&s, option) : 0;
			return line ? line : t.line;
		}
		depth += str_eq(t.text, "{") ? 1 : str_eq(t.text, "}") ? -1 : 0;
	}
	return 1;
}

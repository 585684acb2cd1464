/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_place.h"

#include <ctype.h>
#include <string.h>

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
static bool enter(struct scan *s, struct str title)
{
	struct token t;
	bool fits = !title.len;
	while (next(s, &t) && !str_eq(t.text, "{"))
		fits = fits || str_equal(t.text, title);
	if (!fits)
		(void)find_option(s, "");
	return fits;
}

/* Goes into the block of this depth and returns its line; 0 when it is not there. */
static unsigned find_block(struct scan *s, struct str block, struct str title)
{
	struct token t;
	for (int depth = 0; depth >= 0 && next(s, &t);) {
		if (depth == 0 && str_equal(t.text, block)) {
			if (enter(s, title))
				return t.line;
			continue;
		}
		depth += str_eq(t.text, "{") ? 1 : str_eq(t.text, "}") ? -1 : 0;
	}
	return 0;
}

/* option, or block|title|option; 0 when it is not there. */
static unsigned find_inner(struct scan *s, const char *option)
{
	const char *bar = strchr(option, '|'), *last = strrchr(option, '|');
	if (!bar || bar == last)
		return find_option(s, option);
	unsigned line = find_block(s, (struct str){ option, (size_t)(bar - option) },
				   (struct str){ bar + 1, (size_t)(last - bar - 1) });
	unsigned at = line && last[1] ? find_option(s, last + 1) : 0;
	return at ? at : line;
}

unsigned config_place(struct str text, const char *block, const char *title, const char *option)
{
	struct scan s = { text, 1 };
	unsigned line = *block ? find_block(&s, str_of(block), str_of(title)) : 1;
	unsigned at = line && *option ? find_inner(&s, option) : 0;
	return at ? at : line ? line : 1;
}

/* ---- told twice ---- */

enum {
	NAMES_MAX = 64, /* no block has so many settings */
	DEPTH_MAX = 8,  /* nor stands within so many others: what does is refused where it is read */
};

struct told {
	struct token v[NAMES_MAX];
	size_t n;
};

/* False with *out: it was told in this block before. */
static bool note(struct told *told, const struct token *t, bool block, struct config_twice *out)
{
	for (size_t i = 0; i < told->n; i++)
		if (str_equal(told->v[i].text, t->text)) {
			*out = (struct config_twice){ t->text, t->line, told->v[i].line, block };
			return false;
		}
	if (told->n < NAMES_MAX)
		told->v[told->n++] = *t;
	return true;
}

/* statement = name ["+"] "=" (value | "{" values "}") | name [title] "{" statements "}" */
static bool is_told_once(struct scan *s, int depth, struct config_twice *out)
{
	struct told told = { .n = 0 };
	struct token name, t;
	if (depth > DEPTH_MAX)
		s->rest = STR_LIT("");
	while (next(s, &name) && !str_eq(name.text, "}")) {
		if (!next(s, &t))
			return true;
		bool sets = str_eq(t.text, "="), opens = str_eq(t.text, "{");
		if ((sets || opens) && !note(&told, &name, opens, out))
			return false;
		bool more = str_eq(t.text, "+") && next(s, &t); /* to a list: may be told again */
		if (!sets && !more && !opens && !next(s, &t))
			return true;
		if (!sets && !more && !is_told_once(s, depth + 1, out))
			return false;
		if ((sets || more) && next(s, &t) && str_eq(t.text, "{"))
			(void)find_option(s, "");
	}
	return true;
}

bool config_is_told_once(struct str text, struct config_twice *out)
{
	struct scan s = { text, 1 };
	return is_told_once(&s, 0, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A paste cut into replies and errors, each whole.
 *
 * A dialogue is one piece, or one a refused recipient.  Elsewhere a new reply
 * code, a new date and an empty line begin a piece, unless the line before
 * leads over to the next one: "550-", a colon, a stack trace, an open brace. */
#include <string.h>

#include "explain/explain.h"
#include "explain/hide.h"
#include "explain/line.h"
#include "explain/pieces.h"
#include "explain/tell_inner.h"
#include "explain/token.h"

/* Small talk around errors: no code, and no phrase that is known well. */
static const double telling = 0.7;

/* The piece being read. */
struct cutter {
	struct arena *a;
	struct str text;
	struct piece pieces[EXPLAIN_PIECES_MAX];
	size_t n;
	size_t from, to;    /* of the open piece; from == to: none */
	unsigned code;      /* of its last reply; 0 none */
	bool more;          /* "550-" */
	bool leads_over;    /* the last line asks for the next one */
	bool trace, python; /* frames were seen; Python's message comes last */
	bool blank;         /* an empty line since */
	long depth;         /* braces open */
};

static void close_piece(struct cutter *c)
{
	struct str s = str_trim(str_cut(c->text, c->from, c->to));
	if (s.len && c->n < EXPLAIN_PIECES_MAX)
		c->pieces[c->n++] = (struct piece){ s };
	c->from = c->to;
	c->code = 0;
	c->more = c->leads_over = c->trace = c->python = c->blank = false;
	c->depth = 0;
}

static bool is_indented(struct str raw)
{
	return raw.len && (raw.p[0] == ' ' || raw.p[0] == '\t');
}

/* A log's line: what stands before it is gone from the line that was read. */
static bool is_dated(struct str raw, const struct line *l)
{
	struct str s = str_trim(raw);
	return l->s.p > s.p && !l->marked && s.len &&
	       (s.p[0] == '[' || (s.p[0] >= '0' && s.p[0] <= '9') || (s.p[0] >= 'A' && s.p[0] <= 'Z'));
}

static bool begins_reply(const struct cutter *c, const struct line *l)
{
	if (l->kind != LINE_REPLY)
		return false;
	if (c->more && l->code == c->code)
		return false;
	return c->code != 0 || !c->leads_over;
}

static bool begins_piece(const struct cutter *c, struct str raw, const struct line *l)
{
	if (c->from == c->to)
		return false;
	if (c->depth > 0 || l->kind == LINE_FRAME || l->kind == LINE_CAUSE)
		return false;
	if (is_dated(raw, l))
		return !c->leads_over;
	if (begins_reply(c, l))
		return !c->trace || c->blank || !is_indented(raw);
	if (c->leads_over || c->more)
		return false;
	if (c->blank)
		return !c->python;
	return c->trace && !is_indented(raw) && l->kind == LINE_NOTE && !(raw.p[0] == '}');
}

static void count_braces(struct cutter *c, struct str raw)
{
	for (size_t i = 0; i < raw.len; i++)
		c->depth += raw.p[i] == '{' ? 1 : raw.p[i] == '}' ? -1 : 0;
	if (c->depth < 0 || (c->depth > 0 && c->to - c->from > EXPLAIN_OBJECT_MAX))
		c->depth = 0;
}

/* "Invalid login: 535-5.7.8 no, see": an error that ends in a reply's first line. */
static bool begins_within(struct str s, unsigned *code)
{
	enum { DIGITS = 3 };
	size_t at = tell_reply_at(s);
	unsigned long n = 0;
	if (at + DIGITS >= s.len || s.p[at + DIGITS] != '-' ||
	    !str_number(str_cut(s, at, at + DIGITS), 599, &n))
		return false;
	*code = (unsigned)n;
	return true;
}

static void take_kind(struct cutter *c, const struct line *l)
{
	bool header = str_istarts(l->s, "traceback") || str_istarts(l->s, "during handling") ||
		      str_istarts(l->s, "the above exception");
	c->python = header || (c->python && (l->kind == LINE_FRAME || c->leads_over));
	c->trace = c->trace || l->kind == LINE_FRAME || l->kind == LINE_CAUSE;
	c->more = l->kind == LINE_REPLY && l->more;
	if (l->kind == LINE_REPLY)
		c->code = l->code;
	else
		c->more = begins_within(l->s, &c->code);
	char last = l->s.len ? l->s.p[l->s.len - 1] : ' ';
	bool file = str_istarts(l->s, "file \"");
	c->leads_over = header || file || str_istarts(l->s, "nested exception is") || last == ':' ||
			(c->python && l->kind == LINE_NOTE && c->leads_over);
}

static void take_line(struct cutter *c, struct str raw, size_t end)
{
	struct line l = line_read(raw);
	if (l.kind == LINE_BLANK) {
		c->blank = c->from != c->to;
		return;
	}
	if (begins_piece(c, raw, &l))
		close_piece(c);
	if (c->from == c->to)
		c->from = (size_t)(raw.p - c->text.p);
	c->to = end;
	c->blank = false;
	take_kind(c, &l);
	count_braces(c, raw);
}

static void cut(struct cutter *c)
{
	for (struct str rest = c->text; rest.len;) {
		struct str raw = token_line(&rest);
		take_line(c, raw, c->text.len - rest.len);
	}
	close_piece(c);
}

/* How well a piece is known by itself. */
static double knowledge(struct arena *a, struct str s, bool *coded)
{
	struct explanation x;
	explain_text(a, s, NULL, &x);
	*coded = x.code || *x.enhanced;
	return strcmp(x.class->id, "unknown") ? x.meanings[0].confidence : 0;
}

/* PHPMailer tells what it is about to do, its time-out among it. */
static bool is_intent(struct str s)
{
	return str_istarts(line_read(s).s, "connection: opening to ");
}

/* Keeps what tells: among several pieces those that are small talk go. */
static void keep_telling(struct cutter *c, struct strlist *out)
{
	bool keep[EXPLAIN_PIECES_MAX] = { false }, any = false;
	for (size_t i = 0; i < c->n; i++) {
		bool coded;
		double known = knowledge(c->a, c->pieces[i].s, &coded);
		keep[i] = (coded || known >= telling) && !is_intent(c->pieces[i].s);
		any = any || keep[i];
	}
	for (size_t i = 0; i < c->n; i++)
		if (keep[i] || !any)
			strlist_add(out, c->a, arena_dup(c->a, c->pieces[i].s.p, c->pieces[i].s.len));
}

void explain_pieces(struct arena *a, struct str pasted, struct strlist *out)
{
	/* Hidden first: a secret at a line's end looks like a wrapped word. */
	struct str s = explain_hide(a, explain_clean(a, explain_hide(a, pasted)));
	if (!s.len || tell_dialogue_pieces(a, s, out))
		return;
	struct cutter *c = arena_alloc(a, sizeof(*c));
	*c = (struct cutter){ .a = a, .text = s };
	cut(c);
	if (c->n == 1)
		strlist_add(out, a, arena_dup(a, c->pieces[0].s.p, c->pieces[0].s.len));
	else
		keep_telling(c, out);
	if (!out->n)
		strlist_add(out, a, arena_dup(a, s.p, s.len));
}

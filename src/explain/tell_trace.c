/* SPDX-License-Identifier: Apache-2.0 */
/* A stack trace of Java, .NET, Python, PHP, Ruby or Node: the lines that say what, not where. */

#include "base/buf.h"
#include "catalog/reply_pattern.h"
#include "explain/line.h"
#include "explain/tell_inner.h"
#include "explain/token.h"

enum { HEADLINES_MAX = 64 };

struct trace {
	struct str heads[HEADLINES_MAX];
	size_t n, last_cause;
	bool frames, python, cause;
};

/* A reply of a server in the line, or its code: "code \"535\"", "(535)". */
static bool holds_reply(struct str s)
{
	if (tell_reply_at(s) < s.len)
		return true;
	for (size_t at = 1; at + 3 < s.len; at++) {
		char before = s.p[at - 1], after = s.p[at + 3];
		bool closed = before == '"' ? after == '"' : before == '(' && (after == ',' || after == ')');
		if (closed && s.p[at] >= '4' && reply_code_at(s.p + at, s.len - at))
			return true;
	}
	return false;
}

/* Inside one line: .NET's "---> " and PHP's "Stack trace:". */
static void add_head(struct trace *t, struct str s)
{
	static const char *const ends[] = { "Stack trace:", "   at System.", "   at MailKit.",
					    " at com.",     " in /",         "\n" };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		size_t at = str_ifind(s, ends[i]);
		if (at < s.len && at)
			s = str_cut(s, 0, at);
	}
	size_t arrow;
	while ((arrow = str_ifind(s, "---> ")) < s.len) {
		if (arrow && t->n < HEADLINES_MAX)
			t->heads[t->n++] = str_trim(str_cut(s, 0, arrow));
		t->cause = true;
		t->last_cause = t->n;
		s = token_rest(s, arrow + 5);
	}
	if (s.len && t->n < HEADLINES_MAX)
		t->heads[t->n++] = str_trim(s);
}

static void read_lines(struct trace *t, struct str s)
{
	bool after_file = false;
	while (s.len) {
		struct str raw = token_line(&s);
		struct line l = line_read(raw);
		bool indented = raw.len && (raw.p[0] == ' ' || raw.p[0] == '\t');
		if (l.kind == LINE_FRAME) {
			t->frames = true;
			t->python = t->python || str_istarts(l.s, "File \"") || str_istarts(l.s, "Traceback");
			after_file = str_istarts(l.s, "File \"");
			continue;
		}
		if (l.kind == LINE_CAUSE) {
			t->cause = true;
			t->last_cause = t->n;
		}
		if (l.kind != LINE_BLANK && !(t->python && indented && (after_file || l.s.p[0] == '^')))
			add_head(t, l.s);
		after_file = false;
	}
}

static struct str joined(struct arena *a, const struct trace *t, size_t from, size_t to)
{
	struct buf b = { 0 };
	for (size_t i = from; i < to; i++) {
		if (i > from)
			buf_add(&b, "\n", 1);
		buf_add(&b, t->heads[i].p, t->heads[i].len);
	}
	struct str s = arena_str(a, buf_str(&b));
	buf_clear(&b);
	return s;
}

/* Which headlines tell: those with a reply, else the innermost cause. */
static struct str choose(struct arena *a, const struct trace *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (!holds_reply(t->heads[i]))
			continue;
		size_t end = i + 1;
		while (end < t->n && (reply_code_at(t->heads[end].p, t->heads[end].len) ||
				      reply_status_at(t->heads[end].p, t->heads[end].len)))
			end++;
		return joined(a, t, i, end);
	}
	if (t->cause && t->last_cause < t->n)
		return joined(a, t, t->last_cause, t->n);
	return t->python ? t->heads[t->n - 1] : joined(a, t, 0, t->n);
}

bool tell_trace(struct arena *a, struct str s, struct told *out)
{
	struct trace t = { .n = 0 };
	read_lines(&t, s);
	if ((!t.frames && !t.cause) || !t.n)
		return false;
	out->text = choose(a, &t);
	return true;
}

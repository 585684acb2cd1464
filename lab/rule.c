/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/rule.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lab/spec.h"

enum { RULE_PARTS_MAX = 64 };

static const struct {
	const char *word;
	enum lab_act act;
	enum { TAKES_NONE, TAKES_TEXT, TAKES_TIME, TAKES_BOTH, MAY_TEXT } takes;
} words[] = {
	{ "send", ACT_SEND, TAKES_TEXT },
	{ "line", ACT_LINE, TAKES_TEXT },
	{ "hex", ACT_HEX, TAKES_TEXT },
	{ "sleep", ACT_SLEEP, TAKES_TIME },
	{ "drip", ACT_DRIP, TAKES_BOTH },
	{ "flood", ACT_FLOOD, TAKES_TEXT },
	{ "expect", ACT_EXPECT, MAY_TEXT },
	{ "challenge", ACT_CHALLENGE, MAY_TEXT },
	{ "tls", ACT_TLS, TAKES_NONE },
	{ "close", ACT_CLOSE, TAKES_NONE },
	{ "half-close", ACT_HALF_CLOSE, TAKES_NONE },
	{ "reset", ACT_RESET, TAKES_NONE },
	{ "silence", ACT_SILENCE, TAKES_NONE },
	{ "nothing", ACT_NOTHING, TAKES_NONE },
	{ "default", ACT_DEFAULT, TAKES_NONE },
	{ "again", ACT_AGAIN, TAKES_NONE },
	{ "redirect", ACT_REDIRECT, TAKES_TEXT },
};

static const char *const condition_keys[] = {
	/* texts */
	"client",
	"name",
	"from",
	"to",
	"user",
	"pass",
	"mech",
	"param",
	"line",
	"method",
	"path",
	"host",
	"form",
	"header",
	"headers",
	"body",
	"attachment",
	"has",
	"token",
	/* flags */
	"login",
	"tls",
	"esmtp",
	"right",
	"wrong",
	"start",
	"initial",
	/* numbers */
	"count",
	"total",
	"seen",
	"size",
	"age",
	"connections",
};

/* ---- actions */

static bool is_reply(struct str s)
{
	return s.len >= 3 && s.p[0] >= '1' && s.p[0] <= '9' && isdigit((unsigned char)s.p[1]) &&
	       isdigit((unsigned char)s.p[2]) && (s.len == 3 || s.p[3] == ' ' || s.p[3] == '-');
}

/* Only the blanks: a text to send keeps its CR LF. */
static struct str trim_blanks(struct str s)
{
	while (s.len && s.p[0] == ' ')
		s = str_cut(s, 1, s.len);
	while (s.len && s.p[s.len - 1] == ' ')
		s.len--;
	return s;
}

static bool read_time(struct str *rest, long long *ms)
{
	size_t n = 0;
	while (n < rest->len && rest->p[n] != ' ')
		n++;
	if (!spec_duration(str_cut(*rest, 0, n), ms) || *ms < 0)
		return false;
	*rest = str_cut(*rest, n < rest->len ? n + 1 : n, rest->len);
	return true;
}

static bool read_word(struct str s, struct arena *a, struct lab_action *out, char *why, size_t size)
{
	size_t n = 0;
	while (n < s.len && s.p[n] != ' ')
		n++;
	struct str word = str_cut(s, 0, n), rest = str_cut(s, n < s.len ? n + 1 : n, s.len);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!str_eq(word, words[i].word))
			continue;
		out->act = words[i].act;
		bool timed = words[i].takes == TAKES_TIME || words[i].takes == TAKES_BOTH;
		if (timed && !read_time(&rest, &out->ms)) {
			snprintf(why, size, "has no time after %s (500ms, 2s, 5m)", words[i].word);
			return false;
		}
		bool text = rest.len > 0;
		if (words[i].takes != MAY_TEXT &&
		    text != (words[i].takes == TAKES_TEXT || words[i].takes == TAKES_BOTH)) {
			snprintf(why, size, text ? "has too much after %s" : "has nothing after %s",
				 words[i].word);
			return false;
		}
		out->text = a ? arena_dup(a, rest.p, rest.len) : "";
		return true;
	}
	snprintf(why, size, "has an unknown action: " STR_FMT, STR_ARG(str_cut(word, 0, 40)));
	return false;
}

static bool read_action(struct str s, struct arena *a, struct lab_action *out, char *why, size_t size)
{
	*out = (struct lab_action){ 0 };
	s = trim_blanks(s);
	if (!s.len) {
		snprintf(why, size, "has an empty action");
		return false;
	}
	if (!is_reply(s))
		return read_word(s, a, out, why, size);
	out->act = ACT_REPLY;
	out->text = a ? arena_dup(a, s.p, s.len) : "";
	return true;
}

/* ---- conditions */

static bool known_key(struct str key)
{
	for (size_t i = 0; i < ARRAY_LEN(condition_keys); i++)
		if (str_eq(key, condition_keys[i]))
			return true;
	return false;
}

static size_t find_any(struct str s, const char *chars)
{
	size_t i = 0;
	while (i < s.len && !strchr(chars, s.p[i]))
		i++;
	return i;
}

/* "key.arg" and "'value'" around the operator; a NULL: nothing is kept. */
static void keep_condition(struct arena *a, struct str key, struct str value, struct lab_condition *out)
{
	size_t dot = find_any(key, ".");
	struct str arg = str_cut(key, dot + 1, key.len);
	if (!a)
		return;
	out->key = arena_dup(a, key.p, dot);
	out->arg = arena_dup(a, arg.p, arg.len);
	out->value = arena_dup(a, value.p, value.len);
}

static struct str without_quotes(struct str s)
{
	bool quoted = s.len >= 2 && s.p[0] == '\'' && s.p[s.len - 1] == '\'';
	return quoted ? str_cut(s, 1, s.len - 1) : s;
}

/* A number, or a time in milliseconds. */
static bool read_number(struct str value, long long *out)
{
	unsigned long n = 0;
	if (spec_duration(value, out))
		return true;
	bool ok = str_number(value, 1ul << 40, &n);
	*out = ok ? (long long)n : *out;
	return ok;
}

static bool read_condition(struct str s, struct arena *a, struct lab_condition *out, char *why, size_t size)
{
	*out = (struct lab_condition){ .negated = s.len && s.p[0] == '!' };
	s = str_cut(s, out->negated ? 1 : 0, s.len);
	size_t op = find_any(s, "=<>");
	struct str key = str_cut(s, 0, op), value = without_quotes(str_cut(s, op + 1, s.len));
	struct str name = str_cut(key, 0, find_any(key, "."));
	out->op = op < s.len ? s.p[op] : 0;
	if (!known_key(name)) {
		snprintf(why, size, "has an unknown condition: " STR_FMT, STR_ARG(str_cut(name, 0, 40)));
		return false;
	}
	if (!read_number(value, &out->number) && (out->op == '<' || out->op == '>')) {
		snprintf(why, size, "compares with what is no number: " STR_FMT,
			 STR_ARG(str_cut(value, 0, 40)));
		return false;
	}
	keep_condition(a, key, value, out);
	return true;
}

/* Takes the next condition; a quoted value may hold blanks. */
static bool next_condition(struct str *rest, struct str *one)
{
	*rest = trim_blanks(*rest);
	size_t i = 0;
	bool quoted = false;
	for (; i < rest->len && (quoted || rest->p[i] != ' '); i++)
		if (rest->p[i] == '\'')
			quoted = !quoted;
	*one = str_cut(*rest, 0, i);
	*rest = str_cut(*rest, i, rest->len);
	return one->len > 0;
}

/* ---- a rule */

/* The parts of a rule, as they are read. */
struct parts {
	struct lab_action actions[RULE_PARTS_MAX];
	struct lab_condition conditions[RULE_PARTS_MAX];
	size_t nactions, nconditions;
};

static bool read_conditions(struct str rest, struct arena *a, struct parts *p, char *why, size_t size)
{
	struct str one;
	while (p->nconditions < RULE_PARTS_MAX && next_condition(&rest, &one))
		if (!read_condition(one, a, &p->conditions[p->nconditions++], why, size))
			return false;
	return true;
}

static bool read_actions(const char *text, struct arena *a, struct parts *p, char *why, size_t size)
{
	while (text && p->nactions < RULE_PARTS_MAX) {
		const char *bar = strstr(text, " | ");
		struct str one = { text, bar ? (size_t)(bar - text) : strlen(text) };
		if (!read_action(one, a, &p->actions[p->nactions++], why, size))
			return false;
		text = bar ? bar + 3 : NULL;
	}
	return true;
}

static void keep_parts(struct arena *a, const struct parts *p, struct lab_rule *out)
{
	out->nconditions = p->nconditions;
	out->nactions = p->nactions;
	out->conditions = arena_alloc(a, p->nconditions * sizeof(*out->conditions));
	out->actions = arena_alloc(a, p->nactions * sizeof(*out->actions));
	memcpy(out->conditions, p->conditions, p->nconditions * sizeof(*out->conditions));
	memcpy(out->actions, p->actions, p->nactions * sizeof(*out->actions));
}

/* a NULL: only checks. */
static bool read_rule(const char *text, struct arena *a, struct lab_rule *out, char *why, size_t size)
{
	struct parts p;
	p.nactions = p.nconditions = 0;
	const char *arrow = strstr(text, " -> ");
	struct str before = { text, arrow ? (size_t)(arrow - text) : 0 };
	if (!read_conditions(before, a, &p, why, size) ||
	    !read_actions(arrow ? arrow + 4 : text, a, &p, why, size))
		return false;
	if (a)
		keep_parts(a, &p, out);
	return true;
}

bool lab_rule_check(const char *text, char *why, size_t size)
{
	return read_rule(text, NULL, NULL, why, size);
}

struct lab_rules lab_rules_read(const struct strlist *l, struct arena *a)
{
	struct lab_rules r = { 0 };
	r.v = arena_alloc(a, (l ? l->n : 0) * sizeof(*r.v));
	char why[120];
	for (size_t i = 0; l && i < l->n; i++)
		if (read_rule(l->v[i], a, &r.v[r.n], why, sizeof(why)))
			r.n++;
	return r;
}

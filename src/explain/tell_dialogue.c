/* SPDX-License-Identifier: Apache-2.0 */
/* A dialogue: which command failed, and the words of the server to it. */

#include "base/buf.h"
#include "catalog/token_note.h"
#include "explain/line.h"
#include "explain/tell_inner.h"
#include "explain/token.h"

enum { FAILURES_MAX = 100 };

/* One refusal: bytes [from, to) of the text are the reply. */
struct failure {
	enum step step;
	struct str command; /* the line; empty before the first */
	size_t from, to;
	bool made_good; /* the same was accepted at a later try */
};

/* What is going on while the lines pass. */
struct dialogue {
	struct str text;
	enum step now;      /* of the last command */
	struct str command; /* ... its line */
	struct failure failures[FAILURES_MAX];
	size_t n;
	size_t last_from, last_to; /* the last reply */
	unsigned last_code;
	bool going_on;      /* the last line was one of a reply that goes on */
	bool answered;      /* the last command has its reply */
	bool collecting;    /* failures[n - 1] is being read */
	bool skip;          /* an answer to QUIT, RSET or NOOP matters little */
	struct str trouble; /* a line of the program: "*** TLS startup failed" */
	enum step trouble_step;
	struct str server; /* the line that names it */
	size_t commands, replies;
};

static void make_good(struct dialogue *d)
{
	if (d->now != STEP_EHLO && d->now != STEP_AUTH)
		return;
	for (size_t i = 0; i < d->n; i++)
		if (d->failures[i].step == d->now)
			d->failures[i].made_good = true;
}

static void begin_reply(struct dialogue *d, const struct line *l, size_t from)
{
	bool failing = l->code >= 400 && !d->skip && !(d->answered && d->n);
	if (!d->skip)
		d->last_from = from;
	d->collecting = failing && d->n < FAILURES_MAX;
	if (d->collecting)
		d->failures[d->n++] = (struct failure){ .step = d->now, .command = d->command, .from = from };
	else if (l->code < 300 && !d->skip)
		make_good(d);
	d->answered = d->answered || failing;
	if (!d->server.len && l->code == 220)
		d->server = l->s;
}

static void take_reply(struct dialogue *d, const struct line *l, size_t from, size_t to)
{
	bool goes_on = d->going_on && l->code == d->last_code;
	d->replies++;
	if (!goes_on)
		begin_reply(d, l, from);
	if (!d->skip)
		d->last_to = to;
	if (d->collecting)
		d->failures[d->n - 1].to = to;
	d->last_code = l->code;
	d->going_on = l->more;
}

static bool tells_trouble(struct str s)
{
	static const char *const words[] = { "error",         "fail",        "refused",      "timed out",
					     "timeout",       "closed",      "unable",       "could not",
					     "cannot",        "couldn't",    "lost",         "reset",
					     "unexpected",    "denied",      "no route",     "unknown",
					     "not supported", "not offered", "not available" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_ifind(s, words[i]) < s.len)
			return true;
	return false;
}

static void take_note(struct dialogue *d, const struct line *l)
{
	bool names = str_ifind(l->s, "connect") < l->s.len || str_ifind(l->s, "trying") < l->s.len;
	if (!d->server.len && names)
		d->server = l->s;
	/* That the line was closed after a refusal or a QUIT says nothing new. */
	bool parting = (d->n || d->skip) && str_ifind(l->s, "closed") < l->s.len;
	if (d->trouble.len || parting || !tells_trouble(l->s))
		return;
	d->trouble = l->s;
	d->trouble_step = d->now;
}

static void take_line(struct dialogue *d, const struct line *l, size_t from, size_t to)
{
	if (l->kind == LINE_COMMAND) {
		d->commands++;
		d->skip = l->step == STEP_COUNT;
		d->now = d->skip ? d->now : l->step;
		d->command = l->s;
		d->going_on = d->answered = false;
	} else if (l->kind == LINE_REPLY) {
		take_reply(d, l, from, to);
	} else if (l->kind == LINE_NOTE) {
		take_note(d, l);
	}
}

static bool read_all(struct dialogue *d, struct str s)
{
	*d = (struct dialogue){ .text = s, .now = STEP_BANNER };
	for (struct str rest = s; rest.len;) {
		size_t from = s.len - rest.len;
		struct line l = line_read(token_line(&rest));
		take_line(d, &l, from, s.len - rest.len);
	}
	return d->commands && (d->replies || d->trouble.len);
}

/* The lines of a reply, each without its marks. */
static struct str reply_lines(struct arena *a, struct str s)
{
	struct buf b = { 0 };
	while (s.len) {
		struct line l = line_read(token_line(&s));
		if (l.kind != LINE_REPLY)
			continue;
		if (b.len)
			buf_add(&b, "\n", 1);
		buf_add(&b, l.s.p, l.s.len);
	}
	struct str text = arena_str(a, buf_str(&b));
	buf_clear(&b);
	return text;
}

static const struct failure *first_failure(const struct dialogue *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!d->failures[i].made_good)
			return &d->failures[i];
	return NULL;
}

/* A server tells why a token was refused in a 334 before the 535. */
static const char *note_before(struct arena *a, const struct dialogue *d, const struct failure *f)
{
	struct token_note note;
	bool noted = f->step == STEP_AUTH && token_note_find(a, str_cut(d->text, 0, f->from), &note);
	return noted ? token_note_text(a, &note) : "";
}

static void give_failure(struct arena *a, const struct dialogue *d, const struct failure *f, struct told *out)
{
	struct str said = reply_lines(a, str_cut(d->text, f->from, f->to));
	const char *why = note_before(a, d, f);
	out->step = step_name(f->step);
	out->text = said;
	out->command = f->command;
	if (*why)
		out->text = str_of(arena_printf(a, STR_FMT "\n%s", STR_ARG(said), why));
}

bool tell_dialogue(struct arena *a, struct str s, struct told *out)
{
	struct dialogue d;
	if (!read_all(&d, s))
		return false;
	const struct failure *f = first_failure(&d);
	if (f) {
		give_failure(a, &d, f, out);
	} else if (d.trouble.len) {
		bool early = d.trouble_step == STEP_BANNER && !d.replies;
		out->text = d.trouble;
		out->step = step_name(early ? STEP_CONNECT : d.trouble_step);
	} else {
		out->text = reply_lines(a, str_cut(s, d.last_from, d.last_to));
		out->step = step_name(d.now);
	}
	return true;
}

/* The first refusal is the cause of those that follow, but each recipient stands for itself. */
bool tell_dialogue_pieces(struct arena *a, struct str s, struct strlist *out)
{
	struct dialogue d;
	if (!read_all(&d, s))
		return false;
	const struct failure *first = first_failure(&d);
	size_t pieces = 0;
	for (const struct failure *f = first; f && f < d.failures + d.n; f++)
		pieces += f == first || (f->step == STEP_RCPT && first->step == STEP_RCPT);
	if (pieces < 2)
		return strlist_add(out, a, arena_dup(a, s.p, s.len)), true;
	for (const struct failure *f = first; f < d.failures + d.n; f++) {
		if (f->step != STEP_RCPT)
			continue;
		struct str reply = str_trim(str_cut(s, f->from, f->to));
		strlist_add(out, a,
			    arena_printf(a, STR_FMT "\n" STR_FMT "\n" STR_FMT, STR_ARG(d.server),
					 STR_ARG(f->command), STR_ARG(reply)));
	}
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A dialogue: which command failed, and the words of the server to it. */
#include <string.h>

#include "base/buf.h"
#include "explain/line.h"
#include "explain/tell_inner.h"
#include "explain/token.h"

enum { REPLY_LINES_MAX = 64 };

/* What is going on while the lines pass. */
struct dialogue {
	enum step now;    /* of the last command */
	enum step failed; /* of the first failing reply that was not made good; STEP_COUNT none */
	struct buf reply; /* its lines */
	struct buf last;  /* the last reply's lines */
	unsigned last_code;
	bool going_on;      /* the last line was one of a reply that goes on */
	bool collecting;    /* ... and that reply is the failing one */
	struct str trouble; /* a line of the program: "*** TLS startup failed" */
	enum step trouble_step;
	size_t commands, replies;
	bool skip; /* an answer to QUIT, RSET or NOOP matters little */
};

static void add_line(struct buf *b, struct str s)
{
	if (b->len)
		buf_add(b, "\n", 1);
	buf_add(b, s.p, s.len);
}

static bool is_failing(unsigned code)
{
	return code >= 400;
}

/* An EHLO or a login that worked at the second try. */
static void make_good(struct dialogue *d)
{
	if (d->failed != d->now || (d->now != STEP_EHLO && d->now != STEP_AUTH))
		return;
	d->failed = STEP_COUNT;
	buf_clear(&d->reply);
}

static void take_reply(struct dialogue *d, const struct line *l)
{
	bool goes_on = d->going_on && l->code == d->last_code;
	d->replies++;
	if (!goes_on) {
		buf_clear(&d->last);
		d->collecting = is_failing(l->code) && d->failed == STEP_COUNT && !d->skip;
		if (d->collecting)
			d->failed = d->now;
		else if (l->code < 300 && !d->skip)
			make_good(d);
	}
	add_line(&d->last, l->s);
	if (d->collecting)
		add_line(&d->reply, l->s);
	d->last_code = l->code;
	d->going_on = l->more;
}

static bool tells_trouble(struct str s)
{
	static const char *const words[] = { "error",      "fail",     "refused",  "timed out",
					     "timeout",    "closed",   "unable",   "could not",
					     "cannot",     "couldn't", "lost",     "reset",
					     "unexpected", "denied",   "no route", "unknown" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_ifind(s, words[i]) < s.len)
			return true;
	return false;
}

static void take_line(struct dialogue *d, const struct line *l)
{
	if (l->kind == LINE_COMMAND) {
		d->commands++;
		d->skip = l->step == STEP_COUNT;
		d->now = d->skip ? d->now : l->step;
		d->going_on = false;
	} else if (l->kind == LINE_REPLY) {
		take_reply(d, l);
	} else if (l->kind == LINE_NOTE && tells_trouble(l->s)) {
		d->trouble = l->s;
		d->trouble_step = d->now;
	}
}

static void give(struct arena *a, struct dialogue *d, struct told *out)
{
	if (d->failed != STEP_COUNT) {
		out->text = arena_str(a, buf_str(&d->reply));
		out->step = step_name(d->failed);
	} else if (d->trouble.len) {
		out->text = d->trouble;
		out->step = step_name(d->trouble_step == STEP_BANNER && !d->replies ? STEP_CONNECT
										    : d->trouble_step);
	} else {
		out->text = arena_str(a, buf_str(&d->last));
		out->step = step_name(d->now);
	}
}

bool tell_dialogue(struct arena *a, struct str s, struct told *out)
{
	struct dialogue d = { .now = STEP_BANNER, .failed = STEP_COUNT };
	while (s.len) {
		struct line l = line_read(token_line(&s));
		take_line(&d, &l);
	}
	bool found = d.commands && (d.replies || d.trouble.len);
	if (found)
		give(a, &d, out);
	buf_clear(&d.reply);
	buf_clear(&d.last);
	return found;
}

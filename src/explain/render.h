/* SPDX-License-Identifier: Apache-2.0 */
/* explain/render.h - answers and logs for people and programs: text, JSON, HTML, Markdown.
 *
 * A stream: any number of answers, or the fates of a log and what they come to;
 * nothing is kept but what one answer needs.  Whatever a server said is shown so
 * that it cannot steer a terminal, a page or a Markdown reader. */
#ifndef EXPLAIN_RENDER_H
#define EXPLAIN_RENDER_H

#include <stdio.h>

#include "base/err.h"
#include "base/format.h"
#include "explain/answer.h"
#include "explain/log/recent.h"
#include "explain/log/summary.h"

struct explain_show {
	bool color;       /* text: ANSI colours */
	bool ascii;       /* text: nothing but ASCII */
	unsigned width;   /* text: columns; 0: 80 */
	bool verbose;     /* which rules said so, all of a long text, what is little likely */
	bool brief;       /* --quiet: one line an answer */
	bool many;        /* several answers are to be expected: each is said which it is; JSON lines */
	bool lines;       /* --lines: short answers */
	bool all;         /* logs: each fate, what went well too */
	long long zone_s; /* text: logs are shown in this zone, seconds east of UTC */
};

/* What became of a log. */
struct log_report {
	const char *name; /* of the file, "" standard input */
	const struct log_totals *totals;
	const struct log_digest *digest;
	const struct log_recent *recent;
	const struct explanation *first; /* the one thing to mend first, in full; NULL none */
	struct arena *arena;
	bool partial; /* stopped, or the file was cut off */
};

struct explain_renderer; /* owned by the caller */

struct explain_renderer *explain_renderer_new(enum render_format format, const struct explain_show *show,
					      FILE *out) MUST_USE;
/* More than one answer will come after all. */
void explain_renderer_many(struct explain_renderer *r);
void explain_render_answer(struct explain_renderer *r, const struct answer *a);
void explain_render_event(struct explain_renderer *r, const struct log_event *e);
void explain_render_log(struct explain_renderer *r, const struct log_report *l);
/* Ends the document.  False with *e when something could not be written; frees r. */
bool explain_renderer_end(struct explain_renderer **r, struct err *e) MUST_USE;

#endif

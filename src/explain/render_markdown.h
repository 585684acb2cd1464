/* SPDX-License-Identifier: Apache-2.0 */
/* explain/render_markdown.h - what the ticket of an answer and of a log share. */
#ifndef EXPLAIN_RENDER_MARKDOWN_H
#define EXPLAIN_RENDER_MARKDOWN_H

#include "base/markdown.h"
#include "explain/render_inner.h"

void explain_markdown_headline(FILE *out, enum answer_word word, const char *text);
void explain_markdown_cause(struct explain_renderer *r, struct arena *a, const struct explanation *x,
			    const struct cause *c);

void explain_markdown_event(struct explain_renderer *r, const struct log_event *e);
void explain_markdown_log(struct explain_renderer *r, const struct log_report *l);

#endif

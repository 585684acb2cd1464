/* SPDX-License-Identifier: Apache-2.0 */
/* explain/render_text.h - what the text of an answer and of a log share. */
#ifndef EXPLAIN_RENDER_TEXT_H
#define EXPLAIN_RENDER_TEXT_H

#include "explain/render_inner.h"

enum paper_style explain_text_style(enum answer_word word);
/* At most so many bytes, with "..." where something was cut. */
const char *explain_text_clipped(struct arena *a, const char *text, size_t most);
void explain_text_headline(struct paper *p, enum answer_word word, const char *text);
/* Why, what to do, how sure, proof. */
void explain_text_cause(struct explain_renderer *r, struct arena *a, const struct explanation *x,
			const struct cause *c);

void explain_text_event(struct explain_renderer *r, const struct log_event *e);
void explain_text_log(struct explain_renderer *r, const struct log_report *l);

#endif

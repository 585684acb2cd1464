/* SPDX-License-Identifier: Apache-2.0 */
/* explain/render_html.h - what the page of an answer and of a log share. */
#ifndef EXPLAIN_RENDER_HTML_H
#define EXPLAIN_RENDER_HTML_H

#include "explain/render_inner.h"

void explain_html_begin(struct explain_renderer *r, const char *about); /* the page's head, or a rule */
void explain_html_cause(struct explain_renderer *r, struct arena *a, const struct explanation *x,
			const struct cause *c);

void explain_html_event(struct explain_renderer *r, const struct log_event *e);
void explain_html_log(struct explain_renderer *r, const struct log_report *l);

#endif

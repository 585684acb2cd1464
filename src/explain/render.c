/* SPDX-License-Identifier: Apache-2.0 */
/* The forms an answer can take: a table. */
#include <stdlib.h>

#include "explain/render_inner.h"

static const struct explain_form *const forms[RENDER_FORMATS] = {
	[RENDER_TEXT] = &explain_form_text,
	[RENDER_JSON] = &explain_form_json,
	[RENDER_HTML] = &explain_form_html,
	[RENDER_MARKDOWN] = &explain_form_markdown,
};

struct explain_renderer *explain_renderer_new(enum render_format format, const struct explain_show *show,
					      FILE *out)
{
	struct explain_renderer *r = mem_alloc(sizeof(*r));
	r->form = forms[format];
	r->show = *show;
	r->out = out;
	r->paper = paper_of(out, show->width, show->color, show->ascii);
	return r;
}

void explain_renderer_many(struct explain_renderer *r)
{
	r->show.many = true;
}

void explain_render_answer(struct explain_renderer *r, const struct answer *a)
{
	r->form->answer(r, a);
	r->answers++;
}

void explain_render_event(struct explain_renderer *r, const struct log_event *e)
{
	r->form->event(r, e);
}

void explain_render_log(struct explain_renderer *r, const struct log_report *l)
{
	r->form->log(r, l);
	r->answers++;
}

bool explain_renderer_end(struct explain_renderer **r, struct err *e)
{
	FILE *out = (*r)->out;
	(*r)->form->end(*r);
	free(*r);
	*r = NULL;
	return (!fflush(out) && !ferror(out)) || ERR_FILL(e, ERR_SYS, 0, "write", "the answer");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The forms an answer can take: a table. */
#include "check/render_inner.h"

static render_fn *const renderers[RENDER_FORMATS] = {
	[RENDER_TEXT] = render_text,
	[RENDER_JSON] = render_json,
	[RENDER_HTML] = render_html,
	[RENDER_MARKDOWN] = render_markdown,
};

bool render_verdict(const struct verdict *v, enum render_format format, const struct render_options *o,
		    FILE *out, struct err *e)
{
	return renderers[format](v, o, out, e);
}

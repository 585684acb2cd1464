/* SPDX-License-Identifier: Apache-2.0 */
/* The forms an answer can take: a table. */
#include <string.h>

#include "check/render_internal.h"

static const struct {
	const char *name;
	render_fn *render;
} formats[RENDER_FORMATS] = {
	[RENDER_TEXT] = { "text", render_text },
	[RENDER_JSON] = { "json", render_json },
	[RENDER_HTML] = { "html", render_html },
	[RENDER_MARKDOWN] = { "markdown", render_markdown },
};

bool render_verdict(const struct verdict *v, enum render_format format, const struct render_options *o,
		    FILE *out, struct err *e)
{
	return formats[format].render(v, o, out, e);
}

const char *render_format_name(enum render_format f)
{
	return formats[f].name;
}

bool render_format_of(const char *name, enum render_format *f)
{
	for (unsigned i = 0; i < RENDER_FORMATS; i++)
		if (!strcmp(formats[i].name, name)) {
			*f = (enum render_format)i;
			return true;
		}
	return false;
}

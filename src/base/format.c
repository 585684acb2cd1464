/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format.h"

#include "base/str.h"

static const char *const names[RENDER_FORMATS] = {
	[RENDER_TEXT] = "text",
	[RENDER_JSON] = "json",
	[RENDER_HTML] = "html",
	[RENDER_MARKDOWN] = "markdown",
};

const char *render_format_name(enum render_format f)
{
	return names[f];
}

bool render_format_of(const char *name, enum render_format *f)
{
	for (unsigned i = 0; i < RENDER_FORMATS; i++)
		if (z_eq(names[i], name)) {
			*f = (enum render_format)i;
			return true;
		}
	return false;
}

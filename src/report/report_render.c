/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_inner.h"

bool report_render(const struct report *r, enum render_format format, FILE *out, struct err *e)
{
	return format == RENDER_HTML ? report_html(r, out, e) : report_markdown(r, out, e);
}

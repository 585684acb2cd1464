/* SPDX-License-Identifier: Apache-2.0 */
#include "web/metrics_label.h"

void metrics_label(struct buf *b, const char *value)
{
	for (const char *p = value; *p; p++)
		if (*p == '\n')
			buf_adds(b, "\\n");
		else if (*p == '"' || *p == '\\')
			buf_addf(b, "\\%c", *p);
		else
			buf_add(b, p, 1);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/tell.h"

#include <string.h>

#include "explain/line.h"
#include "explain/tell_inner.h"
#include "explain/token.h"

void tell(struct arena *a, struct str clean, struct told *out)
{
	*out = (struct told){ .text = clean, .whole = clean, .step = "" };
	if (!clean.len)
		return;
	bool lines = memchr(clean.p, '\n', clean.len) != NULL;
	if (lines && tell_dialogue(a, clean, out))
		return;
	if ((lines || str_ifind(clean, "--->") < clean.len || str_ifind(clean, "stack trace:") < clean.len) &&
	    tell_trace(a, clean, out))
		clean = out->text;
	if (!lines)
		out->text = clean = line_read(clean).s;
	if (tell_mail_log(a, clean, out))
		return;
}

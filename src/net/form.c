/* SPDX-License-Identifier: Apache-2.0 */
#include "net/form.h"

#include <string.h>

void form_add_coded(struct buf *out, const char *s)
{
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	for (; *s; s++) {
		if (strchr(unreserved, *s))
			buf_add(out, s, 1);
		else
			buf_addf(out, "%%%02X", (unsigned char)*s);
	}
}

void form_add_field(struct buf *form, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	if (buf_waiting(form))
		buf_adds(form, "&");
	buf_adds(form, name);
	buf_adds(form, "=");
	form_add_coded(form, value);
}

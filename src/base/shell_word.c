/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shell_word.h"

#include <string.h>

#include "base/buf.h"

const char *shell_word(struct arena *a, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-+,:@%";
	CLEANUP(buf_clear) struct buf b = { 0 };
	if (*s && !s[strspn(s, plain)])
		return s;
	buf_adds(&b, "'");
	for (; *s; s++)
		if (*s == '\'')
			buf_adds(&b, "'\\''");
		else
			buf_add(&b, s, 1);
	buf_adds(&b, "'");
	return arena_str(a, buf_str(&b)).p;
}

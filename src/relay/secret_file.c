/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/secret_file.h"

#include <errno.h>
#include <stdio.h>

bool secret_read(const char *path, struct buf *out, struct err *e)
{
	char text[SECRET_BYTES_MAX];
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f)
		return ERR_FILL(e, ERR_SYS, errno, "open", "%s", path);
	setvbuf(f, NULL, _IONBF, 0); /* no copy of it stays behind */
	size_t n = fread(text, 1, sizeof(text), f), end = 0;
	while (end < n && text[end] != '\n' && text[end] != '\r')
		end++;
	bool ok = end && buf_add(out, text, end) && buf_add(out, "", 1);
	mem_wipe(text, sizeof(text));
	return ok || ERR_FILL(e, ERR_SYNTAX, 0, "read", "%s: its first line is empty", path);
}

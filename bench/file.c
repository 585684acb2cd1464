/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <stdio.h>

bool file_read(struct arena *a, const char *path, struct str *out)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f || fseek(f, 0, SEEK_END) != 0)
		return false;
	long size = ftell(f);
	if (size < 0 || size > FILE_MAX)
		return false;
	rewind(f);
	char *p = arena_alloc(a, (size_t)size + 1);
	*out = (struct str){ p, fread(p, 1, (size_t)size, f) };
	return true;
}

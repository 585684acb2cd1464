/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum { FOLDER_DEPTH_OPEN = 16 };

const char *folder_make(struct arena *a, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = arena_printf(a, "%s/postrider-lab-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (mkdtemp(dir))
		return dir;
	ERR_FILL(e, ERR_SYS, errno, "make folder", "%s", dir);
	return NULL;
}

bool folder_write(const char *dir, const char *name, struct str text, struct err *e)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/%s", dir, name);
	CLEANUP(close_file) FILE *f = fopen(path, "we");
	if (!f || fwrite(text.p, 1, text.len, f) != text.len)
		return ERR_FILL(e, ERR_SYS, errno, "write file of the lab", "%s", path);
	return true;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void folder_remove(const char *dir)
{
	nftw(dir, remove_one, FOLDER_DEPTH_OPEN, FTW_DEPTH | FTW_PHYS);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/tested.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

static const char *folder_of(const char *folder, struct arena *a)
{
	return arena_printf(a, "%s/tested", folder);
}

const char *tested_path(const char *folder, const char *profile, const char *hash, struct arena *a)
{
	return arena_printf(a, "%s/%s.%s", folder_of(folder, a), profile, hash);
}

bool tested_has(const char *folder, const char *profile, const char *hash)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	return access(tested_path(folder, profile, hash, a), F_OK) == 0;
}

/* NAME "." HASH, of other settings. */
static bool is_older(const char *file, const char *profile, const char *hash)
{
	size_t n = strlen(profile);
	return !strncmp(file, profile, n) && file[n] == '.' && !strchr(file + n + 1, '.') &&
	       strcmp(file + n + 1, hash) != 0;
}

static void forget_older(const char *folder, const char *profile, const char *hash, struct arena *a)
{
	DIR *d = opendir(folder);
	for (const struct dirent *x; d && (x = readdir(d));)
		if (is_older(x->d_name, profile, hash))
			unlink(arena_printf(a, "%s/%s", folder, x->d_name));
	if (d)
		closedir(d);
}

/* The folder belongs to whom the data folder belongs: the relay may be another user. */
static void give_to_owner(const char *parent, const char *folder)
{
	struct stat st;
	if (!stat(parent, &st) && geteuid() == 0 && chown(folder, st.st_uid, st.st_gid)) {
		/* it stays root's, and can be read all the same */
	}
}

bool tested_note(const char *folder, const char *profile, const char *hash, const char *proof, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *own = folder_of(folder, a), *path = tested_path(folder, profile, hash, a);
	if (mkdir(own, 0755) && errno != EEXIST)
		return ERR_FILL(e, ERR_SYS, errno, "make folder", "%s", own);
	give_to_owner(folder, own);
	CLEANUP(close_file) FILE *f = fopen(path, "we");
	if (!f || fprintf(f, "%s\n", proof) < 0 || fflush(f))
		return ERR_FILL(e, ERR_SYS, errno, "write", "%s", path);
	forget_older(own, profile, hash, a);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/tested.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

#define FOLDER "tested"

const char *tested_path(const char *folder, const char *profile, const char *hash, struct arena *a)
{
	return arena_printf(a, "%s/" FOLDER "/%s.%s", folder, profile, hash);
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

static void forget_older(int dir, const char *profile, const char *hash)
{
	int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = own < 0 ? NULL : fdopendir(own);
	for (const struct dirent *x; d && (x = readdir(d));)
		if (is_older(x->d_name, profile, hash))
			unlinkat(dir, x->d_name, 0);
	if (d)
		closedir(d);
	else if (own >= 0)
		close(own);
}

/* The folder belongs to whom the data folder belongs: the relay may be another user. */
static void give_to_owner(int parent, int dir)
{
	struct stat st;
	if (!fstat(parent, &st) && geteuid() == 0 && fchown(dir, st.st_uid, st.st_gid)) {
		/* it stays root's, and can be read all the same */
	}
}

/* Root may write here, where that other user can put a link in the place of whatever is named. */
static int open_own(const char *folder)
{
	CLEANUP(close_fd) int parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0 || (mkdirat(parent, FOLDER, 0755) && errno != EEXIST))
		return -1;
	int dir = openat(parent, FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0)
		give_to_owner(parent, dir);
	return dir;
}

/* A new file, never one that is there: somebody's link. */
static bool write_new(int dir, const char *name, const char *proof)
{
	unlinkat(dir, name, 0);
	CLEANUP(close_fd)
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	return fd >= 0 && dprintf(fd, "%s\n", proof) > 0;
}

bool tested_note(const char *folder, const char *profile, const char *hash, const char *proof, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(close_fd) int dir = open_own(folder);
	if (dir < 0)
		return ERR_FILL(e, ERR_SYS, errno, "make folder", "%s/" FOLDER, folder);
	if (!write_new(dir, arena_printf(a, "%s.%s", profile, hash), proof))
		return ERR_FILL(e, ERR_SYS, errno, "write", "%s", tested_path(folder, profile, hash, a));
	forget_older(dir, profile, hash);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder that is there already belongs to whom it belongs. */
static bool make_folder(const char *data, const struct passwd *who, struct err *e)
{
	if (mkdir(data, 0700)) {
		if (errno == EEXIST)
			return true;
		ERR_FILL(e, ERR_SYS, errno, "make folder", "%s", data);
		return err_detail(e, "%s: make it, or name another as data = \"...\"", strerror(errno));
	}
	if (chown(data, who->pw_uid, who->pw_gid))
		return ERR_FILL(e, ERR_SYS, errno, "give folder to its user", "%s", data);
	return true;
}

bool privilege_become(const char *user, const char *data, struct err *e)
{
	if (geteuid() != 0 || !*user)
		return true;
	const struct passwd *who = getpwnam(user);
	if (!who) {
		ERR_FILL(e, ERR_USAGE, 0, "become user", "%s", user);
		return err_detail(e, "there is no such user: adduser --system --group %s", user);
	}
	if (!make_folder(data, who, e))
		return false;
	if (initgroups(user, who->pw_gid) || setgid(who->pw_gid) || setuid(who->pw_uid))
		return ERR_FILL(e, ERR_SYS, errno, "become user", "%s", user);
	if (who->pw_uid && (setuid(0) == 0 || seteuid(0) == 0))
		return ERR_FILL(e, ERR_SYS, 0, "become user", "%s: root comes back", user);
	return true;
}

/* ---- what another could read ---- */

/* Both are tried: what faccessat(2) answers goes by the mode alone before Linux 5.8, without ACLs. */
static bool may_enter(const char *folder, struct arena *a)
{
	struct stat st;
	return stat(arena_printf(a, "%s/.", folder), &st) == 0 || errno != EACCES;
}

static bool may_read(const char *path)
{
	struct stat st;
	if (stat(path, &st))
		return errno != EACCES;
	if (!S_ISREG(st.st_mode)) /* whoever writes to a pipe must not take this for his reader */
		return faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 || errno != EACCES;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno != EACCES;
	close(fd);
	return true;
}

/* The first folder on the way that may not be entered; else the file itself. */
static const char *bar_of(const char *path, struct arena *a)
{
	if (may_read(path))
		return NULL;
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		const char *folder = arena_dup(a, path, (size_t)(slash - path));
		if (!may_enter(folder, a))
			return folder;
	}
	return path;
}

/* real: where the path's links lead to; NULL unknown. */
static const char *bar_behind(const char *path, const char *real, struct arena *a)
{
	const char *bar = bar_of(path, a);
	return bar == path && real ? bar_of(arena_strdup(a, real), a) : bar;
}

struct former {
	gid_t *groups, group;
	int n;
	unsigned steps; /* of pose that were done */
};

static bool step(struct former *f, int no)
{
	f->steps += !no;
	return !no;
}

/* Root may not everywhere: a container without capabilities, a user namespace. */
static bool pose(const struct passwd *who, struct former *f, struct arena *a)
{
	f->group = getegid();
	f->n = getgroups(0, NULL);
	if (f->n < 0)
		return false;
	f->groups = arena_alloc(a, ((size_t)f->n + 1) * sizeof(*f->groups));
	f->n = getgroups(f->n, f->groups);
	return f->n >= 0 && step(f, initgroups(who->pw_name, who->pw_gid)) && step(f, setegid(who->pw_gid)) &&
	       step(f, seteuid(who->pw_uid));
}

/* What was done, backwards.  Whoever could not come back must not go on as half another. */
static void pose_no_more(const struct former *f)
{
	if ((f->steps > 2 && seteuid(0)) || (f->steps > 1 && setegid(f->group)) ||
	    (f->steps > 0 && setgroups((size_t)f->n, f->groups)))
		abort();
}

const char *privilege_bar(const char *user, const char *file, struct arena *a)
{
	CLEANUP(mem_free) char *real = realpath(file, NULL);
	if (geteuid() != 0)
		return bar_behind(file, real, a);
	const struct passwd *who = *user ? getpwnam(user) : NULL;
	if (!who)
		return NULL;
	struct former former = { 0 };
	const char *bar = pose(who, &former, a) ? bar_behind(file, real, a) : NULL;
	pose_no_more(&former);
	return bar;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
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

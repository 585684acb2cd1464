/* SPDX-License-Identifier: Apache-2.0 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/config.h"

static bool is_of_relay(const struct config *c)
{
	return *config_text(c, "data") || config_count(c, "listen");
}

const char *config_folder(const struct config *c, struct arena *a)
{
	const char *data = config_text(c, "data"), *slash = strrchr(config_path(c), '/');
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (*data && *data != '/' && slash)
		return arena_printf(a, "%.*s/%s", (int)(slash - config_path(c)), config_path(c), data);
	if (is_of_relay(c))
		return *data ? data : "/var/lib/postrider";
	if (state && *state == '/')
		return arena_printf(a, "%s/postrider", state);
	return arena_printf(a, "%s/.local/state/postrider", home && *home ? home : "/var/lib/postrider");
}

/* As a relay's first start would: the folder alone, and of the user it becomes. */
static void make_of_relay(const struct config *c, const char *path)
{
	const struct passwd *who =
		geteuid() == 0 && *config_text(c, "user") ? getpwnam(config_text(c, "user")) : NULL;
	if (mkdir(path, 0700) == 0 && who && chown(path, who->pw_uid, who->pw_gid))
		rmdir(path);
}

const char *config_folder_made(const struct config *c, struct arena *a)
{
	const char *path = config_folder(c, a);
	if (is_of_relay(c)) {
		make_of_relay(c, path);
		return path;
	}
	for (const char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/'))
		(void)mkdir(arena_dup(a, path, (size_t)(at - path)), 0700);
	(void)mkdir(path, 0700); /* whether it is there shows when it is written to */
	return path;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/who_may.h"

#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>

static const char usual[] = "postrider";

static const char *owner(const char *data)
{
	struct stat st;
	const struct passwd *p = data && stat(data, &st) == 0 && st.st_uid ? getpwuid(st.st_uid) : NULL;
	return p ? p->pw_name : usual;
}

const char *who_may(const char *data, struct arena *a)
{
	const char *typed = program_invocation_short_name;
	return arena_printf(a, "type it after sudo: sudo %s ...; or as who runs the relay: sudo -u %s %s ...",
			    typed, owner(data), typed);
}

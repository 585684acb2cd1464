/* SPDX-License-Identifier: Apache-2.0 */
#include "web/room.h"

#include <limits.h>
#include <sys/resource.h>

enum { FILES_OF_MAIL = 6144 };

unsigned long room_files(void)
{
	struct rlimit l;
	bool none = getrlimit(RLIMIT_NOFILE, &l) || l.rlim_cur == RLIM_INFINITY;
	return none ? ULONG_MAX : (unsigned long)l.rlim_cur;
}

/* All that mail leaves; where there are few, a quarter. */
unsigned room_connections(unsigned long files)
{
	unsigned long most = files / 4;
	if (files > FILES_OF_MAIL && files - FILES_OF_MAIL > most)
		most = files - FILES_OF_MAIL;
	return most < ROOM_MAX ? (unsigned)most : ROOM_MAX;
}

bool room_is_short(unsigned open, unsigned long files, int64_t now_ms, int64_t *told_ms, struct err *e)
{
	unsigned most = room_connections(files);
	bool few = !*told_ms && most < ROOM_FEW;
	if ((!few && open < most) || (*told_ms && now_ms < *told_ms + ROOM_AGAIN_MS))
		return false;
	*told_ms = now_ms;
	ERR_FILL(e, ERR_LIMIT, 0, "hold", "more than %u connections to the page and the API (open now: %u)",
		 most, open);
	if (most < ROOM_MAX)
		err_detail(e,
			   "the limit of open files is %lu: raise it (LimitNOFILE= of the service, or ulimit "
			   "-Hn) "
			   "and start again",
			   files);
	else
		err_detail(e, "programs that open a stream each could share one");
	return true;
}

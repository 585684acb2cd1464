/* SPDX-License-Identifier: Apache-2.0 */
#include "base/write.h"

#include <errno.h>
#include <unistd.h>

bool write_whole(int fd, struct str s)
{
	while (s.len) {
		ssize_t n = write(fd, s.p, s.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = str_cut(s, (size_t)n, s.len);
	}
	return true;
}

/* What failed long ago is tried once more: only that still has its errno. */
bool write_end(FILE *f, const char *what, struct err *e)
{
	bool failed = ferror(f);
	errno = 0;
	return (!fflush(f) && !failed) || ERR_FILL(e, ERR_SYS, errno, "write", "%s", what);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The key that signs return paths: as long-lived as the data folder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "relay/bounce/return_path.h"

static bool read_key(const char *path, struct scram_key *out, struct err *e)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return ERR_FILL(e, ERR_SYS, errno, "open the key of return paths", "%s", path);
	if (read(fd, out->b, sizeof(out->b)) == (ssize_t)sizeof(out->b))
		return true;
	ERR_FILL(e, ERR_SYNTAX, 0, "read the key of return paths", "%s", path);
	return err_detail(e,
			  "it is too short: remove it, and a new one is made (reports about mails that are "
			  "out now will be known by their Message-ID only)");
}

/* Whole or not at all; who comes second takes the first one's. */
static bool make_key(const char *data, const char *path, struct err *e)
{
	CLEANUP(mem_free) char *fresh = mem_printf("%s.new", path);
	struct scram_key k;
	unlink(fresh);
	CLEANUP(close_fd) int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	CLEANUP(close_fd) int dir = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && dir >= 0 && getrandom(&k, sizeof(k), 0) == (ssize_t)sizeof(k) &&
		  write(fd, &k, sizeof(k)) == (ssize_t)sizeof(k) && fsync(fd) == 0 &&
		  (link(fresh, path) == 0 || errno == EEXIST) && fsync(dir) == 0;
	int number = errno;
	mem_wipe(&k, sizeof(k));
	unlink(fresh);
	return ok ||
	       ERR_FILL(e, ERR_SYS, number, "make the key of return paths", "%s: %s", path, strerror(number));
}

bool return_path_key(const char *data, struct scram_key *out, struct err *e)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/return-path.key", data);
	return (access(path, F_OK) == 0 || make_key(data, path, e)) && read_key(path, out, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/fault_calls.h"

static struct {
	int code;  /* 0: works */
	int times; /* so many calls fail, then it works again */
} broken[CALLS];

static bool fails(enum call c)
{
	if (!broken[c].code || !broken[c].times)
		return false;
	broken[c].times--;
	errno = broken[c].code;
	return true;
}

#define WRAP(type, name, call, params, ...)                                                                  \
	type __real_##name params;                                                                           \
	type __wrap_##name params;                                                                           \
	type __wrap_##name params                                                                            \
	{                                                                                                    \
		return fails(call) ? -1 : __real_##name(__VA_ARGS__);                                        \
	}
WRAP(int, fdatasync, FDATASYNC, (int fd), fd)
WRAP(int, fsync, FSYNC, (int fd), fd)
WRAP(ssize_t, pwritev64, WRITE, (int fd, const struct iovec *v, int n, off_t at), fd, v, n, at)
WRAP(ssize_t, pwrite64, WRITE_ONE, (int fd, const void *p, size_t n, off_t at), fd, p, n, at)
WRAP(ssize_t, pread64, READ, (int fd, void *p, size_t n, off_t at), fd, p, n, at)
WRAP(ssize_t, preadv64, READ, (int fd, const struct iovec *v, int n, off_t at), fd, v, n, at)
WRAP(int, fallocate64, ALLOCATE, (int fd, int mode, off_t at, off_t n), fd, mode, at, n)
WRAP(int, fstatvfs64, STATVFS, (int fd, struct statvfs *v), fd, v)
WRAP(int, openat64, OPEN, (int dir, const char *name, int flags, mode_t mode), dir, name, flags, mode)

static bool garbage;

static ssize_t sqlite_pread(int fd, void *p, size_t n, off_t at)
{
	ssize_t got = __real_pread64(fd, p, n, at);
	if (__atomic_load_n(&garbage, __ATOMIC_SEQ_CST) && got >= 512)
		memset(p, 0xff, (size_t)got);
	return got;
}

static ssize_t sqlite_pwrite(int fd, const void *p, size_t n, off_t at)
{
	return fails(SQLITE_WRITE) ? -1 : __real_pwrite64(fd, p, n, at);
}

enum { FILES_MOST = 256 };

/* Every file the process may have, open. */
static int taken[FILES_MOST];
static size_t ntaken;

static void take_files(void)
{
	for (int fd; ntaken < ARRAY_LEN(taken) && (fd = dup(0)) >= 0;)
		taken[ntaken++] = fd;
}

static void give_files(void)
{
	while (ntaken)
		close(taken[--ntaken]);
}

void fault(enum call c, int code)
{
	fault_times(c, code, 1000000);
	if (c == FILES)
		take_files();
}

void fault_times(enum call c, int code, int times)
{
	broken[c].code = code;
	broken[c].times = times;
}

void mend(void)
{
	memset(broken, 0, sizeof(broken));
	give_files();
}

void fault_garbage(bool on)
{
	__atomic_store_n(&garbage, on, __ATOMIC_SEQ_CST);
}

void fault_calls_begin(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ FILES_MOST, FILES_MOST });
	vfs->xSetSystemCall(vfs, "pread", (sqlite3_syscall_ptr)sqlite_pread);
	vfs->xSetSystemCall(vfs, "pread64", (sqlite3_syscall_ptr)sqlite_pread);
	vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)sqlite_pwrite);
	vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)sqlite_pwrite);
}

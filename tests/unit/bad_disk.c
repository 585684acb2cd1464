/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/bad_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct bad_disk bad_disk = { .at = -1, .reads = -1, .given = -1 };
static bool short_of_next; /* the other half of short_of */

static bool is_file(int fd)
{
	struct stat st;
	return bad_disk.file && !fstat(fd, &st) &&
	       (st.st_ino == bad_disk.file || st.st_ino == bad_disk.besides);
}

/* Whoever reads it from its beginning comes once more; what he reads of it besides is of the same time. */
static bool is_given(off_t at)
{
	bad_disk.given -= bad_disk.given >= 0 && at == bad_disk.at;
	return bad_disk.given >= 0;
}

/* What of n bytes can be read; 0: nothing of them. */
static size_t readable(int fd, size_t n, off_t at)
{
	if (bad_disk.at < 0 || !bad_disk.reads || at + (off_t)n <= bad_disk.at || at >= bad_disk.at + PAGE ||
	    !is_file(fd) || is_given(at))
		return n;
	bad_disk.reads -= bad_disk.reads > 0;
	return at < bad_disk.at ? (size_t)(bad_disk.at - at) : 0;
}

static ssize_t fails(int code)
{
	errno = code;
	return -1;
}

ssize_t __real_pread64(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pread64(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pread64(int fd, void *p, size_t n, off_t at)
{
	if (short_of_next) {
		short_of_next = false;
		return fails(bad_disk.short_of);
	}
	size_t good = readable(fd, n, at);
	return n && !good ? fails(EIO) : __real_pread64(fd, p, good, at);
}

ssize_t __real_preadv64(int fd, const struct iovec *v, int n, off_t at);
ssize_t __wrap_preadv64(int fd, const struct iovec *v, int n, off_t at);
ssize_t __wrap_preadv64(int fd, const struct iovec *v, int n, off_t at)
{
	short_of_next = bad_disk.short_of != 0;
	return bad_disk.short_of ? fails(bad_disk.short_of) : __real_preadv64(fd, v, n, at);
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
	return bad_disk.sync_fails && is_file(fd) ? (int)fails(EIO) : __real_fdatasync(fd);
}

int __real_openat64(int dir, const char *name, int flags, mode_t mode);
int __wrap_openat64(int dir, const char *name, int flags, mode_t mode);
int __wrap_openat64(int dir, const char *name, int flags, mode_t mode)
{
	struct stat st;
	bool ours = bad_disk.open_fails && !fstatat(dir, name, &st, 0) && st.st_ino == bad_disk.file;
	return ours ? (int)fails(EIO) : __real_openat64(dir, name, flags, mode);
}

int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags)
{
	return bad_disk.names_fail ? (int)fails(EACCES) : __real_unlinkat(dir, name, flags);
}

int __real_renameat(int from, const char *old, int to, const char *name);
int __wrap_renameat(int from, const char *old, int to, const char *name);
int __wrap_renameat(int from, const char *old, int to, const char *name)
{
	return bad_disk.names_fail ? (int)fails(EACCES) : __real_renameat(from, old, to, name);
}

void bad_disk_well(void)
{
	bad_disk = (struct bad_disk){ .at = -1, .reads = -1, .given = -1 };
}

void bad_disk_file(struct place *p, const char *name)
{
	char path[128];
	struct stat st;
	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	assert_int_equal(stat(path, &st), 0);
	bad_disk.file = st.st_ino;
}

void bad_disk_segment(struct place *p, unsigned no)
{
	char name[32];
	snprintf(name, sizeof(name), "bodies/%010u.seg", no);
	bad_disk_file(p, name);
}

static ssize_t sqlite_pread(int fd, void *p, size_t n, off_t at)
{
	return __wrap_pread64(fd, p, n, at);
}

void bad_disk_sqlite(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	vfs->xSetSystemCall(vfs, "pread", (sqlite3_syscall_ptr)sqlite_pread);
	vfs->xSetSystemCall(vfs, "pread64", (sqlite3_syscall_ptr)sqlite_pread);
}

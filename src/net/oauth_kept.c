/* SPDX-License-Identifier: Apache-2.0 */
#include "net/oauth_kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"
#include "smtp/scram.h"

enum { LOOK_AGAIN_MS = 20 };

static const char lock_end[] = ".lock", fresh_end[] = ".new";

struct oauth_kept {
	char *folder, *name, *lock_name;
	int dir, lock; /* -1: not yet */
};

void oauth_kept_name(const struct oauth_options *o, char out[OAUTH_KEPT_NAME_BYTES])
{
	struct scram_key sum;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_wipe) struct buf all = { 0 };
	const char *token = o->refresh_token ? o->refresh_token : "";
	buf_addf(&all, "%s\n%s\n", o->client_id ? o->client_id : "", oauth_url(o, a));
	buf_add(&all, token, strcspn(token, "\r\n"));
	if (!scram_hash(buf_str(&all), &sum))
		abort(); /* out of memory */
	for (size_t i = 0; i < sizeof(sum.b); i++)
		snprintf(out + 2 * i, 3, "%02x", (unsigned)sum.b[i]);
}

/* ---- the folder: of the relay's user, who must not lead root's check elsewhere by a link ---- */

/* What root's check makes must not shut out the relay's own user. */
static void give(int fd, int owner_of)
{
	struct stat st;
	if (!geteuid() && !fstat(owner_of, &st) && st.st_uid)
		(void)!fchown(fd, st.st_uid, st.st_gid);
}

static int open_folder(const char *folder)
{
	return open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A folder that is new. */
static bool give_folder(int fd)
{
	CLEANUP(close_fd) int up = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (up < 0)
		return false;
	give(fd, up);
	return !fsync(up);
}

/* -1: errno. */
static int make_folder(const char *folder)
{
	bool made = !mkdir(folder, 0700);
	if (!made && errno != EEXIST)
		return -1;
	int fd = open_folder(folder);
	if (fd < 0 || !made || give_folder(fd))
		return fd;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

static int open_fresh(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		give(fd, dir);
	return fd;
}

/* Of a pipe no other end is waited for. */
static int open_regular(int dir, const char *name, int flags)
{
	struct stat st;
	int fd = openat(dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || (!fstat(fd, &st) && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

/* ---- the lock ---- */

static int open_lock(int dir, const char *name)
{
	int fd = open_fresh(dir, name);
	return fd < 0 && errno == EEXIST ? open_regular(dir, name, O_RDWR) : fd;
}

/* A lock of a file that oauth_kept_tidy() took away meanwhile is none. */
static bool hold(int fd)
{
	struct stat st;
	if (flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &st))
		return false;
	errno = EWOULDBLOCK;
	return st.st_nlink;
}

/* False: errno is EWOULDBLOCK or ENOENT where it is worth another try. */
static bool try_lock(struct oauth_kept *k)
{
	k->lock = open_lock(k->dir, k->lock_name);
	if (k->lock < 0)
		return false;
	if (hold(k->lock)) {
		(void)futimens(k->lock, NULL);
		return true;
	}
	int why = errno;
	close(k->lock);
	k->lock = -1;
	errno = why;
	return false;
}

static bool lock(struct net_loop *l, struct oauth_kept *k, uint64_t until_ms, struct err *e)
{
	k->dir = make_folder(k->folder);
	if (k->dir < 0)
		return ERR_FILL(e, ERR_SYS, errno, "keep refresh tokens in", "%s", k->folder);
	while (!try_lock(k)) {
		if (errno != EWOULDBLOCK && errno != ENOENT)
			return ERR_FILL(e, ERR_SYS, errno, "keep refresh tokens in", "%s", k->folder);
		if (net_loop_now_ms(l) >= until_ms || net_loop_interrupted(l))
			return ERR_FILL(e, ERR_LIMIT, 0, "wait for",
					"another sign-in with the same refresh token");
		net_loop_sleep(l, net_loop_now_ms(l) + LOOK_AGAIN_MS);
	}
	return true;
}

struct oauth_kept *oauth_kept_take(struct net_loop *l, const char *folder, const char *name,
				   uint64_t until_ms, struct err *e)
{
	struct oauth_kept *k = mem_alloc(sizeof(*k));
	k->folder = mem_strdup(folder);
	k->name = mem_strdup(name);
	k->lock_name = mem_printf("%s%s", name, lock_end);
	k->dir = k->lock = -1;
	if (!lock(l, k, until_ms, e))
		oauth_kept_leave(&k);
	return k;
}

void oauth_kept_leave(struct oauth_kept **kp)
{
	struct oauth_kept *k = *kp;
	if (!k)
		return;
	close_fd(&k->lock);
	close_fd(&k->dir);
	mem_free(&k->folder);
	mem_free(&k->name);
	mem_free(&k->lock_name);
	mem_free(kp);
}

/* ---- the token: one line ---- */

bool oauth_kept_is_none(const char *folder, const char *name)
{
	struct stat st;
	CLEANUP(mem_free) char *path = mem_printf("%s/%s", folder, name);
	bool there = !lstat(path, &st);
	return !there && (errno == ENOENT || errno == ENOTDIR);
}

/* It was whole when it came there: only damage cuts one, and the configured one was shown before it. */
static bool damaged(const struct oauth_kept *k, struct err *e)
{
	ERR_FILL(e, ERR_SYNTAX, 0, "read the newest refresh token in", "%s/%s", k->folder, k->name);
	return err_detail(e, "it is damaged: sign in anew, and put that refresh token into "
			     "refresh-token-file");
}

/* -1: errno. */
static ssize_t read_up_to(int fd, char *to, size_t room)
{
	size_t n = 0;
	ssize_t got = 0;
	while (n < room && (got = read(fd, to + n, room - n)) > 0)
		n += (size_t)got;
	return got < 0 ? got : (ssize_t)n;
}

bool oauth_kept_read(const struct oauth_kept *k, struct buf *out, struct err *e)
{
	char text[OAUTH_TOKEN_BYTES_MAX + 1]; /* with its line's end */
	CLEANUP(close_fd) int fd = open_regular(k->dir, k->name, O_RDONLY);
	if (fd < 0 && errno == ENOENT)
		return true;
	ssize_t n = fd < 0 ? -1 : read_up_to(fd, text, sizeof(text));
	int why = errno;
	bool whole = n > 1 && text[n - 1] == '\n';
	if (whole) {
		buf_add(out, text, (size_t)n - 1);
		buf_add(out, "", 1);
	}
	mem_wipe(text, sizeof(text));
	if (n < 0)
		return ERR_FILL(e, ERR_SYS, why, "read the newest refresh token in", "%s/%s", k->folder,
				k->name);
	return whole || damaged(k, e);
}

static bool write_fresh(const struct oauth_kept *k, const char *name, struct str text)
{
	(void)unlinkat(k->dir, name, 0); /* of who was killed */
	CLEANUP(close_fd) int fd = open_fresh(k->dir, name);
	return fd >= 0 && write_whole(fd, text) && !fdatasync(fd);
}

bool oauth_kept_keep(const struct oauth_kept *k, struct str token, struct err *e)
{
	CLEANUP(mem_free) char *fresh = mem_printf("%s%s", k->name, fresh_end);
	CLEANUP(buf_wipe) struct buf text = { 0 };
	buf_add(&text, token.p, token.len);
	buf_add(&text, "\n", 1);
	if (write_fresh(k, fresh, buf_str(&text)) && !renameat(k->dir, fresh, k->dir, k->name) &&
	    !fsync(k->dir))
		return true;
	return ERR_FILL(e, ERR_SYS, errno, "keep the new refresh token in", "%s", k->folder);
}

/* ---- those that nobody uses ---- */

void oauth_kept_touch(const char *folder, const char *name)
{
	CLEANUP(mem_free) char *lock_name = mem_printf("%s%s", name, lock_end);
	CLEANUP(close_fd) int dir = open_folder(folder);
	if (dir >= 0)
		(void)utimensat(dir, lock_name, NULL, AT_SYMLINK_NOFOLLOW); /* none came yet: no such file */
}

/* By who holds its lock. */
static void drop(int dir, const char *name, const char *lock_name)
{
	CLEANUP(mem_free) char *fresh = mem_printf("%s%s", name, fresh_end);
	(void)unlinkat(dir, fresh, 0);
	if (!unlinkat(dir, name, 0) || errno == ENOENT) /* the lock last: it says that there may be more */
		(void)unlinkat(dir, lock_name, 0);
}

static void forget(int dir, const char *lock_name, int64_t before_s)
{
	struct stat st;
	CLEANUP(mem_free) char *name = mem_printf("%.*s", OAUTH_KEPT_NAME_BYTES - 1, lock_name);
	CLEANUP(close_fd) int fd = open_regular(dir, lock_name, O_RDWR);
	if (fd >= 0 && hold(fd) && !fstat(fd, &st) && st.st_mtim.tv_sec < before_s)
		drop(dir, name, lock_name);
}

/* Kept in a form of before, which had no locks: nobody reads it. */
static void forget_unlocked(int dir, const char *name, int64_t before_s)
{
	struct stat st;
	CLEANUP(mem_free) char *lock_name = mem_printf("%s%s", name, lock_end);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || st.st_mtim.tv_sec >= before_s)
		return;
	CLEANUP(close_fd) int fd = open_fresh(dir, lock_name); /* where it has one, that says how old it is */
	if (fd >= 0 && hold(fd))
		drop(dir, name, lock_name);
}

void oauth_kept_tidy(const char *folder, int64_t before_s)
{
	int dir = open_folder(folder);
	DIR *d = dir < 0 ? NULL : fdopendir(dir);
	if (!d) {
		close_fd(&dir);
		return;
	}
	for (const struct dirent *f; (f = readdir(d));) {
		if (strspn(f->d_name, "0123456789abcdef") != OAUTH_KEPT_NAME_BYTES - 1)
			continue;
		const char *end = f->d_name + OAUTH_KEPT_NAME_BYTES - 1;
		if (!*end)
			forget_unlocked(dir, f->d_name, before_s);
		else if (!strcmp(end, lock_end))
			forget(dir, f->d_name, before_s);
	}
	closedir(d);
}

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
	char *folder, *path, *lock_path;
	int lock; /* -1: not yet */
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

/* ---- the lock ---- */

/* What root's check makes must not shut out the relay's own user. */
static void give(int fd, const char *owner_of)
{
	struct stat st;
	if (!geteuid() && !stat(owner_of, &st) && st.st_uid)
		(void)!fchown(fd, st.st_uid, st.st_gid);
}

static bool make_folder(const char *folder)
{
	CLEANUP(mem_free) char *above = mem_printf("%s/..", folder);
	if (mkdir(folder, 0700))
		return errno == EEXIST;
	CLEANUP(close_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP(close_fd) int up = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || up < 0)
		return false;
	give(fd, above);
	return !fsync(up);
}

static int open_fresh(const char *path, const char *folder)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		give(fd, folder);
	return fd;
}

static int open_lock(const char *path, const char *folder)
{
	int fd = open_fresh(path, folder);
	return fd < 0 && errno == EEXIST ? open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC) : fd;
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
	k->lock = open_lock(k->lock_path, k->folder);
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
	if (!make_folder(k->folder))
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
	k->path = mem_printf("%s/%s", folder, name);
	k->lock_path = mem_printf("%s/%s%s", folder, name, lock_end);
	k->lock = -1;
	if (!lock(l, k, until_ms, e))
		oauth_kept_leave(&k);
	return k;
}

void oauth_kept_leave(struct oauth_kept **kp)
{
	struct oauth_kept *k = *kp;
	if (!k)
		return;
	if (k->lock >= 0)
		close(k->lock);
	mem_free(&k->folder);
	mem_free(&k->path);
	mem_free(&k->lock_path);
	mem_free(kp);
}

/* ---- the token: one line ---- */

bool oauth_kept_read(const struct oauth_kept *k, struct buf *out, struct err *e)
{
	char text[OAUTH_TOKEN_BYTES_MAX + 1]; /* with its line's end */
	CLEANUP(close_file) FILE *f = fopen(k->path, "re");
	if (!f)
		return errno == ENOENT ||
		       ERR_FILL(e, ERR_SYS, errno, "read the newest refresh token in", "%s", k->path);
	setvbuf(f, NULL, _IONBF, 0); /* no copy of it stays behind */
	size_t n = fread(text, 1, sizeof(text), f);
	if (n > 1 && text[n - 1] == '\n') { /* else it is cut, and no token */
		buf_add(out, text, n - 1);
		buf_add(out, "", 1);
	}
	mem_wipe(text, sizeof(text));
	return true;
}

static bool sync_folder(const char *folder)
{
	CLEANUP(close_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && !fsync(fd);
}

static bool write_fresh(const struct oauth_kept *k, const char *path, struct str text)
{
	(void)unlink(path); /* of who was killed */
	CLEANUP(close_fd) int fd = open_fresh(path, k->folder);
	return fd >= 0 && write_whole(fd, text) && !fdatasync(fd);
}

bool oauth_kept_keep(const struct oauth_kept *k, struct str token, struct err *e)
{
	CLEANUP(mem_free) char *fresh = mem_printf("%s%s", k->path, fresh_end);
	CLEANUP(buf_wipe) struct buf text = { 0 };
	buf_add(&text, token.p, token.len);
	buf_add(&text, "\n", 1);
	if (write_fresh(k, fresh, buf_str(&text)) && !rename(fresh, k->path) && sync_folder(k->folder))
		return true;
	return ERR_FILL(e, ERR_SYS, errno, "keep the new refresh token in", "%s", k->folder);
}

/* ---- those that nobody uses ---- */

void oauth_kept_touch(const char *folder, const char *name)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/%s%s", folder, name, lock_end);
	(void)utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW); /* none came yet: there is no such file */
}

static void forget(const char *folder, const char *lock_name, int64_t before_s)
{
	struct stat st;
	CLEANUP(mem_free) char *lock_path = mem_printf("%s/%s", folder, lock_name);
	CLEANUP(mem_free)
	char *path = mem_printf("%s/%.*s", folder, OAUTH_KEPT_NAME_BYTES - 1, lock_name);
	CLEANUP(mem_free) char *fresh = mem_printf("%s%s", path, fresh_end);
	CLEANUP(close_fd) int fd = open(lock_path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !hold(fd) || fstat(fd, &st) || st.st_mtim.tv_sec >= before_s)
		return;
	(void)unlink(fresh);
	if (!unlink(path) || errno == ENOENT) /* the lock last: it says that there may be more */
		(void)unlink(lock_path);
}

void oauth_kept_tidy(const char *folder, int64_t before_s)
{
	DIR *d = opendir(folder);
	if (!d)
		return;
	for (const struct dirent *f; (f = readdir(d));)
		if (strlen(f->d_name) == OAUTH_KEPT_NAME_BYTES - 1 + strlen(lock_end) &&
		    !strcmp(f->d_name + OAUTH_KEPT_NAME_BYTES - 1, lock_end))
			forget(folder, f->d_name, before_s);
	closedir(d);
}

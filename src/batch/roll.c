/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/roll.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"
#include "batch/seen.h"

#define FOLDER  "batches"
#define NOTE    ".json"
#define JOURNAL ".journal"

enum {
	NAME_BYTES = 64,
	ATTEMPT = 't', /* no hexadecimal digit: a batch's id never begins so */
	SECOND_MS = 1000,
};

struct roll {
	int dir;
	uid_t uid; /* of the data folder: the files are given to him where root sends */
	gid_t gid;
	bool root;
};

void roll_attempt_id(const char *results, char out[ROLL_ID_BYTES])
{
	const struct str s = str_of(results);
	snprintf(out, ROLL_ID_BYTES, "%c%015" PRIx64, ATTEMPT, seen_mark(&s, 1).high >> 4);
}

static bool is_id(struct str s)
{
	if (s.len != ROLL_ID_BYTES - 1)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("0123456789abcdefrt", s.p[i]))
			return false;
	return true;
}

/* NULL: it is none of ours; else what follows the id. */
static const char *ending_of(const char *name)
{
	const struct str s = str_of(name), id = str_cut(s, 0, ROLL_ID_BYTES - 1);
	return is_id(id) ? name + id.len : NULL;
}

static bool is_ours(const char *name)
{
	const char *end = ending_of(name);
	unsigned long pid;
	return end && (!strcmp(end, NOTE) || !strcmp(end, JOURNAL) ||
		       (*end == '.' && str_number(str_of(end + 1), ULONG_MAX, &pid)));
}

/* ---- the sender ---- */

static int folder_of(const char *data)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/" FOLDER, data);
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The data folder's owner may be another than who sends: root. */
static void give(const struct roll *r, int fd)
{
	if (r->root && fchown(fd, r->uid, r->gid)) {
		/* it stays root's, and is not shown */
	}
}

struct roll *roll_open(const char *data)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/" FOLDER, data);
	CLEANUP(roll_free) struct roll *r = mem_alloc(sizeof(*r));
	struct stat st;
	r->dir = -1;
	if (stat(data, &st) || (mkdir(path, 0700) && errno != EEXIST))
		return NULL;
	r->uid = st.st_uid;
	r->gid = st.st_gid;
	r->root = geteuid() == 0;
	r->dir = folder_of(data);
	if (r->dir < 0 || faccessat(r->dir, ".", W_OK | X_OK, AT_EACCESS))
		return NULL;
	give(r, r->dir);
	return STEAL(r);
}

void roll_free(struct roll **rp)
{
	if (!*rp)
		return;
	close_fd(&(*rp)->dir);
	mem_free(rp);
}

/* A new file, never one that is there: somebody's link. */
static int create(const struct roll *r, const char *name)
{
	unlinkat(r->dir, name, 0);
	int fd = openat(r->dir, name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		give(r, fd);
	return fd;
}

bool roll_note(struct roll *r, const char *id, struct str lines)
{
	char name[NAME_BYTES], draft[NAME_BYTES];
	if (!is_id(str_of(id)))
		return false;
	snprintf(name, sizeof(name), "%s" NOTE, id);
	snprintf(draft, sizeof(draft), "%s.%ld", id, (long)getpid());
	int fd = create(r, draft);
	bool written = fd >= 0 && write_whole(fd, lines);
	close_fd(&fd);
	written = written && !renameat(r->dir, draft, r->dir, name);
	if (!written)
		unlinkat(r->dir, draft, 0);
	return written;
}

int roll_journal(struct roll *r, const char *id)
{
	char name[NAME_BYTES];
	snprintf(name, sizeof(name), "%s" JOURNAL, id);
	return is_id(str_of(id)) ? create(r, name) : -1;
}

void roll_drop(struct roll *r, const char *id)
{
	char name[NAME_BYTES];
	if (!is_id(str_of(id)))
		return;
	snprintf(name, sizeof(name), "%s" NOTE, id);
	unlinkat(r->dir, name, 0);
	snprintf(name, sizeof(name), "%s" JOURNAL, id);
	unlinkat(r->dir, name, 0);
}

static DIR *look_into(int dir)
{
	int fd = dir < 0 ? -1 : openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		close_fd(&fd);
	return d;
}

/* ---- both ---- */

void roll_forget(const char *data, int64_t before_ms)
{
	int dir = folder_of(data);
	DIR *d = look_into(dir);
	struct stat st;
	for (const struct dirent *x; d && (x = readdir(d));)
		if (is_ours(x->d_name) && !fstatat(dir, x->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    !S_ISDIR(st.st_mode) && st.st_mtime < before_ms / SECOND_MS)
			unlinkat(dir, x->d_name, 0);
	if (d)
		closedir(d);
	close_fd(&dir);
}

/* ---- the relay ---- */

struct noted {
	struct timespec at;
	char id[ROLL_ID_BYTES];
};

static int newest_first(const void *ap, const void *bp)
{
	const struct noted *a = ap, *b = bp;
	if (a->at.tv_sec != b->at.tv_sec)
		return a->at.tv_sec < b->at.tv_sec ? 1 : -1;
	return (a->at.tv_nsec < b->at.tv_nsec) - (a->at.tv_nsec > b->at.tv_nsec);
}

static bool take_noted(int dir, const char *name, struct noted *out)
{
	struct stat st;
	const char *end = ending_of(name);
	if (!end || strcmp(end, NOTE) != 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return false;
	out->at = st.st_mtim;
	memcpy(out->id, name, ROLL_ID_BYTES - 1);
	return true;
}

void roll_list(const char *data, struct arena *a, struct strlist *ids)
{
	struct noted *v = arena_alloc(a, 2UL * ROLL_NOTES_MAX * sizeof(*v));
	size_t n = 0;
	int dir = folder_of(data);
	DIR *d = look_into(dir);
	for (const struct dirent *x; d && (x = readdir(d));) {
		n += take_noted(dir, x->d_name, &v[n]);
		if (n < 2UL * ROLL_NOTES_MAX)
			continue;
		qsort(v, n, sizeof(*v), newest_first);
		n = ROLL_NOTES_MAX;
	}
	qsort(v, n, sizeof(*v), newest_first);
	for (size_t i = 0; i < n && i < ROLL_NOTES_MAX; i++)
		strlist_add(ids, a, v[i].id);
	if (d)
		closedir(d);
	close_fd(&dir);
}

struct str roll_read(const char *data, const char *id, int64_t since_ms, struct arena *a)
{
	char name[NAME_BYTES];
	struct stat st;
	struct str lines = STR_LIT("");
	if (!is_id(str_of(id)))
		return lines;
	snprintf(name, sizeof(name), "%s" NOTE, id);
	int dir = folder_of(data);
	int fd = dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	close_fd(&dir);
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= ROLL_NOTE_MAX &&
	    st.st_mtime >= since_ms / SECOND_MS) {
		char *p = arena_alloc(a, (size_t)st.st_size + 1);
		ssize_t n = read(fd, p, (size_t)st.st_size);
		lines = (struct str){ p, n > 0 ? (size_t)n : 0 };
	}
	close_fd(&fd);
	return lines;
}

const char *roll_journal_path(const char *data, const char *id, struct arena *a)
{
	struct stat st;
	const char *path = arena_printf(a, "%s/" FOLDER "/%s" JOURNAL, data, id);
	return is_id(str_of(id)) && !lstat(path, &st) && S_ISREG(st.st_mode) && st.st_size ? path : "";
}

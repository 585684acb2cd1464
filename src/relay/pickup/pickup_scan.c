/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/pickup/pickup_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/header.h"

struct scan {
	struct pickup_scan *s;
	const struct strlist *closed;
	int dir, taken_dir;
	uint64_t now_ms;
	struct arena *a;
	struct strlist *taken;
	bool waiting;
};

int pickup_name_kind(const char *name)
{
	static const char *const messages[] = { ".eml", ".mail", ".mai" };
	if (strchr(".~#", *name) || strlen(name) > PICKUP_NAME_BYTES)
		return 0;
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ') /* no name that fits a line */
			return 0;
	for (size_t i = 0; i < ARRAY_LEN(messages); i++)
		if (z_iends(name, messages[i]))
			return 1;
	return z_iends(name, ".txt") ? 2 : 0;
}

/* ---- what was seen ---- */

static struct pickup_seen *seen_of(struct pickup_scan *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].name, name))
			return &s->v[i];
	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->v = mem_grow(s->v, s->room, sizeof(*s->v));
	}
	s->v[s->n] = (struct pickup_seen){ .name = mem_strdup(name), .size = -1 };
	return &s->v[s->n++];
}

static void forget_gone(struct pickup_scan *s)
{
	size_t kept = 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].here)
			s->v[kept++] = s->v[i];
		else
			free(s->v[i].name);
	s->n = kept;
}

void pickup_scan_clear(struct pickup_scan *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].name);
	free(s->v);
	*s = (struct pickup_scan){ 0 };
}

/* ---- is it whole? ---- */

static bool is_whole(const struct scan *x, struct pickup_seen *f, const struct stat *st)
{
	long long mtime_ns = st->st_mtim.tv_sec * 1000000000LL + st->st_mtim.tv_nsec;
	if (f->size != st->st_size || f->mtime_ns != mtime_ns) {
		f->closed = false;
		f->since_ms = x->now_ms;
	}
	f->size = st->st_size;
	f->mtime_ns = mtime_ns;
	f->closed = f->closed || strlist_has(x->closed, f->name);
	return f->size > 0 && x->now_ms - f->since_ms >= (f->closed ? PICKUP_CLOSED_MS : PICKUP_STILL_MS);
}

/* A text is a mail when it begins like one; others may lie there to be attached. */
static bool begins_like_a_mail(struct scan *x, const char *name)
{
	static const char *const fields[] = { "To", "X-Receiver", "Subject", "From" };
	CLEANUP(close_fd) int fd = openat(x->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[PICKUP_PEEK_BYTES];
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));
	size_t bom = n > 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
	struct header h;
	header_read(x->a, (struct str){ text + bom, n > 0 ? (size_t)n - bom : 0 }, &h);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (header_find(&h, fields[i], 0))
			return true;
	return false;
}

/* Nobody else has it from now on.  One of the same name that is still being handed in comes first. */
static bool take(struct scan *x, const char *name)
{
	return !renameat2(x->dir, name, x->taken_dir, name, RENAME_NOREPLACE);
}

static void look_at(struct scan *x, const char *name)
{
	struct stat st;
	int kind = pickup_name_kind(name);
	if (!kind || fstatat(x->dir, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return;
	struct pickup_seen *f = seen_of(x->s, name);
	f->here = true;
	bool whole = is_whole(x, f, &st);
	if (whole && kind == 2 && !begins_like_a_mail(x, name))
		return; /* until it changes it is looked at again at leisure */
	if (whole && take(x, name)) {
		strlist_add(x->taken, x->a, name);
		f->here = false;
		return;
	}
	x->waiting = true;
}

/* ---- folders ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of their names, so that numbered files go out in order. */
static bool read_names(int dir, struct arena *a, struct strlist *out)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	if (!d) {
		if (copy >= 0)
			close(copy);
		return false;
	}
	for (struct dirent *x; out->n < PICKUP_NAMES_MAX && (x = readdir(d));)
		if (pickup_name_kind(x->d_name))
			strlist_add(out, a, x->d_name);
	closedir(d);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_name);
	return true;
}

static int open_folder(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		ERR_FILL(e, ERR_SYS, errno, "open the pick-up folder", "%s", path);
		err_detail(e, "%s: make it, and let the relay's user read and write there", strerror(errno));
	}
	return fd;
}

static int open_taken(int dir, const char *path, struct err *e)
{
	if (mkdirat(dir, PICKUP_TAKEN, 0770) && errno != EEXIST) {
		ERR_FILL(e, ERR_SYS, errno, "make folder", "%s/" PICKUP_TAKEN, path);
		err_detail(e, "%s: let the relay's user write in that folder", strerror(errno));
		return -1;
	}
	return openat(dir, PICKUP_TAKEN, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool pickup_scan(struct pickup_scan *s, const char *folder, const struct strlist *closed, uint64_t now_ms,
		 struct arena *a, struct strlist *taken, bool *waiting, struct err *e)
{
	struct strlist names = { 0 };
	CLEANUP(close_fd) int dir = open_folder(folder, e);
	CLEANUP(close_fd) int taken_dir = dir < 0 ? -1 : open_taken(dir, folder, e);
	struct scan x = { s, closed, dir, taken_dir, now_ms, a, taken, false };
	if (taken_dir < 0 || !read_names(taken_dir, a, taken) || !read_names(dir, a, &names))
		return e->kind != ERR_NONE
			       ? false
			       : ERR_FILL(e, ERR_SYS, errno, "read the pick-up folder", "%s", folder);
	for (size_t i = 0; i < s->n; i++)
		s->v[i].here = false;
	for (size_t i = 0; i < names.n; i++)
		look_at(&x, names.v[i]);
	forget_gone(s);
	*waiting = x.waiting;
	return true;
}

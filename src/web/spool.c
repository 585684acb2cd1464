/* SPDX-License-Identifier: Apache-2.0 */
#include "web/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024, AT_BYTES = 200 };

struct spool {
	int dir, fd;
	char *name;
	uint64_t sent, size; /* bytes of the file: delivered, in all */
	uint64_t before;     /* bytes delivered before the file's first */
	struct store_place place;
};

static bool fault(struct err *e, const char *doing, const struct spool *s)
{
	return ERR_FILL(e, ERR_SYS, errno, doing, "what waits for the webhook %s", s->name);
}

/* ---- what was delivered ---- */

/* SENT BEFORE SEGMENT OFFSET */
static bool read_at(struct spool *s, struct err *e)
{
	char text[AT_BYTES] = "", path[300];
	unsigned long long v[4];
	snprintf(path, sizeof(path), "%s.at", s->name);
	CLEANUP(close_fd) int fd = openat(s->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fault(e, "read", s);
	if (read(fd, text, sizeof(text) - 1) < 0 ||
	    sscanf(text, "%llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3]) != 4)
		return fault(e, "read", s);
	s->sent = v[0];
	s->before = v[1];
	s->place = (struct store_place){ (uint32_t)v[2], v[3] };
	return true;
}

static bool write_at(struct spool *s, struct err *e)
{
	char text[AT_BYTES], path[300], fresh[310];
	snprintf(path, sizeof(path), "%s.at", s->name);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	int n = snprintf(text, sizeof(text), "%llu %llu %lu %llu\n", (unsigned long long)s->sent,
			 (unsigned long long)s->before, (unsigned long)s->place.segment,
			 (unsigned long long)s->place.offset);
	CLEANUP(close_fd)
	int fd = openat(s->dir, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, text, (size_t)n) != n || fdatasync(fd))
		return fault(e, "write", s);
	return !renameat(s->dir, fresh, s->dir, path) || fault(e, "write", s);
}

/* ---- life ---- */

/* A line that was cut off by a crash goes: it is found again in the store. */
static bool cut_tail(struct spool *s, struct err *e)
{
	char last = '\n';
	while (s->size && (pread(s->fd, &last, 1, (off_t)s->size - 1) != 1 || last != '\n'))
		s->size--;
	return !ftruncate(s->fd, (off_t)s->size) || fault(e, "write", s);
}

static bool open_files(struct spool *s, bool *fresh, struct err *e)
{
	char path[300];
	struct stat st;
	struct err none = { 0 };
	snprintf(path, sizeof(path), "%s.spool", s->name);
	s->fd = openat(s->dir, path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->fd < 0 || fstat(s->fd, &st))
		return fault(e, "open", s);
	s->size = (uint64_t)st.st_size;
	*fresh = !read_at(s, &none);
	if (*fresh)
		s->sent = s->before = 0;
	if (!cut_tail(s, e))
		return false;
	if (s->sent > s->size)
		s->sent = 0;
	return true;
}

static bool is_name(const char *name)
{
	return *name && strlen(name) < 100 && *name != '.' && !strchr(name, '/');
}

bool spool_open(const char *folder, const char *name, struct spool **out, bool *fresh, struct err *e)
{
	CLEANUP(spool_close) struct spool *s = mem_alloc(sizeof(*s));
	CLEANUP(mem_free) char *path = mem_printf("%s/webhooks", folder);
	s->name = mem_strdup(name);
	s->dir = s->fd = -1;
	if (!is_name(name))
		return ERR_FILL(e, ERR_USAGE, 0, "name a webhook", "\"%s\"", name);
	if (mkdir(path, 0700) && errno != EEXIST)
		return fault(e, "make the folder of", s);
	s->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return fault(e, "open the folder of", s);
	if (!open_files(s, fresh, e))
		return false;
	*out = STEAL(s);
	return true;
}

void spool_close(struct spool **sp)
{
	struct spool *s = *sp;
	if (!s)
		return;
	close_fd(&s->fd);
	close_fd(&s->dir);
	free(s->name);
	mem_free(sp);
}

/* ---- lines ---- */

bool spool_add(struct spool *s, struct str lines, struct err *e)
{
	if (s->size - s->sent + lines.len > SPOOL_BYTES_MAX) {
		ERR_FILL(e, ERR_LIMIT, 0, "keep more", "for the webhook %s", s->name);
		return err_detail(
			e,
			"256 MB wait already: it has not answered for long; what comes now is not told it");
	}
	while (lines.len) {
		ssize_t n = write(s->fd, lines.p, lines.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fault(e, "write", s);
		s->size += (uint64_t)n;
		lines = str_cut(lines, (size_t)n, lines.len);
	}
	return true;
}

bool spool_stand(struct spool *s, struct store_place place, struct err *e)
{
	if (fdatasync(s->fd))
		return fault(e, "write", s);
	s->place = place;
	return write_at(s, e);
}

struct store_place spool_place(const struct spool *s)
{
	return s->place;
}

uint64_t spool_waiting(const struct spool *s)
{
	return s->size - s->sent;
}

uint64_t spool_number(const struct spool *s)
{
	return s->before + s->sent;
}

/* Up to the last line end within so many lines. */
static size_t whole(const char *p, size_t n, size_t lines, size_t *found)
{
	size_t end = 0;
	*found = 0;
	for (const char *nl; *found < lines && (nl = memchr(p + end, '\n', n - end)); ++*found)
		end = (size_t)(nl - p) + 1;
	return end;
}

size_t spool_read(struct spool *s, size_t lines, struct buf *out)
{
	CLEANUP(mem_free) char *piece = mem_grow(NULL, READ_BYTES, 1);
	size_t found = 0;
	uint64_t most = spool_waiting(s) < READ_BYTES ? spool_waiting(s) : READ_BYTES;
	ssize_t n = pread(s->fd, piece, (size_t)most, (off_t)s->sent);
	size_t take = n > 0 ? whole(piece, (size_t)n, lines, &found) : 0;
	return buf_add(out, piece, take) ? found : 0;
}

/* When all was delivered the file begins anew; that is written down first, so that a crash in between
 * brings lines again and loses none. */
bool spool_delivered(struct spool *s, size_t bytes, struct err *e)
{
	s->sent += bytes;
	if (s->sent < s->size)
		return write_at(s, e);
	s->before += s->sent;
	s->sent = 0;
	if (!write_at(s, e))
		return false;
	s->size = 0;
	return !ftruncate(s->fd, 0) || fault(e, "write", s);
}

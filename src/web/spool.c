/* SPDX-License-Identifier: Apache-2.0 */
#include "web/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"

enum { READ_BYTES = 256 * 1024, AT_BYTES = 200 };

struct spool {
	int dir, fd;
	char *name;
	uint64_t size;    /* bytes of the file */
	uint64_t punched; /* of these given back to the disk */
	uint64_t stood;   /* lines before that (spool_end) are older than the place */
	bool torn;        /* half a line may stand behind size */
	struct spool_at {
		uint64_t sent;   /* bytes of the file that were delivered */
		uint64_t before; /* bytes delivered before the file's first */
		struct store_place place;
	} at; /* what the disk says */
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
	s->at = (struct spool_at){ v[0], v[1], { (uint32_t)v[2], v[3] } };
	return true;
}

/* Holds from when it is on disk, not before. */
static bool write_at(struct spool *s, struct spool_at at, struct err *e)
{
	char text[AT_BYTES], path[300], fresh[310];
	snprintf(path, sizeof(path), "%s.at", s->name);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	int n = snprintf(text, sizeof(text), "%llu %llu %lu %llu\n", (unsigned long long)at.sent,
			 (unsigned long long)at.before, (unsigned long)at.place.segment,
			 (unsigned long long)at.place.offset);
	CLEANUP(close_fd)
	int fd = openat(s->dir, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, text, (size_t)n) != n || fdatasync(fd))
		return fault(e, "write", s);
	if (renameat(s->dir, fresh, s->dir, path))
		return fault(e, "write", s);
	s->at = at;
	return true;
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

/* After a loss of power what the disk says may be older than a hole: all of that was delivered. */
static void skip_hole(struct spool *s)
{
	char c;
	off_t data = lseek(s->fd, (off_t)s->at.sent, SEEK_DATA);
	if (data > (off_t)s->at.sent)
		s->at.sent = (uint64_t)data;
	while (s->at.sent < s->size && pread(s->fd, &c, 1, (off_t)s->at.sent) == 1 && !c)
		s->at.sent++;
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
		s->at.sent = s->at.before = 0;
	if (!cut_tail(s, e))
		return false;
	if (s->at.sent > s->size)
		s->at.sent = 0;
	skip_hole(s);
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
	if (spool_waiting(s) + lines.len > SPOOL_BYTES_MAX) {
		ERR_FILL(e, ERR_LIMIT, 0, "keep more", "for the webhook %s", s->name);
		return err_detail(
			e,
			"256 MB wait already: it has not answered for long; what comes now is not told it");
	}
	if (s->torn && ftruncate(s->fd, (off_t)s->size))
		return fault(e, "write", s);
	s->torn = false;
	if (write_whole(s->fd, lines)) {
		s->size += lines.len;
		return true;
	}
	fault(e, "write", s);
	s->torn = ftruncate(s->fd, (off_t)s->size) != 0; /* none of it, rather than half a line */
	return false;
}

struct store_place spool_place(const struct spool *s)
{
	return s->at.place;
}

uint64_t spool_waiting(const struct spool *s)
{
	return s->size - s->at.sent;
}

uint64_t spool_end(const struct spool *s)
{
	return s->at.before + s->size;
}

uint64_t spool_number(const struct spool *s)
{
	return s->at.before + s->at.sent;
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
	ssize_t n = pread(s->fd, piece, (size_t)most, (off_t)s->at.sent);
	size_t take = n > 0 ? whole(piece, (size_t)n, lines, &found) : 0;
	return buf_add(out, piece, take) ? found : 0;
}

/* Each line that waits or may be asked for by spool_each(). */
static uint64_t kept_from(const struct spool *s)
{
	uint64_t stood = s->stood > s->at.before ? s->stood - s->at.before : 0;
	return stood < s->at.sent ? stood : s->at.sent;
}

/* Behind a receiver that is always a little late the file never begins anew; what was delivered takes no
 * room on the disk all the same.  Where the file system knows no holes it waits for the end of the backlog.
 */
static void give_back(struct spool *s)
{
	uint64_t done = kept_from(s);
	if (done < s->punched + SPOOL_DONE_BYTES_MAX)
		return;
	if (!fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)done) ||
	    errno == EOPNOTSUPP)
		s->punched = done;
}

/* When all was delivered the file begins anew; that is written down first, so that a crash in between
 * brings lines again and loses none. */
static bool begin_anew(struct spool *s, struct spool_at done, struct err *e)
{
	const struct spool_at old = s->at;
	if (!write_at(s, (struct spool_at){ 0, done.before + done.sent, done.place }, e))
		return false;
	if (ftruncate(s->fd, 0)) {
		s->at = old; /* told when it goes on; nothing waits until then */
		s->at.sent = s->size;
		return fault(e, "write", s);
	}
	s->size = s->punched = 0;
	return true;
}

/* A line that is younger than the place is found in the store once more: it stays, to be known again. */
static bool is_over(const struct spool *s, struct spool_at at)
{
	return at.sent >= s->size && s->stood >= s->at.before + s->size;
}

bool spool_delivered(struct spool *s, size_t bytes, struct err *e)
{
	struct spool_at at = s->at;
	at.sent += bytes;
	if (is_over(s, at))
		return begin_anew(s, at, e);
	if (!write_at(s, at, e))
		return false;
	give_back(s);
	return true;
}

bool spool_stand(struct spool *s, struct store_place place, uint64_t end, struct err *e)
{
	if (fdatasync(s->fd))
		return fault(e, "write", s);
	struct spool_at at = s->at;
	at.place = place;
	uint64_t was = s->stood;
	s->stood = end;
	bool stands = s->size && is_over(s, at) ? begin_anew(s, at, e) : write_at(s, at, e);
	s->stood = stands ? end : was;
	return stands;
}

/* ---- what is there ---- */

static struct str take_lines(struct str all, void (*each)(void *ctx, struct str line), void *ctx)
{
	for (const char *nl; (nl = memchr(all.p, '\n', all.len));
	     all = str_cut(all, (size_t)(nl - all.p) + 1, all.len))
		each(ctx, str_cut(all, 0, (size_t)(nl - all.p)));
	return all;
}

/* Where the place was not written down since a start, it is not known which lines are older. */
static uint64_t look_from(const struct spool *s)
{
	uint64_t from = kept_from(s), most = SPOOL_DONE_BYTES_MAX;
	return s->at.sent - from > most ? s->at.sent - most : from;
}

bool spool_each(struct spool *s, void (*each)(void *ctx, struct str line), void *ctx, struct err *e)
{
	CLEANUP(mem_free) char *piece = mem_grow(NULL, READ_BYTES, 1);
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (uint64_t at = look_from(s); at < s->size;) {
		ssize_t n = pread(s->fd, piece, READ_BYTES, (off_t)at);
		if (n <= 0)
			return fault(e, "read", s);
		at += (uint64_t)n;
		buf_add(&b, piece, (size_t)n);
		struct str rest = take_lines(buf_str(&b), each, ctx);
		buf_take(&b, buf_waiting(&b) - rest.len);
	}
	return true;
}

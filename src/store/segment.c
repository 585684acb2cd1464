/* SPDX-License-Identifier: Apache-2.0 */
#include "store/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/crc.h"
#include "store/fault.h"

#define SPARE "spare.seg"
static const char magic[8] = "PRSEG01\n";
/* magic 8, number 4, crc of the rest 4, salt 8, before 8, made_ms 8 */
enum { AT_NO = 8, AT_CRC = 12, AT_SALT = 16, AT_BEFORE = 24, AT_MADE = 32, HEAD_USED = 40, NAME_BYTES = 32 };

static const char *segment_name(uint32_t no, char out[NAME_BYTES])
{
	snprintf(out, NAME_BYTES, "%010u.seg", no);
	return out;
}

static void head_write(const struct segment *g, unsigned char out[SEGMENT_HEAD])
{
	memset(out, 0, SEGMENT_HEAD);
	memcpy(out, magic, sizeof(magic));
	put_le32(out + AT_NO, g->no);
	put_le64(out + AT_SALT, g->salt);
	put_le64(out + AT_BEFORE, g->before);
	put_le64(out + AT_MADE, (uint64_t)g->made_ms);
	put_le32(out + AT_CRC, store_crc(g->no, out + AT_SALT, HEAD_USED - AT_SALT));
}

static bool head_read(struct segment *g, const unsigned char in[HEAD_USED])
{
	if (memcmp(in, magic, sizeof(magic)) || get_le32(in + AT_NO) != g->no ||
	    get_le32(in + AT_CRC) != store_crc(g->no, in + AT_SALT, HEAD_USED - AT_SALT))
		return false;
	g->salt = get_le64(in + AT_SALT);
	g->before = get_le64(in + AT_BEFORE);
	g->made_ms = (int64_t)get_le64(in + AT_MADE);
	return true;
}

int segment_open(const struct segments *s, uint32_t no, struct err *e)
{
	char name[NAME_BYTES];
	int fd = openat(s->dir, segment_name(no, name), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		store_fault(e, errno, "open bodies", name);
	return fd;
}

/* NULL: not readable (*e), or no segment of this number (no *e). */
static struct segment *segment_load(const struct segments *s, uint32_t no, struct err *e)
{
	CLEANUP(close_fd) int fd = segment_open(s, no, e);
	unsigned char head[HEAD_USED];
	struct stat st;
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || pread(fd, head, sizeof(head), 0) < 0) {
		store_fault(e, errno, "read bodies", "header of a segment");
		return NULL;
	}
	CLEANUP(mem_free) struct segment *g = mem_alloc(sizeof(*g));
	*g = (struct segment){
		.no = no, .fd = -1, .bytes = (uint64_t)st.st_size, .end = (uint64_t)st.st_size
	};
	if (st.st_size < SEGMENT_HEAD || !head_read(g, head))
		return NULL;
	return STEAL(g);
}

static int by_number(const void *a, const void *b)
{
	const struct segment *const *x = a, *const *y = b;
	return (*x)->no < (*y)->no ? -1 : (*x)->no > (*y)->no;
}

static void add(struct segments *s, struct segment *g)
{
	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->v = mem_grow(s->v, s->room, sizeof(struct segment *));
	}
	s->v[s->n++] = g;
	if (g->no > s->last_no)
		s->last_no = g->no;
}

/* A file without a good header was being made when the power went: it holds nothing.  Its name is not used
 * again. */
static bool take_file(struct segments *s, const char *name, struct err *e)
{
	unsigned no;
	char again[NAME_BYTES];
	if (!strcmp(name, SPARE))
		s->spare = true;
	if (sscanf(name, "%10u.seg", &no) != 1 || strcmp(segment_name(no, again), name) != 0)
		return true;
	struct err why = { 0 };
	struct segment *g = segment_load(s, no, &why);
	if (why.kind) {
		if (e)
			*e = why;
		return false;
	}
	if (no > s->last_no)
		s->last_no = no;
	if (g)
		add(s, g);
	return true;
}

static bool read_folder(struct segments *s, struct err *e)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		int code = errno;
		close_fd(&fd);
		return store_fault(e, code, "list", "the folder of bodies");
	}
	bool ok = true;
	for (struct dirent *f; ok && (f = readdir(d));)
		ok = take_file(s, f->d_name, e);
	closedir(d);
	if (s->n)
		qsort(s->v, s->n, sizeof(struct segment *), by_number);
	return ok;
}

bool segments_open(struct segments *s, int dir, bool own, uint64_t plan, struct err *e)
{
	*s = (struct segments){ .dir = dir, .own = own, .plan = plan ? plan : SEGMENT_BYTES };
	if (s->plan < SEGMENT_BYTES_MIN)
		s->plan = SEGMENT_BYTES_MIN;
	pthread_mutex_init(&s->lock, NULL);
	return !own || read_folder(s, e);
}

void segments_close(struct segments *s)
{
	for (size_t i = 0; i < s->n; i++) {
		close_fd(&s->v[i]->fd);
		free(s->v[i]);
	}
	free(s->v);
	pthread_mutex_destroy(&s->lock);
	*s = (struct segments){ .dir = -1 };
}

static void close_clean(struct segments *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct segment *g = s->v[i];
		if (g->fd < 0 || g == s->current || g->dirty || g->writing)
			continue;
		close(g->fd);
		g->fd = -1;
	}
}

static int make_file(struct segments *s, const char *name, struct err *e)
{
	pthread_mutex_lock(&s->lock);
	bool spare = s->spare;
	s->spare = false;
	pthread_mutex_unlock(&s->lock);
	if (spare && !renameat(s->dir, SPARE, s->dir, name)) {
		int old = openat(s->dir, name, O_RDWR | O_CLOEXEC);
		if (old >= 0)
			return old;
	}
	int fd = openat(s->dir, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		store_fault(e, errno, "make a file for bodies", name);
		return -1;
	}
	/* Room first: within a segment the disk can't be full. */
	int code = fallocate(fd, 0, 0, (off_t)s->plan) ? errno : 0;
	if (code && code != EOPNOTSUPP && code != ENOSYS) {
		store_fault(e, code, "make room for bodies", name);
		close(fd);
		unlinkat(s->dir, name, 0);
		return -1;
	}
	return fd;
}

static bool head_durable(struct segments *s, const struct segment *g, const char *name, struct err *e)
{
	unsigned char head[SEGMENT_HEAD];
	head_write(g, head);
	if (pwrite(g->fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return store_fault(e, errno ? errno : ENOSPC, "write bodies", name);
	if (fdatasync(g->fd) || fsync(s->dir))
		return store_fault(e, errno, "sync bodies", name);
	__atomic_add_fetch(&s->syncs, 2, __ATOMIC_RELAXED);
	return true;
}

static struct segment *make_segment(struct segments *s, uint64_t before, int64_t now_ms, struct err *e)
{
	char name[NAME_BYTES];
	CLEANUP(mem_free) struct segment *g = mem_alloc(sizeof(*g));
	*g = (struct segment){ .no = s->last_no + 1,
			       .before = before,
			       .made_ms = now_ms,
			       .end = SEGMENT_HEAD,
			       .synced = SEGMENT_HEAD };
	if (getrandom(&g->salt, sizeof(g->salt), 0) != (ssize_t)sizeof(g->salt)) {
		store_fault(e, errno, "draw", "random numbers");
		return NULL;
	}
	g->fd = make_file(s, segment_name(g->no, name), e);
	if (g->fd < 0)
		return NULL;
	if (!head_durable(s, g, name, e)) {
		close(g->fd);
		unlinkat(s->dir, name, 0);
		return NULL;
	}
	struct stat st;
	g->bytes = fstat(g->fd, &st) ? s->plan : (uint64_t)st.st_size;
	return STEAL(g);
}

bool segments_rotate(struct segments *s, int64_t now_ms, struct err *e)
{
	pthread_mutex_lock(&s->lock);
	/* Others may go on appending pieces to the old one: those are found by reference, not by reading on.
	 */
	struct segment *old = s->n ? s->v[s->n - 1] : NULL;
	uint64_t before = !old ? 0 : old->bad ? old->synced : old->end;
	pthread_mutex_unlock(&s->lock);
	struct segment *g = make_segment(s, before, now_ms, e);
	if (!g)
		return false;
	pthread_mutex_lock(&s->lock);
	add(s, g);
	s->current = g;
	close_clean(s);
	pthread_mutex_unlock(&s->lock);
	return true;
}

bool segments_full(struct segments *s, uint64_t more)
{
	pthread_mutex_lock(&s->lock);
	bool full = !s->current || s->current->end + more > s->plan;
	pthread_mutex_unlock(&s->lock);
	return full;
}

bool segments_reserve(struct segments *s, uint64_t room, struct segment **seg, uint64_t *offset)
{
	pthread_mutex_lock(&s->lock);
	struct segment *g = s->current;
	bool ok = g && g->end + room <= s->plan + SEGMENT_OVER;
	if (ok) {
		*seg = g;
		*offset = g->end;
		g->end += room;
		if (g->end > g->bytes)
			g->bytes = g->end;
		g->writing++;
	}
	pthread_mutex_unlock(&s->lock);
	return ok;
}

bool segment_write(struct segment *seg, uint64_t offset, struct iovec *iov, size_t n, struct err *e)
{
	enum { IOV_MOST = 1000 };
	while (n) {
		ssize_t done = pwritev(seg->fd, iov, (int)(n < IOV_MOST ? n : IOV_MOST), (off_t)offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return store_fault(e, done ? errno : ENOSPC, "write bodies", "segment");
		offset += (uint64_t)done;
		size_t left = (size_t)done;
		for (; n && left >= iov->iov_len; iov++, n--)
			left -= iov->iov_len;
		if (n) {
			iov->iov_base = (char *)iov->iov_base + left;
			iov->iov_len -= left;
		}
	}
	return true;
}

void segment_appended(struct segments *s, struct segment *seg, bool ok)
{
	pthread_mutex_lock(&s->lock);
	seg->writing--;
	if (ok)
		seg->dirty = true;
	pthread_mutex_unlock(&s->lock);
}

void segments_abandon(struct segments *s, struct segment *g)
{
	pthread_mutex_lock(&s->lock);
	g->bad = true;
	if (s->current == g)
		s->current = NULL;
	pthread_mutex_unlock(&s->lock);
}

static void sync_result(struct segments *s, struct segment *g, uint64_t end, bool ok)
{
	pthread_mutex_lock(&s->lock);
	if (ok) {
		g->synced = end;
	} else {
		/* The kernel may have thrown the pages away and call the next sync fine: never believe it. */
		g->bad = true;
		if (s->current == g)
			s->current = NULL;
	}
	pthread_mutex_unlock(&s->lock);
}

static struct segment *next_dirty(struct segments *s, uint64_t *end)
{
	struct segment *found = NULL;
	pthread_mutex_lock(&s->lock);
	for (size_t i = s->n; i-- > 0 && !found;)
		if (s->v[i]->dirty && !s->v[i]->bad)
			found = s->v[i];
	if (found) {
		found->dirty = false;
		*end = found->end;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

bool segments_sync(struct segments *s, struct err *e)
{
	bool ok = true;
	uint64_t end = 0;
	for (struct segment *g; (g = next_dirty(s, &end));) {
		bool good = fdatasync(g->fd) == 0;
		if (!good)
			ok = store_fault(e, errno, "sync bodies", "segment");
		__atomic_add_fetch(&s->syncs, 1, __ATOMIC_RELAXED);
		sync_result(s, g, end, good);
	}
	return ok;
}

static struct segment *find(struct segments *s, uint32_t no)
{
	size_t low = 0, high = s->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (s->v[mid]->no < no)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->n && s->v[low]->no == no ? s->v[low] : NULL;
}

bool segments_after(struct segments *s, uint32_t no, struct segment *out, uint64_t *until)
{
	size_t i = 0;
	pthread_mutex_lock(&s->lock);
	while (i < s->n && s->v[i]->no <= no)
		i++;
	bool any = i < s->n;
	if (any) {
		const struct segment *g = s->v[i], *next = i + 1 < s->n ? s->v[i + 1] : NULL;
		bool known = next && next->no == g->no + 1 && next->before;
		*out = *g;
		*until = known ? next->before : g == s->current || g->bad ? g->synced : g->end;
	}
	pthread_mutex_unlock(&s->lock);
	return any;
}

bool segments_settle(struct segments *s, struct err *e)
{
	if (!s->n)
		return true;
	CLEANUP(close_fd) int fd = segment_open(s, s->v[s->n - 1]->no, e);
	return fd >= 0 && (!fdatasync(fd) || store_fault(e, errno, "sync bodies", "the last segment"));
}

bool segments_look(struct segments *s, uint32_t no, struct segment *out)
{
	pthread_mutex_lock(&s->lock);
	struct segment *g = find(s, no);
	if (!g && !s->own && (g = segment_load(s, no, NULL))) {
		add(s, g);
		qsort(s->v, s->n, sizeof(struct segment *), by_number);
	}
	if (g)
		*out = *g;
	pthread_mutex_unlock(&s->lock);
	return g;
}

void segments_pin(struct segments *s, uint32_t no, int by)
{
	pthread_mutex_lock(&s->lock);
	struct segment *g = find(s, no);
	if (g)
		g->pins += (unsigned)by;
	pthread_mutex_unlock(&s->lock);
}

void segments_live(struct segments *s, uint32_t no, int by)
{
	pthread_mutex_lock(&s->lock);
	struct segment *g = find(s, no);
	if (g)
		g->live += (uint32_t)by;
	pthread_mutex_unlock(&s->lock);
}

bool segments_drop_first(struct segments *s, struct err *e)
{
	pthread_mutex_lock(&s->lock);
	struct segment *g = s->n ? s->v[0] : NULL;
	if (g && g != s->current)
		memmove(s->v, s->v + 1, --s->n * sizeof(struct segment *));
	else
		g = NULL;
	bool keep = g && !s->spare && !g->bad && g->bytes == s->plan;
	pthread_mutex_unlock(&s->lock);
	if (!g)
		return true;
	char name[NAME_BYTES];
	segment_name(g->no, name);
	bool ok = keep ? !renameat(s->dir, name, s->dir, SPARE) : !unlinkat(s->dir, name, 0);
	if (!ok)
		store_fault(e, errno, "drop bodies", name);
	pthread_mutex_lock(&s->lock);
	s->spare = s->spare || (ok && keep);
	pthread_mutex_unlock(&s->lock);
	close_fd(&g->fd);
	free(g);
	return ok;
}

uint64_t segments_bytes(struct segments *s)
{
	uint64_t n = 0;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n; i++)
		n += s->v[i]->bytes;
	n += s->spare ? s->plan : 0;
	pthread_mutex_unlock(&s->lock);
	return n;
}

size_t segments_count(struct segments *s)
{
	pthread_mutex_lock(&s->lock);
	size_t n = s->n;
	pthread_mutex_unlock(&s->lock);
	return n;
}

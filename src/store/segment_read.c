/* SPDX-License-Identifier: Apache-2.0 */
#include "store/segment_read.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "store/crc.h"
#include "store/fault.h"

enum {
	WINDOW = 256 * 1024,
	STEP = 4096,       /* a page of the system's, and a disk's sector */
	AHEAD = 16 * 1024, /* read with the header of one record: most messages are in it */
};

void record_clear(struct record_bytes *r)
{
	buf_clear(&r->bytes);
}

struct str record_meta(const struct record_bytes *r)
{
	return (struct str){ r->bytes.data, r->record.meta_len };
}

struct str record_body(const struct record_bytes *r)
{
	return (struct str){ r->bytes.data + r->record.meta_len, r->record.body_len };
}

static bool read_all(int fd, void *to, size_t n, uint64_t at, struct err *e)
{
	char *p = to;
	while (n) {
		ssize_t got = pread(fd, p, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return store_fault(e, errno, "read bodies", "segment");
		if (!got)
			return ERR_FILL(e, ERR_SYNTAX, (long)at, "read bodies", "segment ends at byte %llu",
					(unsigned long long)at);
		p += got;
		n -= (size_t)got;
		at += (uint64_t)got;
	}
	return true;
}

static bool damaged(const struct segment *g, uint64_t offset, struct err *e)
{
	ERR_FILL(e, ERR_SYNTAX, (long)offset, "read bodies", "segment %u at byte %llu", g->no,
		 (unsigned long long)offset);
	return err_detail(e, "its checksum is wrong: the disk changed it; look at `dmesg`, ask the sender "
			     "for that message again");
}

static bool room_for(struct buf *b, size_t n)
{
	b->start = b->len = 0;
	if (b->room < n) {
		b->data = mem_grow(b->data, n, 1);
		b->room = n;
	}
	return true;
}

static bool sane(const struct record *r)
{
	return r->meta_len <= STORE_META_MAX && r->body_len <= STORE_BODY_PIECE + STORE_BODY_HEAD_MAX;
}

/* What stands behind the header; the first `got` bytes are there. */
static bool fill(int fd, const struct segment *g, uint64_t offset, size_t got, struct record_bytes *out,
		 struct err *e)
{
	const struct record *r = &out->record;
	size_t n = (size_t)r->meta_len + r->body_len;
	if (!sane(r) || !room_for(&out->bytes, n + 1))
		return damaged(g, offset, e);
	if (got < n && !read_all(fd, out->bytes.data + got, n - got, offset + RECORD_HEADER + got, e))
		return false;
	out->bytes.len = n;
	if (store_crc(0, out->bytes.data, r->meta_len) != r->meta_crc ||
	    store_crc(0, out->bytes.data + r->meta_len, r->body_len) != r->body_crc)
		return damaged(g, offset, e);
	return true;
}

bool segment_read_fd(int fd, const struct segment *g, uint64_t offset, struct record_bytes *out,
		     struct err *e)
{
	unsigned char head[RECORD_HEADER];
	if (!read_all(fd, head, sizeof(head), offset, e))
		return false;
	if (!record_read(head, g->salt, offset, &out->record))
		return damaged(g, offset, e);
	return fill(fd, g, offset, 0, out, e);
}

/* One call for a record of common size. */
static bool read_one(int fd, const struct segment *g, uint64_t offset, struct record_bytes *out,
		     struct err *e)
{
	unsigned char head[RECORD_HEADER];
	(void)room_for(&out->bytes, AHEAD);
	struct iovec iov[2] = { { head, sizeof(head) }, { out->bytes.data, AHEAD } };
	ssize_t got = preadv(fd, iov, ARRAY_LEN(iov), (off_t)offset);
	if (got < (ssize_t)sizeof(head)) /* interrupted, or the end: said there */
		return segment_read_fd(fd, g, offset, out, e);
	if (!record_read(head, g->salt, offset, &out->record))
		return damaged(g, offset, e);
	return fill(fd, g, offset, (size_t)got - sizeof(head), out, e);
}

bool segment_read(struct segments *s, uint32_t segment, uint64_t offset, struct record_bytes *out,
		  struct err *e)
{
	struct segment g;
	int fd = segments_hold(s, segment, &g, e);
	if (fd < 0)
		return false;
	bool good = read_one(fd, &g, offset, out, e);
	segments_release(s, &g, fd);
	return good;
}

/* The next place from `at` on that begins with the salt, or `until`.  A bad sector takes nothing with it but
 * what stands in it: what cannot be read is stepped over, and the steps grow, so that a disk that is gone is
 * not asked for each page. */
static uint64_t next_salt(int fd, const struct segment *g, uint64_t at, uint64_t until, bool *unread)
{
	CLEANUP(mem_free) unsigned char *window = mem_alloc(WINDOW);
	unsigned char salt[8];
	uint64_t step = STEP;
	put_le64(salt, g->salt);
	at = (at + RECORD_ALIGN - 1) & ~(uint64_t)(RECORD_ALIGN - 1);
	while (at < until) {
		ssize_t got = pread(fd, window, WINDOW, (off_t)at);
		if (!got)
			break;
		*unread = *unread || got < 0;
		size_t n = got < 0 ? 0 : (size_t)got & ~(size_t)(RECORD_ALIGN - 1);
		for (size_t i = 0; i < n; i += RECORD_ALIGN)
			if (!memcmp(window + i, salt, sizeof(salt)))
				return at + i < until ? at + i : until;
		at = n ? at + n : (at / STEP) * STEP + step;
		step = n ? STEP : step < WINDOW ? step * 2 : step;
	}
	return until;
}

bool segment_scan(struct segment_scan *scan, const struct segment *g, uint64_t from, uint64_t *end,
		  struct err *e)
{
	struct segment known = *g;
	uint64_t at = from < SEGMENT_HEAD ? SEGMENT_HEAD : from, gap = at;
	*end = at;
	if (!segments_know(scan->set, &known, NULL)) {
		scan->unread = true;
		return true;
	}
	g = &known;
	CLEANUP(close_fd) int fd = segment_open(scan->set, g->no, e);
	CLEANUP(buf_clear) struct buf keep = { 0 };
	if (fd < 0)
		return false;
	while (at < scan->until) {
		struct record_bytes r = { .bytes = keep };
		struct err why = { 0 };
		bool good = segment_read_fd(fd, g, at, &r, &why);
		keep = r.bytes;
		if (!good) {
			scan->unread = scan->unread || why.kind == ERR_SYS;
			at = next_salt(fd, g, at + RECORD_ALIGN, scan->until, &scan->unread);
			continue;
		}
		scan->skipped += at - gap;
		if (r.record.type != RECORD_PIECE && !scan->fn(scan->user, g->no, at, &r, e))
			return false;
		at += record_room(&r.record);
		*end = gap = at;
	}
	return true;
}

uint64_t segment_begun(struct segments *s, const struct segment *g, uint64_t from)
{
	CLEANUP(close_fd) int fd = segment_open(s, g->no, NULL);
	unsigned char head[RECORD_HEADER];
	bool unread = fd < 0;
	uint64_t end = from;
	for (uint64_t at = from; !unread; at += RECORD_ALIGN) {
		struct record r;
		at = next_salt(fd, g, at, g->bytes, &unread);
		if (at >= g->bytes)
			break;
		if (!read_all(fd, head, sizeof(head), at, NULL) || !record_read(head, g->salt, at, &r))
			return g->bytes;
		end = at + record_room(&r);
	}
	return unread || end > g->bytes ? g->bytes : end;
}

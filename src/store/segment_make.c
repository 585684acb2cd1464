/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ahead.h"
#include "store/fault.h"
#include "store/segment_file.h"
#include "store/spare.h"

/* The next segment: the file that stands ready, one that was used before, or a new one. */

static int make_file(struct segments *s, uint32_t no, const char *name, bool *named, struct err *e)
{
	if (ahead_take(s, no, named) || spare_take(s, name)) {
		int old = openat(s->dir, name, O_RDWR | O_CLOEXEC);
		if (old >= 0)
			return old;
	}
	*named = false;
	/* On a disk that is nearly full what is stored can still be sent: that takes few bytes. */
	return segment_file_new(s, name, SEGMENT_BYTES_MIN, e);
}

/* named: the file's name is on the disk. */
static bool head_durable(struct segments *s, const struct segment *g, const char *name, bool named,
			 struct err *e)
{
	unsigned char head[SEGMENT_HEAD];
	segment_head_write(g, head);
	if (pwrite(g->fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return store_fault(e, errno ? errno : ENOSPC, "write bodies", name);
	if (fdatasync(g->fd) || (!named && fsync(s->dir)))
		return store_fault(e, errno, "sync bodies", name);
	__atomic_add_fetch(&s->syncs, named ? 1 : 2, __ATOMIC_RELAXED);
	return true;
}

struct segment *segment_make(struct segments *s, uint64_t before, int64_t now_ms, struct err *e)
{
	char name[SEGMENT_NAME_BYTES];
	bool named;
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
	g->fd = make_file(s, g->no, segment_name(g->no, name), &named, e);
	if (g->fd < 0)
		return NULL;
	if (!head_durable(s, g, name, named, e)) {
		close(g->fd);
		unlinkat(s->dir, name, 0);
		return NULL;
	}
	struct stat st;
	g->bytes = fstat(g->fd, &st) ? s->plan : (uint64_t)st.st_size;
	g->plan = g->bytes > SEGMENT_HEAD && g->bytes < s->plan ? g->bytes
								: s->plan; /* no room was made: all */
	return STEAL(g);
}

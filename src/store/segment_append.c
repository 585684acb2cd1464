/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "store/fault.h"
#include "store/segment.h"

/* Records into the current segment, and its sync. */

bool segments_full(struct segments *s, uint64_t more)
{
	pthread_mutex_lock(&s->lock);
	bool full = !s->current || s->current->end + more > s->current->plan;
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

void segments_abandon(struct segments *s, struct segment *g, uint64_t from)
{
	pthread_mutex_lock(&s->lock);
	g->bad = true;
	if (g->synced > from)
		g->synced = from;
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

/* The oldest: pieces are on the disk before the records that name them. */
static struct segment *next_dirty(struct segments *s, uint64_t *end)
{
	struct segment *found = NULL;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n && !found; i++)
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
	for (struct segment *g; ok && (g = next_dirty(s, &end));) {
		bool good = fdatasync(g->fd) == 0;
		if (!good)
			ok = store_fault(e, errno, "sync bodies", "segment");
		__atomic_add_fetch(&s->syncs, 1, __ATOMIC_RELAXED);
		sync_result(s, g, end, good);
	}
	return ok;
}

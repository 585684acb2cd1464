/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/ahead.h"
#include "store/segment_file.h"
#include "store/spare.h"

/* While it is made, and until it has its name, which it gets with room that was written: only such bytes are
 * written again without the file system's journal. */
#define NEXT "next.seg"
enum { STEP_BYTES = 4 << 20, ZEROS_BYTES = 1 << 20 };

void ahead_found(struct segments *s, const char *name)
{
	if (!strcmp(name, NEXT))
		spare_put_back(s, NEXT);
}

/* The number that is wanted; 0: none. */
static uint32_t wanted(struct segments *s)
{
	pthread_mutex_lock(&s->lock);
	const struct segment *g = s->current;
	uint32_t no = g && g->end > g->plan / 4 && s->next != s->last_no + 1 ? s->last_no + 1 : 0;
	pthread_mutex_unlock(&s->lock);
	return no;
}

static void set_made(struct segments *s, uint64_t bytes)
{
	pthread_mutex_lock(&s->lock);
	s->making = bytes < s->plan;
	s->made = bytes;
	pthread_mutex_unlock(&s->lock);
}

/* The file so far, or a new one; -1: not possible. */
static int half_made(struct segments *s)
{
	int fd = s->making ? openat(s->dir, NEXT, O_WRONLY | O_CLOEXEC) : -1;
	if (fd >= 0)
		return fd;
	fd = segment_file_new(s, NEXT, s->plan, NULL);
	if (fd >= 0)
		set_made(s, 0);
	return fd;
}

/* The kernel is not left with more than a step to write: others' syncs would have to wait for it. */
static bool write_step(int fd, uint64_t at, uint64_t until)
{
	static const unsigned char zeros[ZEROS_BYTES];
	for (uint64_t to = at; to < until; to += ZEROS_BYTES) {
		size_t n = until - to < ZEROS_BYTES ? (size_t)(until - to) : ZEROS_BYTES;
		if (pwrite(fd, zeros, n, (off_t)to) != (ssize_t)n)
			return false;
	}
	sync_file_range(fd, (off_t)at, (off_t)(until - at),
			SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
	return true;
}

/* True when it is whole. */
static bool make_step(struct segments *s)
{
	if (!s->making && spare_take(s, NEXT))
		return true;
	CLEANUP(close_fd) int fd = half_made(s);
	uint64_t until = s->plan - s->made < STEP_BYTES ? s->plan : s->made + STEP_BYTES;
	if (fd < 0 || !write_step(fd, s->made, until) || (until == s->plan && fdatasync(fd)))
		return false;
	set_made(s, until);
	return until == s->plan;
}

/* The writer may have made that segment itself meanwhile, or be about to. */
static bool give_name(struct segments *s, uint32_t no)
{
	char name[SEGMENT_NAME_BYTES];
	pthread_mutex_lock(&s->lock);
	bool ok = s->last_no + 1 == no && s->taken != no &&
		  !renameat(s->dir, NEXT, s->dir, segment_name(no, name));
	if (ok) {
		s->next = no;
		s->next_durable = false;
	}
	pthread_mutex_unlock(&s->lock);
	return ok;
}

void ahead_prepare(struct segments *s)
{
	uint32_t no = wanted(s);
	if (!no || !make_step(s))
		return;
	if (!give_name(s, no)) {
		spare_put_back(s, NEXT);
		return;
	}
	/* By a descriptor of its own: an error is told once by each, and the writer must not miss it. */
	CLEANUP(close_fd) int dir = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fsync(dir))
		return;
	__atomic_add_fetch(&s->syncs, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&s->lock);
	s->next_durable = s->next == no;
	pthread_mutex_unlock(&s->lock);
}

void ahead_release(struct segments *s)
{
	if (!s->making)
		return;
	set_made(s, s->plan);
	unlinkat(s->dir, NEXT, 0);
}

bool ahead_take(struct segments *s, uint32_t no, bool *durable)
{
	pthread_mutex_lock(&s->lock);
	bool there = s->next == no;
	*durable = there && s->next_durable;
	s->next = 0;
	s->taken = no;
	pthread_mutex_unlock(&s->lock);
	return there;
}

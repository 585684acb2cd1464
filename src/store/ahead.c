/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/ahead.h"
#include "store/segment_file.h"
#include "store/spare.h"

#define NEXT "next.seg" /* until it has its name */

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
	uint32_t no = g && g->end > s->plan / 2 && s->next != s->last_no + 1 ? s->last_no + 1 : 0;
	pthread_mutex_unlock(&s->lock);
	return no;
}

static bool make(struct segments *s)
{
	if (spare_take(s, NEXT))
		return true;
	CLEANUP(close_fd) int fd = segment_file_new(s, NEXT, NULL);
	return fd >= 0;
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
	if (!no || !make(s))
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

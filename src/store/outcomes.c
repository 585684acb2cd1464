/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/deadline.h"
#include "store/embedded_inner.h"

/* What became of what was submitted, until the caller takes it; its descriptor is readable meanwhile.  What
 * nobody waits for makes it so a moment later only: who takes is woken once for many. */

void outcomes_init(struct outcomes *o)
{
	*o = (struct outcomes){ .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) };
	pthread_mutex_init(&o->lock, NULL);
}

void outcomes_clear(struct outcomes *o)
{
	close_fd(&o->fd);
	free(o->v);
	pthread_mutex_destroy(&o->lock);
}

/* Under the lock. */
static bool must_tell(const struct outcomes *o, bool idle)
{
	return !o->told && (!idle || o->n - o->start >= OUTCOMES_IDLE);
}

void outcome_put(struct outcomes *o, const struct store_done *d, bool idle)
{
	pthread_mutex_lock(&o->lock);
	bool first = o->start == o->n;
	if (first)
		o->start = o->n = 0;
	if (o->n == o->room) {
		o->room = o->room ? o->room * 2 : 64;
		o->v = mem_grow(o->v, o->room, sizeof(*o->v));
	}
	o->v[o->n++] = *d;
	if (first && idle)
		deadline(&o->until, OUTCOME_IDLE_US);
	if (must_tell(o, idle))
		o->told = o->unrung = true;
	pthread_mutex_unlock(&o->lock);
}

/* Without the lock: who wakes finds it free.  He may have taken all before
 * this: then he finds nothing. */
void outcomes_ring(struct outcomes *o)
{
	uint64_t one = 1;
	if (!o->unrung)
		return;
	o->unrung = false;
	if (write(o->fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		abort(); /* an eventfd takes 8 bytes or is full */
}

bool outcomes_untold(struct outcomes *o, struct timespec *until)
{
	pthread_mutex_lock(&o->lock);
	bool untold = o->start < o->n && !o->told;
	bool late = untold && deadline_is_past(&o->until);
	*until = o->until;
	if (late)
		o->told = o->unrung = true;
	pthread_mutex_unlock(&o->lock);
	outcomes_ring(o);
	return untold && !late;
}

size_t outcomes_take(struct outcomes *o, struct store_done *out, size_t max)
{
	pthread_mutex_lock(&o->lock);
	size_t n = o->n - o->start < max ? o->n - o->start : max;
	if (n)
		memcpy(out, o->v + o->start, n * sizeof(*out));
	o->start += n;
	uint64_t count;
	if (o->start == o->n) {
		o->told = false;
		if (read(o->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
			abort();
	}
	pthread_mutex_unlock(&o->lock);
	return n;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/embedded_inner.h"

/* What became of what was submitted, until the caller takes it; its descriptor is readable meanwhile. */

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

void outcome_put(struct outcomes *o, const struct store_done *d)
{
	pthread_mutex_lock(&o->lock);
	bool first = o->start == o->n;
	if (first)
		o->start = o->n = 0;
	o->unrung = o->unrung || first;
	if (o->n == o->room) {
		o->room = o->room ? o->room * 2 : 64;
		o->v = mem_grow(o->v, o->room, sizeof(*o->v));
	}
	o->v[o->n++] = *d;
	pthread_mutex_unlock(&o->lock);
}

/* Without the lock: who wakes finds it free. */
void outcomes_ring(struct outcomes *o)
{
	uint64_t one = 1;
	if (!o->unrung)
		return;
	o->unrung = false;
	if (write(o->fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		abort(); /* an eventfd takes 8 bytes or is full */
}

size_t outcomes_take(struct outcomes *o, struct store_done *out, size_t max)
{
	pthread_mutex_lock(&o->lock);
	size_t n = o->n - o->start < max ? o->n - o->start : max;
	if (n)
		memcpy(out, o->v + o->start, n * sizeof(*out));
	o->start += n;
	uint64_t count;
	if (o->start == o->n && read(o->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		abort();
	pthread_mutex_unlock(&o->lock);
	return n;
}

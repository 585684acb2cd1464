/* SPDX-License-Identifier: Apache-2.0 */
#include "net/posts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct posted {
	void (*call)(void *ctx);
	void *ctx;
	struct posted *next;
};

int posts_init(struct posts *p)
{
	pthread_mutex_init(&p->lock, NULL);
	p->first = NULL;
	p->last = &p->first;
	p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return p->fd < 0 ? errno : 0;
}

static struct posted *take_all(struct posts *p)
{
	pthread_mutex_lock(&p->lock);
	struct posted *all = p->first;
	p->first = NULL;
	p->last = &p->first;
	pthread_mutex_unlock(&p->lock);
	return all;
}

void posts_clear(struct posts *p)
{
	for (struct posted *one = take_all(p), *next; one; one = next) {
		next = one->next;
		free(one);
	}
	pthread_mutex_destroy(&p->lock);
	close(p->fd);
}

void posts_add(struct posts *p, void (*call)(void *ctx), void *ctx)
{
	struct posted *one = mem_alloc(sizeof(*one));
	*one = (struct posted){ call, ctx, NULL };
	pthread_mutex_lock(&p->lock);
	bool ring = !p->first;
	*p->last = one;
	p->last = &one->next;
	pthread_mutex_unlock(&p->lock);
	if (ring)
		(void)!eventfd_write(p->fd, 1);
}

void posts_run(struct posts *p)
{
	eventfd_t rung;
	(void)!eventfd_read(p->fd, &rung); /* before they are taken: who comes after rings again */
	for (struct posted *one = take_all(p), *next; one; one = next) {
		next = one->next;
		one->call(one->ctx);
		free(one);
	}
}

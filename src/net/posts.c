/* SPDX-License-Identifier: Apache-2.0 */
#include "net/posts.h"

#include <stdlib.h>

#include "base/mem.h"

struct posted {
	void (*call)(void *ctx);
	void *ctx;
	struct posted *next;
};

void posts_init(struct posts *p)
{
	pthread_mutex_init(&p->lock, NULL);
	p->first = NULL;
	p->last = &p->first;
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
}

void posts_add(struct posts *p, void (*call)(void *ctx), void *ctx)
{
	struct posted *one = mem_alloc(sizeof(*one));
	*one = (struct posted){ call, ctx, NULL };
	pthread_mutex_lock(&p->lock);
	*p->last = one;
	p->last = &one->next;
	pthread_mutex_unlock(&p->lock);
}

void posts_run(struct posts *p)
{
	for (struct posted *one = take_all(p), *next; one; one = next) {
		next = one->next;
		one->call(one->ctx);
		free(one);
	}
}

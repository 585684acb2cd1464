/* SPDX-License-Identifier: Apache-2.0 */
/* net/posts.h - calls that other threads leave for the loop, in their order. */
#ifndef NET_POSTS_H
#define NET_POSTS_H

#include <pthread.h>

struct posted;

struct posts {
	pthread_mutex_t lock;
	struct posted *first, **last;
};

void posts_init(struct posts *p);
void posts_clear(struct posts *p);                                   /* what is left never runs */
void posts_add(struct posts *p, void (*call)(void *ctx), void *ctx); /* any thread */
void posts_run(struct posts *p); /* what is posted meanwhile has its turn the next time */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* net/posts.h - calls that other threads leave for the loop, in their order. */
#ifndef NET_POSTS_H
#define NET_POSTS_H

#include <pthread.h>

struct posted;

/* libuv's own way (uv_async) has the loop spin until the thread that woke it is back from its write: where
 * both have one processor, that is longer than most calls. */
struct posts {
	pthread_mutex_t lock;
	struct posted *first, **last;
	int fd; /* readable while there are some */
};

int posts_init(struct posts *p);                                     /* 0, or why not: an errno */
void posts_clear(struct posts *p);                                   /* what is left never runs */
void posts_add(struct posts *p, void (*call)(void *ctx), void *ctx); /* any thread */
void posts_run(struct posts *p); /* what is posted meanwhile has its turn the next time */

#endif

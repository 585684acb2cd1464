/* SPDX-License-Identifier: Apache-2.0 */
/* net/loop_inner.h - the loop as libuv sees it; for loop.c and watch.c only. */
#ifndef NET_LOOP_INNER_H
#define NET_LOOP_INNER_H

#include <signal.h>
#include <uv.h>

#include "net/fiber.h"
#include "net/posts.h"
#include "net/watch.h"

struct net_loop {
	uv_loop_t uv;
	uv_timer_t limit; /* of the wait in hand */
	uv_async_t wake;
	uv_poll_t posted; /* somebody posted a call */
	volatile sig_atomic_t interrupted;
	unsigned working; /* net_work not yet done */
	size_t events;    /* callbacks so far */
	uint64_t turn_ms; /* when the fibers' turn began */
	void (*idle)(void *ctx);
	void *idle_ctx;
	void (*turned)(void *ctx);
	void *turned_ctx;
	struct fibers fibers;
	struct posts posts;
};

void loop_must(int status, const char *doing); /* ends the process where libuv's set-up failed */
void loop_count_event(const uv_loop_t *uv);

#endif

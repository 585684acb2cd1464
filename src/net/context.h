/* SPDX-License-Identifier: Apache-2.0 */
/* net/context.h - where a stack stands while another runs; for net/fiber only.
 *
 * swapcontext() asks the kernel for the signal mask at every turn: two system calls for what is twenty
 * instructions.  All stacks of this thread have one mask, so here nobody asks; on processors other
 * than x86-64 it is swapcontext() all the same; and with shadow stacks, which it changes and we do not. */
#ifndef NET_CONTEXT_H
#define NET_CONTEXT_H

#include <stddef.h>

#if defined(__x86_64__) && !(defined(__CET__) && (__CET__ & 2)) /* 2: -fcf-protection=return */
#define CONTEXT_OWN 1
struct context {
	void *at; /* the top of its stack, where its registers are */
};
#else
#include <ucontext.h>
struct context {
	ucontext_t at;
};
#endif

/* The first switch to c calls enter(arg) on that stack, which is the caller's; enter never returns. */
void context_prepare(struct context *c, void *stack, size_t bytes, void (*enter)(void *arg), void *arg);
/* Goes on at `to`; returns when somebody switches to `from`. */
void context_switch(struct context *from, const struct context *to);

#endif

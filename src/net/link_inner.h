/* SPDX-License-Identifier: Apache-2.0 */
/* net/link_inner.h - a link under way; for link*.c only. */
#ifndef NET_LINK_INNER_H
#define NET_LINK_INNER_H

#include <netinet/in.h>

#include "net/link.h"
#include "net/tls_conn.h"
#include "net/watch.h"

struct link {
	struct net_loop *loop;
	const struct link_events *ev; /* NULL: finishing */
	void *user;
	int fd, number;
	enum link_state state;
	bool eof;    /* nothing more will be read */
	bool wanted; /* the user could not write all: tell when there is room */
	bool again;  /* input is to be offered anew */
	struct net_watch *watch;
	struct net_timer *timer; /* link_resume(), link_finish() */
	struct tls_conn *tls;
	struct buf in; /* plain, untaken */
	unsigned busy; /* inside a callback: freeing waits */
	bool freed;
	char peer[INET6_ADDRSTRLEN];
	unsigned port;
};

/* link_out.c */
void link_break_off(struct link *l, int number); /* the first reason counts */
void link_flush_tls(struct link *l);             /* what TLS has to say, as far as the kernel takes it */
void link_set_watch(struct link *l);             /* what is waited for now */

#endif

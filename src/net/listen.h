/* SPDX-License-Identifier: Apache-2.0 */
/* net/listen.h - sockets that listen, and what comes in at them.
 *
 * Binding is apart from accepting, so that privileges can be dropped in between. */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include "base/err.h"
#include "net/loop.h"

enum {
	LISTEN_BACKLOG = 1024,
	LISTEN_ACCEPTS_A_TURN = 64,
	LISTEN_PAUSE_MS = 200 /* when the process has no descriptors left */
};

struct listen_events {
	/* A connection; the user owns fd (non-blocking, close-on-exec). */
	void (*accepted)(void *user, int fd);
	/* accept() failed for want of descriptors or memory; told once a pause. */
	void (*refused)(void *user, int number);
};

struct listen;

/* where: "127.0.0.1:2525", "[::1]:25", "*:25" (IPv4 and IPv6), "0.0.0.0:587", port 0: any.
 * NULL with *e (ERR_USAGE no such form; ERR_SYS with the mend). */
struct listen *listen_bind(const char *where, struct err *e) MUST_USE;
/* What the kernel may keep unsent of each connection that comes from now on (SO_SNDBUF is inherited, tcp(7)).
 */
void listen_output_max(struct listen *l, int bytes);
void listen_free(struct listen **l); /* stops and closes */

void listen_start(struct listen *l, struct net_loop *loop, const struct listen_events *ev, void *user);
void listen_stop(struct listen *l); /* no more are accepted; the socket stays bound */

/* For refused(): of those that wait, a turn's worth hear words ("" none) and are gone, by a descriptor that
 * is kept free for that. */
void listen_turn_away(struct listen *l, const char *words);

/* The bound socket itself, now the caller's to close; l is freed. */
int listen_release(struct listen **l) MUST_USE;

const char *listen_address(const struct listen *l); /* as bound: "127.0.0.1:2525" */

#endif

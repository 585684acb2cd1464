/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_leg.h - one server's part in an exchange: its sockets and its replies. */
#ifndef NET_DNS_LEG_H
#define NET_DNS_LEG_H

#include "net/dns_exchange.h"
#include "net/watch.h"

/* Of a leg: IDLE -> UDP -> TCP_CONNECT -> TCP; any -> OVER when this server has said (or
 * failed) its last word for the try in hand. */
enum leg_state { LEG_IDLE, LEG_UDP, LEG_TCP_CONNECT, LEG_TCP, LEG_OVER };

struct leg {
	struct dns_exchange *x;
	void (*over)(struct leg *g); /* it has nothing more to give: others are asked, or that was all */
	const struct dns_server *server;
	enum leg_state state;
	int fd;
	struct net_watch *watch;
	struct dns_wire_question q;
	struct buf in, out; /* TCP */
};

struct dns_exchange {
	struct net_loop *loop;
	struct dns_exchange_options o;
	struct leg legs[DNS_SERVERS_MAX];
	size_t nlegs;
	struct net_timer *timer;
	unsigned tries;
	struct dns_exchange_result result;
	bool finished;
};

void dns_leg_ask(struct leg *g); /* sends the question (again) */
void dns_leg_close(struct leg *g);

/* The exchange has its result: told from the loop, as its caller may still be starting it. */
void dns_leg_finish_soon(struct dns_exchange *x);

#endif

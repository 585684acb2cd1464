/* SPDX-License-Identifier: Apache-2.0 */
/* relay/relay_inner.h - what the parts of the running relay share. */
#ifndef RELAY_RELAY_INNER_H
#define RELAY_RELAY_INNER_H

#include "net/dns.h"
#include "net/link.h"
#include "net/listen.h"
#include "relay/lanes.h"
#include "relay/log.h"
#include "relay/relay.h"
#include "relay/settings.h"
#include "store/store.h"

/* Who waits for an outcome of the store; `user` of store_accept() and store_mark(). */
struct relay_ticket {
	void (*done)(struct relay_ticket *t, const struct store_done *d); /* frees t if it wants */
};

struct relay_port {
	struct relay *relay;
	const struct relay_listen *listen;
	struct listen *socket;
};

struct relay {
	struct net_loop *loop;
	const struct relay_settings *settings;
	struct store *store;
	struct net_watch *store_watch;
	struct net_timer *minute;
	struct tls_identity *identity; /* NULL: none */
	struct relay_log *log;
	struct relay_port *ports;
	size_t nports;
	struct door *doors; /* list of connections */
	size_t ndoors;
	struct lanes *lanes;
	struct notices *notices;
	struct control *control;
	struct tls_trust *trust; /* roots for deliveries */
	bool draining;
	unsigned long long nonce; /* random, counted up */
	struct relay_counts counts;
};

int64_t relay_now_ms(void); /* Unix time */

/* door.c */
void door_open(struct relay_port *p, int fd);
void doors_close(struct relay *r); /* those that wait: 421; the others as they end */

#endif

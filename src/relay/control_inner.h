/* SPDX-License-Identifier: Apache-2.0 */
/* relay/control_inner.h - one asker at the control socket; for control*.c only. */
#ifndef RELAY_CONTROL_INNER_H
#define RELAY_CONTROL_INNER_H

#include "base/buf.h"
#include "net/watch.h"
#include "relay/control.h"

struct control_job; /* a request whose answer waits for the store */

struct control_peer {
	struct control *control;
	int fd;
	struct net_watch *watch;
	struct buf in, out;
	struct control_job *job; /* NULL: none; nothing more is read meanwhile */
	bool ending;             /* once out is written */
	struct control_peer *prev, *next;
};

struct control {
	struct relay *relay;
	int dir, fd;
	struct net_watch *watch;
	struct control_peer *peers; /* the one that spoke last first */
	size_t npeers;
	void (*answered)(struct control_peer *p); /* the answer of a job has been put into p->out */
};

/* control_request.c: one line asked; the answer goes to p->out, now or when p->job is over. */
void control_request(struct control_peer *p, struct str line);
void control_refuse(struct control_peer *p, const char *error, const char *mend);
void control_job_orphan(struct control_peer *p); /* it goes on, nobody is told */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flow/resolver_server.h - a resolver in a thread, by UDP and TCP on loopback: the first label of a
 * name says what it does with a question for it (good, silent, servfail, spoof, cut ...).
 */
#ifndef TESTS_FLOW_RESOLVER_SERVER_H
#define TESTS_FLOW_RESOLVER_SERVER_H

#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>

struct resolver {
	int udp, tcp;
	unsigned port;
	char text[32];
	atomic_bool stop, willing; /* willing: has an address for every name but "both" */
	atomic_uint asked, asked_by_tcp;
	pthread_t thread;
};

void resolver_start(struct resolver *r);
void resolver_stop(struct resolver *r);

#endif

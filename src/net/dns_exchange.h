/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_exchange.h - one question carried to the resolvers until one answers.
 *
 * Each try waits twice as long as the one before.  The first try asks the first
 * resolver alone, later ones all of them, and whoever answers first counts; a
 * refusal or failure of one sends the question to the others at once.  UDP with
 * a fresh random port and id, TCP where the answer was cut. */
#ifndef NET_DNS_EXCHANGE_H
#define NET_DNS_EXCHANGE_H

#include "net/dns.h"
#include "net/dns_conf.h"
#include "net/dns_wire.h"

struct dns_exchange_options {
	const struct dns_server *servers; /* borrowed, like all here */
	size_t nservers;
	const char *name, *type;
	unsigned flags;  /* enum dns_flag */
	unsigned try_ms; /* the first try; 0: DNS_TRY_MS */
	struct arena *arena;
	void (*done)(void *ctx); /* once; may free the exchange */
	void *ctx;
};

struct dns_exchange_result { /* texts in the arena */
	enum dns_status_code status;
	struct dns_wire_reply reply; /* of the server that counted */
	bool answered;               /* reply is there */
	bool truncated;
	const char *via, *error;
	const struct dns_server *server;
	int number; /* errno of DNS_ANSWER_LOCAL_ERROR; 0 none */
};

struct dns_exchange;

struct dns_exchange *dns_exchange_start(struct net_loop *l, const struct dns_exchange_options *o) MUST_USE;
const struct dns_exchange_result *dns_exchange_result(const struct dns_exchange *x);
void dns_exchange_free(struct dns_exchange **x);

#endif

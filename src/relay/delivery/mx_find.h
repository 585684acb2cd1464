/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/mx_find.h - from a lane to the addresses it is delivered to, remembered as long as DNS says.
 *
 * Failures stay apart: a domain that does not exist is for good, a resolver that fails is
 * nobody's word.  Called in a fiber. */
#ifndef RELAY_MX_FIND_H
#define RELAY_MX_FIND_H

#include "relay/delivery/mx.h"
#include "relay/relay_inner.h"

enum {
	MX_CACHE_MAX = 20000, /* destinations remembered; more are asked each time */
	MX_KEEP_MOST_S = 3600,
	MX_KEEP_LEAST_S = 5,
	MX_KEEP_FAILURE_S = 30,
	MX_KEEP_UNTOLD_S = 240, /* less than a usual first retry */
	MX_ADDRESSES_MAX = 10, /* of one plan */
	MX_WAIT_MS = 20000
};

enum mx_result {
	MX_READY,
	MX_NO_DOMAIN,  /* NXDOMAIN: for good */
	MX_NO_MAIL,    /* null MX: for good */
	MX_NO_ADDRESS, /* hosts without any address: for good, nothing could ever be reached */
	MX_LOOP,       /* we are its best MX host */
	MX_TROUBLE     /* not known now: SERVFAIL, time-out, bogus ... */
};

/* What the recipient's domain asks of TLS there. */
enum tls_need {
	TLS_WELCOME, /* where it is offered */
	TLS_NEEDED,  /* encrypted, whoever it is */
	TLS_PROVEN,  /* with a certificate for its name (MTA-STS) */
	TLS_DANE     /* with one that fits its TLSA records (RFC 7672) */
};

struct mx_target {
	const char *host; /* its name, or the address where there is none */
	const char *address;
	unsigned preference;
	enum tls_need need;
	const char *base; /* whose certificate it shows: host, or where its alias leads (RFC 7672, 2.2.3) */
	struct strlist tlsa; /* of TLS_DANE */
};

/* Could somebody on the way have named other hosts? */
enum mx_voucher {
	MX_VOUCHED_BY_NOBODY, /* yes */
	MX_VOUCHED,           /* no: DNSSEC or an MTA-STS policy names them */
	MX_VOUCHER_UNTOLD     /* it could not be found out just now */
};

struct mx_plan {
	enum mx_result result;
	struct mx_target v[MX_ADDRESSES_MAX];
	size_t n;
	const char *finding; /* id where result is not MX_READY; else "" */
	const char *why;     /* words, "" none */
	bool implicit;       /* no MX record: the domain's own address */
	enum mx_voucher voucher;
	const char *untold; /* of MX_VOUCHER_UNTOLD: words, and who can mend it */
	int lack; /* errno: this machine had no socket to ask with; 0 it had.  Never remembered, and never
		     MX_READY where a policy may be among what was not asked */
};

struct mx_cache;

struct mx_cache *mx_cache_new(const char *data) MUST_USE; /* a folder, for what outlives a restart */
void mx_cache_free(struct mx_cache **c);
/* The resolver lets nothing be proven by DNSSEC (net/dns_keys.h), as far as is known: DANE is not used. */
bool mx_unprovable(const struct mx_cache *c);

struct mx_ask {
	const char *name; /* address literals "[192.0.2.7]" too */
	bool host_only;   /* a host's name, not a mail domain: its addresses, and no policies */
	unsigned port;    /* whose TLSA records count */
	bool waived;      /* what the domain asks of TLS is not to be insisted on */
};

/* Texts go to a. */
void mx_find(struct relay *r, struct mx_cache *c, const struct mx_ask *ask, struct arena *a,
	     struct mx_plan *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/lookup.h - an answer of the DNS as a delivery needs it: told or not, proven or not, and what
 * a failure is called.  In a fiber. */
#ifndef RELAY_LOOKUP_H
#define RELAY_LOOKUP_H

#include "net/dns.h"

/* The DNS has said what there is, be it nothing.  NULL, no answer in time: it has not; nor has it where it is
 * open whether that is signed. */
bool lookup_is_told(const struct dns_answer *x);

/* The answer, where the resolver vouches for nothing with the validator's word in it: then .secure, or
 * DNS_ANSWER_BOGUS, is ours.  NULL: none in time. */
const struct dns_answer *lookup_proven(struct dns *d, struct dns_question *q, uint64_t until_ms);

/* Of one that was not told.  NULL is a time-out. */
const char *lookup_finding(const struct dns_answer *x); /* id, "" none */
const char *lookup_words(const struct dns_answer *x);

#endif

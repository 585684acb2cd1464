/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_prove.h - an answer's proof by DNSSEC, and what it is called where there is none. */
#ifndef NET_DNS_PROVE_H
#define NET_DNS_PROVE_H

#include "net/dns_inner.h"

/* Completes the answer, then calls proved (which may be at once). */
void dns_prove(struct dns_question *q, void (*proved)(struct dns_question *q));
void dns_prove_take(struct dns_answer *a, const struct dns_wire_reply *r);

#endif

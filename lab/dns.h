/* SPDX-License-Identifier: Apache-2.0 */
/* lab/dns.h - the lab's resolvers on UDP and TCP. */
#ifndef LAB_DNS_H
#define LAB_DNS_H

#include "lab/world.h"
#include "lab/zone.h"

/* The main resolver (section NULL) or another of the scenario. */
bool lab_dns_start(struct world *w, const struct spec_section *s, struct err *e) MUST_USE;
void lab_dns_close(struct lab_dns *d); /* all of the list; then run the loop, then free */
void lab_dns_free(struct lab_dns **d);

#endif

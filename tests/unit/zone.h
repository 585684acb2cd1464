/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/zone.h - a table of DNS records as a view.
 *
 * To prove that evaluators ask for all they need, a zone begins with every
 * answer hidden and shows only those that were wanted. */
#ifndef TESTS_UNIT_ZONE_H
#define TESTS_UNIT_ZONE_H

#include "mail/dns_view.h"

/* type "TIMEOUT": every type not listed for the name fails; "CNAME": an alias. */
struct zone_record {
	const char *name, *type, *value;
};

struct zone {
	struct arena *arena;
	struct zone_record *v;
	size_t n, room;
	struct dns_wants shown; /* of the current case; more than fits is shown too */
	struct strlist asked;
};

void zone_add(struct zone *z, const char *name, const char *type, const char *value);
void zone_add_table(struct zone *z, const struct zone_record *v, size_t n);
void zone_hide(struct zone *z);                            /* before each case */
bool zone_show(struct zone *z, const struct dns_wants *w); /* false: nothing new was wanted */
struct dns_view zone_view(struct zone *z);

/* Repeats a call like spf_check(...) until it needs nothing more; fails the
 * test when it wants nothing new or goes on for ever. */
#define ZONE_RUN(z, w, call)                                                                                 \
	for (int rounds_ = 0; !(call); rounds_++)                                                            \
		if (rounds_ > 60 || !zone_show((z), (w)))                                                    \
	fail_msg("the evaluator wants answers and names none")

#endif

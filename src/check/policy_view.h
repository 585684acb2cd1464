/* SPDX-License-Identifier: Apache-2.0 */
/* check/policy_view.h - the DNS facts of the evidence as a view for mail's evaluators.
 *
 * Only plain answers of the resolver count: what was asked in another way (with
 * checking off, of one name server, of the hosts file) explains, but is not what
 * a receiver would see. */
#ifndef CHECK_POLICY_VIEW_H
#define CHECK_POLICY_VIEW_H

#include "check/evidence.h"
#include "mail/dns_view.h"

struct policy_view {
	const struct evidence *ev;
	bool final; /* nothing more will be asked: what is unknown counts as failed */
};

/* Borrows v. */
struct dns_view policy_view_of(struct policy_view *v);

/* The fact that answers it, or NULL. */
const struct fact *policy_view_fact(const struct evidence *ev, const char *name, const char *type);

#endif

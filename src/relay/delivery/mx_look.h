/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/mx_look.h - the questions behind mx_find(): hosts, addresses, what the domain asks of TLS.
 */
#ifndef RELAY_MX_LOOK_H
#define RELAY_MX_LOOK_H

#include "relay/delivery/mx_find.h"
#include "relay/delivery/sts.h"

/* Fills *out, which is empty; returns for how many seconds that holds.  In a fiber. */
unsigned mx_look(struct relay *r, struct sts_cache *sts, const struct mx_ask *ask, struct dns *dns,
		 struct arena *a, struct mx_plan *out);

#endif

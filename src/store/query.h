/* SPDX-License-Identifier: Apache-2.0 */
/* store/query.h - what a question asks for, and whether a message or a text fits it.  Pure. */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "store/store.h"

bool query_same(struct str a, struct str b); /* letters of ASCII without case */
bool query_is_prefix(struct str want);       /* "ann*" */
bool query_address_fits(struct str have, struct str want);
bool query_message_fits(const struct store_query *q,
			const struct store_message *m); /* its recipients apart */
unsigned query_states(const struct store_query *q);     /* 1u << state, or-ed; 0: any */
enum store_state query_only_state(unsigned states);     /* STORE_NO_STATE: none or several */

#endif

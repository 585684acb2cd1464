/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/hands.h"

void hands_begin(struct hands *h)
{
	atomic_fetch_add(&h->n, 1);
	atomic_fetch_add(&h->relay->handing, 1);
}

bool hands_end(struct hands *h)
{
	atomic_fetch_sub(&h->n, 1);
	return atomic_fetch_sub(&h->relay->handing, 1) == 1;
}

void hands_forget(struct hands *h)
{
	atomic_fetch_sub(&h->relay->handing, atomic_exchange(&h->n, 0));
}

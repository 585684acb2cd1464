/* SPDX-License-Identifier: Apache-2.0 */
/* A message under way: its recipients, and its end. */
#include <stdlib.h>
#include <strings.h>

#include "relay/door/door_inner.h"

void door_transaction_free(struct door_transaction **mp)
{
	struct door_transaction *m = *mp;
	*mp = NULL;
	if (!m)
		return;
	intake_free(&m->intake);
	free(m->v);
	struct arena *a = m->arena; /* m is in it */
	arena_free(&a);
}

bool door_transaction_has(const struct door_transaction *m, struct str address)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_iequal(m->v[i].address, address))
			return true;
	return false;
}

void door_forget(struct door *d)
{
	door_transaction_free(&d->mail);
}

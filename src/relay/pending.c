/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/pending.h"

void pending_put(struct pending **list, struct pending *p)
{
	p->prev = NULL;
	p->next = *list;
	if (p->next)
		p->next->prev = p;
	*list = p;
}

void pending_take(struct pending **list, struct pending *p)
{
	if (p->prev)
		p->prev->next = p->next;
	else
		*list = p->next;
	if (p->next)
		p->next->prev = p->prev;
}

bool pending_any(const struct pending *list, struct store_id id, bool (*fn)(void *user, uint32_t rcpt),
		 void *user)
{
	for (const struct pending *p = list; p; p = p->next)
		for (size_t i = 0; i < p->n && store_id_same(p->marks[i].id, id); i++)
			if (fn(user, p->marks[i].rcpt))
				return true;
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_chain.h"

/* The rest of a chain, from its link `i` on, after a word that ends at `after`. */
static size_t links_end(const struct reply_places *p, const struct reply_chain *chain, unsigned i,
			size_t after)
{
	if (i == chain->nlinks || i == REPLY_LINKS_MAX)
		return after;
	unsigned set = chain->links[i];
	for (unsigned k = 0; k < p->n[set]; k++) {
		const struct reply_place *at = &p->at[set][k];
		if (i && (at->from < after || at->from > after + REPLY_LINK_GAP))
			continue;
		size_t end = links_end(p, chain, i + 1, at->to);
		if (end)
			return end;
	}
	return 0;
}

size_t reply_chain_end(const struct reply_places *p, const struct reply_chain *chain)
{
	return reply_chain_may_hold(p->present, chain) ? links_end(p, chain, 0, 0) : 0;
}

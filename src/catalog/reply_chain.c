/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_chain.h"

#include <stdbool.h>
#include <string.h>

void reply_places_clear(struct reply_places *p)
{
	memset(p->present, 0, sizeof(p->present));
}

static bool is_present(const struct reply_places *p, unsigned set)
{
	return p->present[set / 64] >> set % 64 & 1;
}

void reply_place_add(struct reply_places *p, unsigned set, size_t from, size_t to)
{
	if (!is_present(p, set)) {
		p->present[set / 64] |= (uint64_t)1 << set % 64;
		p->n[set] = 0;
	}
	if (p->n[set] < REPLY_PLACES_MAX)
		p->at[set][p->n[set]++] = (struct reply_place){ (uint16_t)from, (uint16_t)to };
}

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
	for (unsigned i = 0; i < chain->nlinks; i++)
		if (!is_present(p, chain->links[i]))
			return 0;
	return links_end(p, chain, 0, 0);
}

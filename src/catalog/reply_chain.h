/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_chain.h - words that follow one another: "{who} ~ {what}" of catalog/replies/.
 *
 * Each link of a chain is a set of words.  Where they stand is noted while the
 * text is searched; a chain holds when a word of each link comes soon after one
 * of the link before.  No allocation. */
#ifndef CATALOG_REPLY_CHAIN_H
#define CATALOG_REPLY_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "catalog/reply_rules.h"

enum {
	REPLY_LINKS_MAX = 4,
	REPLY_PLACES_MAX = 8, /* of one set in a text; later ones are not looked at */
	REPLY_LINK_GAP = 48   /* bytes between two links: an address may stand there, not a sentence */
};

struct reply_chain {
	uint16_t rule, nlinks;
	uint16_t links[REPLY_LINKS_MAX]; /* sets */
};

extern const struct reply_chain reply_chains[];
extern const unsigned reply_nsets;
extern const uint16_t reply_chain_start[]; /* nsets + 1: the chains that a set stands for */
extern const uint64_t reply_chain_begin[]; /* a bit for each set that stands for some */

struct reply_place {
	uint16_t from, to;
};

/* Begins as { 0 } in `present` only. */
struct reply_places {
	uint64_t present[REPLY_SET_WORDS];
	uint8_t n[REPLY_SETS_MAX];
	struct reply_place at[REPLY_SETS_MAX][REPLY_PLACES_MAX];
};

static inline void reply_places_clear(struct reply_places *p)
{
	memset(p->present, 0, sizeof(p->present));
}

/* set: a bit in words of them. */
static inline bool reply_set_in(const uint64_t *sets, unsigned set)
{
	return sets[set / REPLY_WORD_BITS] >> set % REPLY_WORD_BITS & 1;
}

/* A word of the set stands at from up to to. */
static inline void reply_place_add(struct reply_places *p, unsigned set, size_t from, size_t to)
{
	unsigned n = reply_set_in(p->present, set) ? p->n[set] : 0;
	p->present[set / REPLY_WORD_BITS] |= (uint64_t)1 << set % REPLY_WORD_BITS;
	if (n == REPLY_PLACES_MAX)
		return;
	p->at[set][n] = (struct reply_place){ (uint16_t)from, (uint16_t)to };
	p->n[set] = (uint8_t)(n + 1);
}

/* False: a link of it has no word at all. */
static inline bool reply_chain_may_hold(const uint64_t *sets, const struct reply_chain *chain)
{
	for (unsigned i = 0; i < chain->nlinks; i++)
		if (!reply_set_in(sets, chain->links[i]))
			return false;
	return true;
}

/* Where the chain ends in the text; 0: it does not hold. */
size_t reply_chain_end(const struct reply_places *p, const struct reply_chain *chain);

#endif

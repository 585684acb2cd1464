/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_chain.h - words that follow one another: "{who} ~ {what}" of catalog/replies/.
 *
 * Each link of a chain is a set of words.  Where they stand is noted while the
 * text is searched; a chain holds when a word of each link comes soon after one
 * of the link before.  No allocation. */
#ifndef CATALOG_REPLY_CHAIN_H
#define CATALOG_REPLY_CHAIN_H

#include <stddef.h>
#include <stdint.h>

enum {
	REPLY_SETS_MAX = 1024,
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
extern const uint16_t reply_chain_start[]; /* nsets + 1: the chains that begin with a set */

struct reply_place {
	uint16_t from, to;
};

/* Begins as { 0 } in `present` only. */
struct reply_places {
	uint64_t present[REPLY_SETS_MAX / 64];
	uint8_t n[REPLY_SETS_MAX];
	struct reply_place at[REPLY_SETS_MAX][REPLY_PLACES_MAX];
};

void reply_places_clear(struct reply_places *p);

/* A word of the set stands at from up to to. */
void reply_place_add(struct reply_places *p, unsigned set, size_t from, size_t to);

/* Where the chain ends in the text; 0: it does not hold. */
size_t reply_chain_end(const struct reply_places *p, const struct reply_chain *chain);

#endif

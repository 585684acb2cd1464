/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_find.h - which phrases and chains of words stand in a text, and what they say of the
 * rules.  For reply_match.c. */
#ifndef CATALOG_REPLY_FIND_H
#define CATALOG_REPLY_FIND_H

#include <stdint.h>

#include "base/str.h"
#include "catalog/reply_grams.h"
#include "catalog/reply_rules.h"

/* What the phrases of a text say of the rules, and which sets have a word in it; behind them, nothing. */
struct reply_hits {
	uint64_t words[REPLY_USE_WORDS + REPLY_USES_WORDS];
};

static inline const uint64_t *reply_hits_of(const struct reply_hits *h, enum reply_use use)
{
	return h->words + use * REPLY_RULE_WORDS;
}

static inline bool reply_rule_in(const struct reply_hits *h, enum reply_use use, unsigned rule)
{
	return reply_hits_of(h, use)[rule / REPLY_WORD_BITS] >> rule % REPLY_WORD_BITS & 1;
}

/* Every phrase holds a few bytes that lead to it; each is looked for once.  text: folded, with
 * REPLY_PAD bytes behind it.  first gets what stands before first_len; it may be all.  All three begin as { 0
 * }. */
void reply_find(struct str text, size_t first_len, struct reply_hits *first, struct reply_hits *all,
		struct reply_grams *grams);

#endif

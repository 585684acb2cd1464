/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_find.h - which phrases and chains of words stand in a text, and what they say of the
 * rules.  For reply_match.c. */
#ifndef CATALOG_REPLY_FIND_H
#define CATALOG_REPLY_FIND_H

#include <stdint.h>

#include "base/str.h"
#include "catalog/reply_rules.h"

enum { REPLY_WORD_BITS = 64, REPLY_RULE_WORDS = REPLY_RULES_MAX / REPLY_WORD_BITS };

/* One bit a rule. */
struct reply_rule_set {
	uint64_t words[REPLY_RULE_WORDS];
};

/* What the phrases of a text say of the rules, by reply_use. */
struct reply_hits {
	struct reply_rule_set of[REPLY_USE_SET];
};

static inline bool reply_rule_in(const struct reply_rule_set *set, unsigned rule)
{
	return set->words[rule / REPLY_WORD_BITS] >> rule % REPLY_WORD_BITS & 1;
}

/* Every phrase holds a few bytes that lead to it; each is looked for once.  text: folded, with
 * REPLY_PAD bytes behind it.  first gets what stands before first_len; it may be all. */
void reply_find(struct str text, size_t first_len, struct reply_hits *first, struct reply_hits *all);

#endif

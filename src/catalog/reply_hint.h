/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_hint.h - what the single words of a reply speak for, beside rules that are not sure.
 *
 * catalog/hints/ says of words, pairs of words, first letters, codes and
 * statuses how much likelier they make a class, or less.  That and what a rule
 * is worth add up to the share each class has, which is how sure we are.  Time
 * is bounded by the text; no allocation. */
#ifndef CATALOG_REPLY_HINT_H
#define CATALOG_REPLY_HINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "catalog/reply_match.h"

/* What only words speak for is likely at best: never surer than this. */
#define REPLY_HINT_MOST 0.6

/* What is read: the folded text, its code and status (0: none). */
struct reply_hint_text {
	struct str folded;
	unsigned code, enh[3];
};

/* Weighs the n meanings of weak rules by the words, and puts in what the words
 * alone speak for.  Best first; returns how many there are now.  Where the words
 * say too little, out[] stands as it was. */
size_t reply_hints_weigh(const struct reply_hint_text *t, struct reply_meaning out[REPLY_MEANINGS_MAX],
			 size_t n);

/* Of the n meanings whose confidence is less than `near` below that of the
 * first, the one that the words speak for comes first, as sure as that was. */
void reply_hints_choose(const struct reply_hint_text *t, struct reply_meaning out[REPLY_MEANINGS_MAX],
			size_t n, double near);

#endif

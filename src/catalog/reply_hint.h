/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_hint.h - what the single words of a reply speak for, where no rule is sure.
 *
 * catalog/hints/ says of words, pairs of words, codes and statuses how much
 * likelier they make a class.  What they add up to is likely at best: it never
 * makes a meaning surer than REPLY_HINT_MOST.  Time is bounded by the text; no
 * allocation. */
#ifndef CATALOG_REPLY_HINT_H
#define CATALOG_REPLY_HINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "catalog/reply_match.h"

/* Rules that are surer than this need no hint. */
#define REPLY_HINT_MOST 0.6

/* What is read: the folded text, its code and status (0: none). */
struct reply_hint_text {
	struct str folded;
	unsigned code, enh[3];
};

/* By code or status: no answering machine's, whatever its words. */
bool reply_hint_is_refusal(const struct reply_hint_text *t);

/* Takes the n meanings of the rules, none surer than REPLY_HINT_MOST, and puts
 * to them, or beside them, what the words speak for.  Best first; returns how
 * many there are now. */
size_t reply_hints_add(const struct reply_hint_text *t, struct reply_meaning out[REPLY_MEANINGS_MAX],
		       size_t n);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_leads.h - bytes of a text that lead to phrases.  For reply_find.c.
 *
 * Which bytes do is as good as chance, and the tables are too large to be near the processor: so the text is
 * passed over in steps, each without branches, and what a later step needs is asked for early. */
#ifndef CATALOG_REPLY_LEADS_H
#define CATALOG_REPLY_LEADS_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "catalog/reply_grams.h"
#include "catalog/reply_pattern.h"

/* Heads that are looked at together, and the most leads that they make. */
enum { REPLY_STEP_HEADS = 64, REPLY_LEADS_MAX = 4 * REPLY_STEP_HEADS + 1 };

/* The bytes at `at` may be those of phrases from..to-1 that have this mark. */
struct reply_lead {
	uint32_t from, to;
	uint16_t at;
	uint8_t mark;
};

/* Where three bytes begin that may be a head; text: with REPLY_PAD bytes behind it.  Returns how many, and
 * adds all of its bytes to grams. */
unsigned reply_heads_find(struct str text, struct reply_grams *grams, uint16_t heads[REPLY_FOLDED_MAX]);

/* What n of the heads lead to, at most REPLY_STEP_HEADS.  Returns how many leads, in order of the heads. */
unsigned reply_leads(struct str text, const uint16_t *heads, unsigned n,
		     struct reply_lead out[REPLY_LEADS_MAX]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/words.h - what people are shown for steps, actors and confidence: the same everywhere. */
#ifndef CATALOG_WORDS_H
#define CATALOG_WORDS_H

#include "catalog/finding.h"

/* A step for people: "Encryption". */
const char *words_step(enum step s);
/* An actor as somebody addressed ("You"). */
const char *words_actor(enum finding_actor a);
/* How sure: "Very likely". */
const char *words_sure(double confidence);
bool words_is_guess(double confidence); /* no more than that: not to be told as known */
/* The fix'th thing to do in the order people are shown: who acts first stands
 * first, the rest as in the catalogue.  NULL past the end. */
const struct finding_fix *words_fix(const struct finding_entry *e, size_t i);
const struct finding_fix *words_fix_of(const struct finding_fix *fixes, size_t n, enum finding_actor first,
				       size_t i);

#endif

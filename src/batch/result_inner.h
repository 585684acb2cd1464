/* SPDX-License-Identifier: Apache-2.0 */
/* batch/result_inner.h - a recipient's fate in words; for batch/result*.c only. */
#ifndef BATCH_RESULT_INNER_H
#define BATCH_RESULT_INNER_H

#include "base/arena.h"
#include "batch/results.h"

/* Of the relay's door, to an address on its list. */
#define SUPPRESSED_WORDS "it is on the suppression list"

/* What the catalogue makes of its reply: why, finding, what to do. */
void result_explain(struct arena *a, struct result *r);
/* What its state means; why: the rule or the program's own words, where there is no cause. */
const char *result_words(struct arena *a, const struct result *r, struct str why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* check/discovery_words.h - what people are told of a search: sentences, notes, the block to copy. */
#ifndef CHECK_DISCOVERY_WORDS_H
#define CHECK_DISCOVERY_WORDS_H

#include "check/discovery.h"

/* All in d's arena; d->best and d->found are set. */
const char *discovery_summary(const struct discovery *d);
const char *discovery_config(const struct discovery *d); /* "" where nothing was found */
void discovery_notes(struct discovery *d);               /* fills d->notes */

/* "FOUND": the word people see first. */
const char *discovery_word(const struct discovery *d);

/* "mail.acme.example, port 465 (SSL/TLS)" */
const char *discovery_server(struct arena *a, const struct fact_candidate *c);

#endif

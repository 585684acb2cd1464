/* SPDX-License-Identifier: Apache-2.0 */
/* show/suppression_json.h - one entry of the list of addresses that get no mail, as the contract's JSON. */
#ifndef SHOW_SUPPRESSION_JSON_H
#define SHOW_SUPPRESSION_JSON_H

#include <jansson.h>

#include "store/store.h"

/* The caller's (json_decref). */
json_t *suppression_json(const struct store_suppressed *v, int64_t now_ms) MUST_USE;
/* A finding's title; else a person's words.  In a, or static. */
const char *suppression_words(const struct store_suppressed *v, struct arena *a);
/* you@example.com or @example.com, and nothing else */
bool suppression_is_address(struct str s);

#endif

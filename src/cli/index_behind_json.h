/* SPDX-License-Identifier: Apache-2.0 */
/* cli/index_behind_json.h - the same in a document. */
#ifndef CLI_INDEX_BEHIND_JSON_H
#define CLI_INDEX_BEHIND_JSON_H

#include <jansson.h>

#include "cli/index_behind.h"

/* "behind": {"changes": N, "why": TEXT} into o, where it is behind. */
void index_behind_json(json_t *o, const struct index_behind *b);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* cli/index_behind.h - what the running relay has on disk and its index does not have yet: who looks into the
 * index sees the past then, and must be told so. */
#ifndef CLI_INDEX_BEHIND_H
#define CLI_INDEX_BEHIND_H

#include "base/paper.h"

struct index_behind {
	unsigned long long changes; /* 0: it is not behind, but for moments; or no relay answers */
	const char *why;
};

/* Ahead of what is told, where it is behind: on that paper, or (NULL) to stderr. */
void index_behind_tell(const struct index_behind *b, struct paper *paper);
#endif

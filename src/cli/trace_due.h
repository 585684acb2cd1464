/* SPDX-License-Identifier: Apache-2.0 */
/* cli/trace_due.h - when what waits is tried again, as the running relay sees its destination: that may rest
 * longer than the trail of one mail knows. */
#ifndef CLI_TRACE_DUE_H
#define CLI_TRACE_DUE_H

#include "cli/queue_hand.h"

/* Puts off the next try of each of these recipients, and what its last event tells of it; only NULL: of the
 * first n. */
void trace_due(struct queue_hand *h, struct store_trail *t, const uint32_t *only, size_t n);

#endif

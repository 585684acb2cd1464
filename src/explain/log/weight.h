/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/weight.h - how much mending a cause is worth: what "first" means in a summary. */
#ifndef EXPLAIN_LOG_WEIGHT_H
#define EXPLAIN_LOG_WEIGHT_H

#include "explain/log/summary.h"

/* From its counts, its class, and who must act; 0 when nobody has to. */
double log_weight(const struct log_cause *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* explain/decide.h - which check would tell the candidates apart. */
#ifndef EXPLAIN_DECIDE_H
#define EXPLAIN_DECIDE_H

#include "explain/explain.h"

/* A command to type, arena-owned or static; "" when the answer stands as it is. */
const char *explain_decide(struct arena *a, const struct explanation *x);

#endif

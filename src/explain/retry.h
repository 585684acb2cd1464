/* SPDX-License-Identifier: Apache-2.0 */
/* explain/retry.h - whether trying the same again makes sense. */
#ifndef EXPLAIN_RETRY_H
#define EXPLAIN_RETRY_H

#include "explain/explain.h"

/* never | later | wait, of the class, the code and how sure the answer is. */
const char *explain_retry(const struct explanation *x);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flow/soak_store.h - the store of store_soak and the texts in it, as they are written and as they are
 * checked.
 */
#ifndef TESTS_FLOW_SOAK_STORE_H
#define TESTS_FLOW_SOAK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

int64_t soak_now_ms(void);
void soak_fill(unsigned seed, char *out, size_t size); /* the same bytes for the same seed */
bool soak_open(const char *path, struct store **s);    /* false: why is told */
int soak_failed(const struct err *e);                  /* tells it; 1 */

#endif

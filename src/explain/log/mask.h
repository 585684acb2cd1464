/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/mask.h - equal replies that differ only in addresses, names of sessions and numbers. */
#ifndef EXPLAIN_LOG_MASK_H
#define EXPLAIN_LOG_MASK_H

#include <stdint.h>

#include "base/str.h"

/* One number for all of them; the codes at the front count. */
uint64_t log_mask_hash(struct str s);

#endif

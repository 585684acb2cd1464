/* SPDX-License-Identifier: Apache-2.0 */
/* check/first_bytes.h - which protocol a peer's first bytes look like. */
#ifndef CHECK_FIRST_BYTES_H
#define CHECK_FIRST_BYTES_H

#include "base/str.h"

/* fact_kinds.def's words for bytes.looks_like; "" where nothing came. */
const char *first_bytes_look_like(struct str s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* explain/clean.h - the step of explain_clean() that takes HTML off.  Like all of them it returns s itself
 * where there is nothing to take off, and is linear in s; what it returns lives in the arena or in s. */
#ifndef EXPLAIN_CLEAN_H
#define EXPLAIN_CLEAN_H

#include "base/arena.h"

/* Of a longer paste the middle is left out, with a line that says so. */
enum { EXPLAIN_PASTE_MAX = 1024 * 1024 };

struct str clean_markup(struct arena *a, struct str s) MUST_USE; /* HTML tags and entities */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* explain/hide.h - secrets in pasted text: found by their place or their shape, replaced by [hidden].
 *
 * What follows AUTH or a 334 challenge, passwords in URLs and settings, header
 * fields that authorise, tokens and keys of known shapes.  Rather one word too
 * many than a secret repeated. */
#ifndef EXPLAIN_HIDE_H
#define EXPLAIN_HIDE_H

#include "base/arena.h"

/* s itself when nothing was found, else a copy in the arena. */
struct str explain_hide(struct arena *a, struct str s) MUST_USE;

#endif

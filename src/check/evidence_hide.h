/* SPDX-License-Identifier: Apache-2.0 */
/* check/evidence_hide.h - keeps secrets out of evidence (evidence.c uses it). */
#ifndef CHECK_EVIDENCE_HIDE_H
#define CHECK_EVIDENCE_HIDE_H

#include "check/evidence.h"

/* s itself, or a copy in ev's arena with every known secret replaced. */
struct str evidence_masked(struct evidence *ev, struct str s) MUST_USE;

#endif

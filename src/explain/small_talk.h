/* SPDX-License-Identifier: Apache-2.0 */
/* explain/small_talk.h - text that tells of no error: somebody tries what the program does, or pasted the
 * wrong thing.  Errs on the side of an error. */
#ifndef EXPLAIN_SMALL_TALK_H
#define EXPLAIN_SMALL_TALK_H

#include "base/str.h"

/* A short text of plain words, none of which errors are told with, and no number. */
bool small_talk_is(struct str text) MUST_USE;

#endif

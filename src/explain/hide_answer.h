/* SPDX-License-Identifier: Apache-2.0 */
/* explain/hide_answer.h - what a client answers to a server's "334 ...". */
#ifndef EXPLAIN_HIDE_ANSWER_H
#define EXPLAIN_HIDE_ANSWER_H

#include "base/str.h"

/* Whether a "334" stands at `at` and the next line ends in base64 alone, whatever direction marks stand
 * before it: from *from to *to.  Another reply of the server's is none. */
bool hide_answer(struct str s, size_t at, size_t *from, size_t *to) MUST_USE;

#endif

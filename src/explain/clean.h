/* SPDX-License-Identifier: Apache-2.0 */
/* explain/clean.h - the single steps of explain_clean(): each takes one wrapping off.
 *
 * A step returns s itself where there is nothing to take off.  All are linear in
 * s; what they return lives in the arena or in s. */
#ifndef EXPLAIN_CLEAN_H
#define EXPLAIN_CLEAN_H

#include "base/arena.h"

/* Of a longer paste the middle is left out, with a line that says so. */
enum { EXPLAIN_PASTE_MAX = 1024 * 1024 };

struct str clean_markup(struct arena *a, struct str s) MUST_USE;    /* HTML tags and entities */
struct str clean_controls(struct arena *a, struct str s) MUST_USE;  /* ANSI colours, CR, odd blanks */
struct str clean_printable(struct arena *a, struct str s) MUST_USE; /* quoted-printable */
struct str clean_escapes(struct arena *a, struct str s) MUST_USE;   /* \n \" \u00fc */
struct str clean_quotes(struct arena *a, struct str s) MUST_USE;    /* "> " before each line */
struct str clean_challenge(struct arena *a, struct str s) MUST_USE; /* base64 of an OAuth refusal */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* base/nearest.h - which of the names there are was meant by a misspelt one. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/str.h"

struct option;

enum { NEAREST_WRONG = 2 }; /* letters amiss in a word; with more it is another word */

/* The letters amiss are counted as Levenshtein did, a transposition as one, ASCII case ignored. */
struct nearest {
	struct str given;
	unsigned below;   /* only a name with fewer letters amiss is nearer */
	const char *name; /* borrowed of the caller; NULL: none is near */
};

struct nearest nearest_to(struct str given, unsigned wrong); /* at most so many letters amiss */
/* An option as typed, "--jsn" or "--jsn=x". */
struct nearest nearest_to_option(const char *given);
void nearest_look(struct nearest *n, const char *name); /* the first of several as near stays */

/* The long option of getopt_long's table that was meant, NULL for none. */
const char *nearest_option(const struct option *longs, const char *given);

#endif

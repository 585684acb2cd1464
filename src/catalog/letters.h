/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/letters.h - letters outside ASCII, folded so that one phrase finds all ways to write a word.
 *
 * "Boîte", "BOÎTE", "boi^te" with a combining accent, and the same in
 * windows-1252 all become "boite".  Bytes that are no UTF-8 are read as
 * windows-1252, the superset of ISO-8859-1 that mailers mean by it.  Pure. */
#ifndef CATALOG_LETTERS_H
#define CATALOG_LETTERS_H

#include <stddef.h>

/* The longest that one letter becomes: U+33xx and the like are left alone. */
enum { LETTER_FOLDED_MAX = 24 };

/* Folds the one letter at p (len >= 1, p[0] outside ASCII) into out, which may
 * stay empty; sets *nout.  Returns how many bytes of p it took, at least 1. */
size_t letter_fold(const char *p, size_t len, char out[LETTER_FOLDED_MAX], size_t *nout);

#endif

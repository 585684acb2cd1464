/* SPDX-License-Identifier: Apache-2.0 */
/* store/words.h - the words of a subject line, addresses and ids, made comparable: small letters, without
 * marks between or around. */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include "base/str.h"

enum {
	WORD_BYTES = 64, /* kept of one word, at most */
	WORDS_MAX = 24,  /* of one subject; what follows is not searchable */
};

/* Takes the next word of *rest into out and returns its length; 0 at the end.  Letters are small
 * (ASCII, Latin, Greek, Cyrillic), any other character of UTF-8 outside ASCII counts as a letter. */
size_t words_next(struct str *rest, char out[WORD_BYTES]);

/* Small letters of an address or id, ASCII only, at most `size`; returns the length. */
size_t words_lower(struct str s, char *out, size_t size);

struct str id_bare(struct str id); /* without blanks and <> */

#endif

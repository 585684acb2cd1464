/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_pattern.h - phrases of the reply catalogue, and the text they are looked for in.
 *
 * A phrase is lower case; '*' stands for any text of up to REPLY_GAP_MAX bytes,
 * a blank at the end of a piece for a word's edge.  Pure functions: no memory, no state. */
#ifndef CATALOG_REPLY_PATTERN_H
#define CATALOG_REPLY_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum {
	REPLY_FOLDED_MAX = 8 * 1024, /* of a reply; what follows is not looked at */
	REPLY_GAP_MAX = 120          /* words further apart belong to two sentences */
};

/* Writes text in the form phrases are written in and returns its length: lower
 * case, letters without accents, one blank for any white space, quotes and
 * dashes as ASCII has them (catalog/letters.h), and without the codes that begin
 * the second and later lines of a reply.
 * Not NUL-terminated. */
size_t reply_fold(const char *text, char out[REPLY_FOLDED_MAX]);

/* A letter or a digit of a word; what folding leaves outside ASCII counts as letters. */
extern const bool reply_word_bytes[256];
static inline bool reply_is_word(char c)
{
	return reply_word_bytes[(unsigned char)c];
}

/* True when the phrase occurs in the folded text. */
bool reply_phrase_in(const char *phrase, const char *folded, size_t len);

/* Where the first place of words at or after `from` ends, 0 when there is none.  No '*', no edges. */
size_t reply_words_at(struct str folded, struct str words, size_t from);

/* True when no word goes on at the edges that are asked for. */
static inline bool reply_stands_apart(struct str folded, size_t start, size_t end, bool before, bool after)
{
	return (!before || !start || !reply_is_word(folded.p[start - 1])) &&
	       (!after || end == folded.len || !reply_is_word(folded.p[end]));
}

/* A status as RFC 3463 has it at p ("5.7.139"): its length, 0 when there is none. */
size_t reply_status_at(const char *p, size_t len);
/* A reply code at p: three digits, the first 2 to 5, and no fourth one. */
bool reply_code_at(const char *p, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_rules.h - the form of the tables that tools/gen_replies.py makes of catalog/replies/. */
#ifndef CATALOG_REPLY_RULES_H
#define CATALOG_REPLY_RULES_H

#include <stdbool.h>
#include <stdint.h>

enum reply_need {
	REPLY_NEED_TLS = 1,
	REPLY_NEED_NO_TLS = 2,
	REPLY_NEED_LOGGED_IN = 4,
	REPLY_NEED_NOT_LOGGED_IN = 8
};

/* Codes that there are; a set of them is a bit each, those of the catalogue are numbered. */
enum { REPLY_CODE_FIRST = 200, REPLY_CODES = 400, REPLY_CODE_WORDS = (REPLY_CODES + 63) / 64 };
extern const uint64_t reply_code_sets[][REPLY_CODE_WORDS];
static inline bool reply_code_in(unsigned set, unsigned code)
{
	unsigned bit = code - REPLY_CODE_FIRST;
	return bit < REPLY_CODES && reply_code_sets[set][bit / 64] >> bit % 64 & 1;
}

/* Numbers of a status; REPLY_ANY stands for any. */
enum { REPLY_ANY = 0xffff };
struct reply_status {
	uint16_t n[3];
};

struct reply_rule {
	double confidence;
	const char *where;                   /* file:line */
	const char *const *providers;        /* NULL-terminated; NULL: any */
	const struct reply_status *statuses; /* ends with n[0] == 0; NULL: any */
	bool has_text, has_with; /* phrases of its own must stand there; and one of a second list */
	uint16_t codes;          /* of reply_code_sets; 0: any */
	uint32_t steps;          /* bit set; 0: any */
	uint8_t needs;           /* reply_need */
	uint8_t class;           /* the same number for the same class; below REPLY_CLASSES_MAX */
	uint16_t finding;        /* finding_entry_at() */
};

/* A phrase that is one piece is found where its piece stands, between edges of words where it asks for them.
 */
enum reply_form {
	REPLY_FORM_ONE_PIECE = 1,
	REPLY_FORM_EDGE_BEFORE = 2,
	REPLY_FORM_EDGE_AFTER = 4,
	REPLY_FORM_IN_SET = 8 /* every place of it counts (reply_chain.h) */
};

/* A phrase once.  It is found by a piece of it, whose beginning stands here: what is asked of most phrases
 * lies in one line of memory. */
enum { REPLY_BEGIN_BYTES = 16 };
struct reply_phrase {
	_Alignas(32) unsigned char begin[REPLY_BEGIN_BYTES]; /* of the piece; NULs behind a shorter one */
	uint32_t text;  /* where the piece begins in reply_texts, which has `*` and blanks as the catalogue */
	uint32_t use;   /* of reply_uses: its other bits */
	uint16_t first; /* a bit that it sets: REPLY_WORD_BITS * word + bit */
	uint8_t more;   /* of reply_uses, behind the first; mostly 0 */
	uint8_t before, len; /* of the piece: bytes before those it is found by, and length */
	uint8_t piece;       /* where in the phrase it begins */
	uint8_t form;        /* reply_form */
};

/* Each phrase has a head: three bytes of it, rare ones that many phrases share.  It stands in the index of
 * what tells most of what is around its head: eight bytes from the head's first on, eight up to its last,
 * five from its first on, or nothing but the head, as of "spf". */
enum { REPLY_HEAD_BYTES = 3, REPLY_HEAD_BITS = 17 };
enum { REPLY_AFTER_BYTES = 8, REPLY_BEFORE_BYTES = 8, REPLY_NEAR_BYTES = 5 };
enum { REPLY_BEFORE_HEAD = REPLY_BEFORE_BYTES - REPLY_HEAD_BYTES };
enum { REPLY_AFTER_BITS = 17, REPLY_BEFORE_BITS = 16, REPLY_NEAR_BITS = 15, REPLY_ONLY_BITS = 12 };
/* The buckets of the indexes, one after the other. */
enum {
	REPLY_AFTER_FIRST = 0,
	REPLY_BEFORE_FIRST = REPLY_AFTER_FIRST + (1 << REPLY_AFTER_BITS),
	REPLY_NEAR_FIRST = REPLY_BEFORE_FIRST + (1 << REPLY_BEFORE_BITS),
	REPLY_ONLY_FIRST = REPLY_NEAR_FIRST + (1 << REPLY_NEAR_BITS),
};

enum { REPLY_MARK_SHIFT = 32 }; /* the bits of a hash that make a mark begin here */

/* Bytes after the text that may be read; they are 0. */
enum { REPLY_PAD = 24 };

enum { REPLY_CLASSES_MAX = 64, REPLY_RULES_MAX = 2048, REPLY_SETS_MAX = 1024 };

extern const struct reply_rule reply_rules[];
extern const unsigned reply_nrules;
extern const unsigned reply_nphrases;
extern const uint64_t reply_with_rules[]; /* a bit for each rule that has_with */

/* What a phrase is to rules, or a word to a set: a bit each in words of 64.  Those of a use stand together,
 * one use after the other. */
enum reply_use { REPLY_USE_TEXT, REPLY_USE_WITH, REPLY_USE_NOT, REPLY_USE_SET };
enum { REPLY_WORD_BITS = 64, REPLY_RULE_WORDS = REPLY_RULES_MAX / REPLY_WORD_BITS };
enum { REPLY_SET_WORDS = REPLY_SETS_MAX / REPLY_WORD_BITS };
enum { REPLY_USE_WORDS = REPLY_USE_SET * REPLY_RULE_WORDS + REPLY_SET_WORDS };

/* Bits to set in so many words at once: how many there are is what a processor guesses wrong.  What is left
 * over sets nothing, each in a word of its own behind the last. */
enum { REPLY_USES_WORDS = 6 };
struct reply_uses {
	_Alignas(64) uint64_t bits[REPLY_USES_WORDS];
	uint16_t words[REPLY_USES_WORDS]; /* of REPLY_USE_WORDS */
};
extern const struct reply_uses reply_uses[];
extern const struct reply_phrase reply_phrases[]; /* in bucket order */
/* Each ends with a NUL; behind the last there are REPLY_PAD bytes.  One text: pointers to each would have to
 * be set right whenever the program starts. */
extern const char reply_texts[];
/* What is asked of a phrase before it is looked at: another part of the hash it is found by, in which most
 * that share a bucket by chance differ; and two of its reply_grams, which must be in the text. */
enum { REPLY_GRAM_BITS = 11 };
struct reply_sign {
	uint32_t mark : 8, one : REPLY_GRAM_BITS, other : REPLY_GRAM_BITS;
};
extern const struct reply_sign reply_signs[]; /* of each phrase, and one more */

/* A bit for each bucket that holds a phrase, how many do before each word of bits, and where in reply_phrases
 * each of those begins.  Small enough to stay near the processor. */
extern const uint64_t reply_buckets_full[];
extern const uint32_t reply_buckets_before[], reply_buckets_first[];
/* A bit for each hash that a head has. */
extern const uint64_t reply_heads[];

/* Rules without texts, in this order: those that ask for a status, by its subject and detail (its second and
 * third number, of which larger ones go with smaller), for a step, for neither, by the code they fit or, for
 * texts without one, those that ask for none; and where each begins.  A rule may stand in several. */
enum { REPLY_SUBJECTS = 9, REPLY_DETAILS = 8, REPLY_STEPS = 18 };
enum reply_bare {
	REPLY_BARE_STATUS,
	REPLY_BARE_STEP = REPLY_SUBJECTS * REPLY_DETAILS,
	REPLY_BARE_NO_CODE = REPLY_BARE_STEP + REPLY_STEPS,
	REPLY_BARE_CODE,
	REPLY_BARE_END = REPLY_BARE_CODE + REPLY_CODES
};

static inline unsigned reply_bare_status(unsigned subject, unsigned detail)
{
	subject = subject < REPLY_SUBJECTS ? subject : REPLY_SUBJECTS - 1;
	return REPLY_BARE_STATUS + subject * REPLY_DETAILS + detail % REPLY_DETAILS;
}
static inline unsigned reply_bare_code(unsigned code)
{
	return code - REPLY_CODE_FIRST < REPLY_CODES ? REPLY_BARE_CODE + code - REPLY_CODE_FIRST
						     : REPLY_BARE_NO_CODE;
}
extern const uint16_t reply_bare_rules[];
extern const uint16_t reply_bare_start[REPLY_BARE_END + 1];

/* The first n bytes, 1 to 8, of eight_at(). */
static inline uint64_t reply_bytes_of(uint64_t bytes, unsigned n)
{
	return bytes & UINT64_MAX >> (64 - 8 * n);
}

static inline uint64_t reply_hash(uint64_t bytes, unsigned n)
{
	return reply_bytes_of(bytes, n) * 0x9e3779b97f4a7c15u;
}

static inline uint32_t reply_bucket(uint64_t hash, unsigned bits)
{
	return (uint32_t)(hash >> (64 - bits));
}

static inline uint8_t reply_mark(uint64_t hash)
{
	return (uint8_t)(hash >> REPLY_MARK_SHIFT);
}

#endif
